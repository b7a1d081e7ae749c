// Reports in a real browser: what a reader sees, hears, prints and reaches by keyboard.

import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { reportPage } from "../../src/report/html/page.ts";
import type { Report } from "../../src/report/model.ts";
import {
  at,
  blankReport,
  DAY,
  fullReport,
  hostileReport,
  periodsOf,
  quietReport,
} from "../report/html/fixture.ts";
import { runProgram } from "../program.ts";
import { storyOf, writeStory } from "../report/story.ts";
import { openPage, startBrowser } from "./browser.ts";
import type { PageElement, PageWindow } from "./dom.ts";

const REPORTS: Readonly<Record<string, Report>> = {
  full: fullReport(),
  "by account": fullReport({ by: "user" }),
  year: fullReport({
    to: at(364 * DAY),
    periods: periodsOf(Array.from({ length: 52 }, (_, week) => week), 7 * DAY),
  }),
  quiet: quietReport(),
  blank: blankReport(),
  hostile: hostileReport(),
};

const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  "desktop, light": { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  "desktop, dark": { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  "tablet, light": { viewport: { width: 768, height: 1024 }, colorScheme: "light" },
  "phone, light": { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  "small phone, dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
};

/** The screen of most tests. */
const DESKTOP = SCREENS["desktop, light"]!;

/** A test with a browser of its own, which ends with it. */
function browserTest(name: string, run: (browser: Browser) => Promise<void>): void {
  Deno.test(name, async () => {
    const browser = await startBrowser();
    try {
      await run(browser);
    } finally {
      await browser.close();
    }
  });
}

async function openDetails(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((all: readonly PageElement[]) =>
    all.forEach((each) => each.setAttribute("open", ""))
  );
}

browserTest("a report renders without a complaint, a request or a script, on any screen", async (browser) => {
  for (const [name, report] of Object.entries(REPORTS)) {
    for (const [screen, options] of Object.entries(SCREENS)) {
      const place = `${name}, ${screen}`;
      await using open = await openPage(browser, reportPage(report), options);
      const { page } = open;
      await openDetails(page);
      assert(await page.getByRole("heading", { level: 1 }).isVisible(), place);
      assertEquals([open.complaints, open.requests], [[], []], place);
      const found = await page.evaluate(() => {
        const { document } = globalThis as unknown as PageWindow;
        const { documentElement: { scrollWidth, clientWidth } } = document;
        const names = [...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames());
        return {
          active: document.querySelectorAll("script, img, iframe, object, embed, form, [style]").length,
          handlers: names.filter((name) => name.startsWith("on")),
          tooWide: scrollWidth - clientWidth,
        };
      });
      assertEquals(found, { active: 0, handlers: [], tooWide: 0 }, place);
    }
  }
});

/** Axe takes seconds for a page: the full report is looked at on every screen, the others on the two that differ most. */
browserTest("axe finds nothing, on any screen, closed and open", async (browser) => {
  const extremes = ["desktop, light", "small phone, dark"];
  for (const [name, report] of Object.entries(REPORTS)) {
    for (const [screen, options] of Object.entries(SCREENS)) {
      if (name !== "full" && !extremes.includes(screen)) continue;
      await using open = await openPage(browser, reportPage(report), options);
      if (name === "full") assertEquals(await violations(open.page), [], `${name}, ${screen}`);
      await openDetails(open.page);
      assertEquals(await violations(open.page), [], `${name}, ${screen}, opened`);
    }
  }
});

/** What axe finds, by all of its rules. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}

browserTest("axe finds what is wrong", async (browser) => {
  await using open = await openPage(browser, "<!doctype html><p>a<img src='data:,'>");
  assert((await violations(open.page)).some((found) => found.startsWith("image-alt: ")));
});

/** What a page shows in a table: for each row its name and the exact figures of its cells, by their heads. */
interface ShownRow {
  readonly name: string;
  readonly figures: Readonly<Record<string, number | null>>;
}

/**
 * None where there is no such table.
 * @param caption Of a table, or what names it.
 */
async function shownRows(page: Page, caption: string): Promise<readonly ShownRow[]> {
  const table = page.getByRole("table", { name: caption, exact: true }).first();
  if (await table.count() === 0) return [];
  return await table.evaluate((element: PageElement) => {
    const exact = (cell: PageElement) => {
      const value = cell.querySelector("data")?.value;
      return [cell.dataset["head"]!, value === undefined ? null : Number(value)];
    };
    return [...element.querySelectorAll(":scope > tbody > tr:not(.more)")].map((row) => ({
      name: row.querySelector("th")!.textContent!,
      figures: Object.fromEntries([...row.querySelectorAll(":scope > td[data-head]")].map(exact)),
    }));
  });
}

/** What the page shows has to be what the JSON of the same report has. */
async function assertShows(page: Page, report: Report): Promise<void> {
  const { totals } = report;
  const values = await page.locator(".figures .value data").evaluateAll((all: readonly PageElement[]) =>
    all.map((each) => Number(each.getAttribute("value")))
  );
  assertEquals(values, [totals.kills, totals.would_kill, totals.wasted_ms, totals.distinct]);
  const expected = (isExempt: boolean) =>
    report.rows.filter(({ exempt }) => (exempt !== null) === isExempt)
      .toSorted((a, b) => Number(b.exempt?.expired ?? false) - Number(a.exempt?.expired ?? false))
      .map((row) => ({
        name: row.digest_text,
        figures: {
          Rank: row.ranks.kills,
          Trend: null,
          Kills: row.kills,
          "Dry run": row.would_kill,
          Mean: row.mean_ms,
          Worst: row.worst_ms,
          Wasted: row.wasted_ms,
          Share: row.share,
        },
      }));
  assertEquals(await shownRows(page, "Queries"), expected(false));
  assertEquals(await shownRows(page, "Exempt queries"), expected(true));
  await openDetails(page);
  const bars = await shownRows(page, "Kills by day, times in UTC");
  assertEquals(
    bars.map(({ figures }) => figures),
    report.periods.map(({ kills, would_kill, looks }) => ({
      Kills: looks === 0 ? null : kills,
      "Would-be kills": looks === 0 ? null : would_kill,
      Looks: looks,
    })),
  );
  assertEquals(
    (await shownRows(page, "Lag, history list and kills; times in UTC")).map(({ figures }) => figures),
    report.health.map(({ lag_s, hll, kills }) => ({
      "Most lag": lag_s,
      "Longest history list": hll,
      Kills: kills,
    })),
  );
  assertEquals(
    await shownRows(page, "Open gates"),
    report.gates.map(({ database, policy: _, times, open_ms }) => ({
      name: database,
      figures: { Policy: null, Times: times, "Open for": open_ms },
    })),
  );
  assertEquals(
    (await shownRows(page, "What came of the decisions")).map((
      { name, figures },
    ) => [name, figures["Times"]]),
    Object.entries(totals.outcomes).toSorted((a, b) => b[1] - a[1]),
  );
  const first = report.rows.find(({ exempt }) => exempt === null);
  assertEquals(
    (await shownRows(page, "Who calls it")).map(({ name, figures }) => [name, figures["Kills"]]),
    first!.entry_points.slice(0, 10).map(({ user, kills }) => [user, kills]),
  );
}

browserTest("the figures are those of the JSON", async (browser) => {
  await using open = await openPage(browser, reportPage(fullReport()), DESKTOP);
  await assertShows(open.page, JSON.parse(JSON.stringify(fullReport())));
});

browserTest("what the program writes as HTML shows what it prints as JSON", async (browser) => {
  const folder = await Deno.makeTempDir();
  try {
    const [journal, file] = [`${folder}/story.sqlite`, `${folder}/report.html`];
    writeStory(journal, storyOf(4711));
    const options = ["--journal", journal, "--since", "2024-03-04", "--until", "2024-03-18", "--format"];
    const html = await runProgram(["report", ...options, "html", "--output", file]);
    const json = await runProgram(["report", ...options, "json"]);
    assertEquals([html.code, html.stdout, html.stderr, json.code], [0, "", "", 0]);
    const report: Report = JSON.parse(json.stdout);
    assert(report.rows.length >= 5 && report.health.length > 100, `${report.rows.length} rows`);
    await using open = await openPage(browser, await Deno.readTextFile(file), DESKTOP);
    assertEquals([open.complaints, open.requests], [[], []]);
    await assertShows(open.page, report);
    assertEquals(await violations(open.page), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

browserTest("bars and lines are as high as their figures", async (browser) => {
  const report = fullReport();
  await using open = await openPage(browser, reportPage(report), DESKTOP);
  const heights = await open.page.locator(".plot.few .kills").evaluateAll((all: readonly PageElement[]) =>
    all.map((each) => each.getBoundingClientRect().height)
  );
  const kills = report.periods.filter((period) => period.looks > 0).map((period) => period.kills);
  const perKill = heights[0]! / kills[0]!;
  assertEquals(heights.map((height) => Math.round(height / perKill)), kills);
  const blank = await open.page.locator(".plot.few .area .no-data").count();
  assertEquals(blank, report.periods.filter(({ looks }) => looks === 0).length);
  const strip = await open.page.locator(".pair figure").first().locator("g > .kills").count();
  assertEquals(strip, report.health.filter((point) => point.kills > 0).length);
});

browserTest("a table is a table also where a phone stacks its cells", async (browser) => {
  for (const screen of ["desktop, light", "phone, light"]) {
    await using open = await openPage(browser, reportPage(fullReport()), SCREENS[screen]!);
    const session = await open.page.context().newCDPSession(open.page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const count = (role: string) => nodes.filter((node) => !node.ignored && node.role?.value === role).length;
    const exempt = fullReport().rows.length;
    assert(count("table") >= 6, `${screen}: ${count("table")} tables`);
    assert(count("rowheader") >= exempt + 6, `${screen}: ${count("rowheader")} heads of rows`);
    assert(count("columnheader") >= 18, `${screen}: ${count("columnheader")} heads of columns`);
  }
});

async function hasFocus(locator: Locator): Promise<boolean> {
  return await locator.evaluate((element: PageElement) => {
    const { document } = globalThis as unknown as PageWindow;
    return element === document.activeElement;
  });
}

browserTest("everything is reached by keyboard", async (browser) => {
  await using open = await openPage(browser, reportPage(fullReport()), DESKTOP);
  const { page } = open;
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "To the table" });
  assert(await hasFocus(skip));
  assert(await skip.isVisible());
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const first = page.locator(".queries summary").first();
  assert(await hasFocus(first), "the first row comes next");
  const outline = await first.evaluate((element: PageElement) => {
    const { getComputedStyle } = globalThis as unknown as PageWindow;
    return getComputedStyle(element).outlineStyle;
  });
  assertEquals(outline, "solid");
  await page.keyboard.press("Enter");
  assert(await page.getByText("v2:0000000000000000", { exact: true }).first().isVisible());
});

browserTest("a report is printed light, with its figures, also from a dark screen", async (browser) => {
  await using open = await openPage(browser, reportPage(fullReport()), SCREENS["desktop, dark"]!);
  const { page } = open;
  const background = () =>
    page.evaluate(() => {
      const { document, getComputedStyle } = globalThis as unknown as PageWindow;
      return getComputedStyle(document.documentElement).backgroundColor;
    });
  assertEquals(await background(), "rgb(18, 21, 27)");
  await page.emulateMedia({ media: "print" });
  assertEquals(await background(), "rgb(255, 255, 255)");
  const rows = page.getByRole("table", { name: "Kills by day, times in UTC" }).getByRole("row");
  assert(await rows.last().isVisible(), "the figures of the bars are printed");
  assert(!await page.getByText("To the table").isVisible());
  const pdf = new TextDecoder("latin1").decode(await page.pdf({ format: "A4", printBackground: true }));
  assertEquals(pdf.slice(0, 5), "%PDF-");
  const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert(pages >= 2 && pages <= 8, `${pages} pages`);
});

browserTest("a report is read the same without scripts", async (browser) => {
  const [withScripts, without] = await Promise.all([true, false].map(async (javaScriptEnabled) => {
    await using open = await openPage(browser, reportPage(fullReport()), { ...DESKTOP, javaScriptEnabled });
    return await open.page.innerText("body");
  }));
  assert(withScripts!.length > 2000);
  assertEquals(withScripts, without);
});
