// What a reader sees in a report is what a machine reads in it.

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { reportPage } from "../../src/report/html/page.ts";
import type { Report } from "../../src/report/model.ts";
import { runProgram } from "../program.ts";
import { fullReport } from "../report/html/fixture.ts";
import { storyOf, writeStory } from "../report/story.ts";
import { browserTest, DESKTOP, openDetails, openPage, violations } from "./browser.ts";
import type { PageElement } from "./dom.ts";

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
