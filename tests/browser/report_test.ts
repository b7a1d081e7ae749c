// Reports in a real browser: what a reader sees, hears, prints and reaches by keyboard.

import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
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
import { browserTest, DESKTOP, openDetails, openPage, SCREENS, violations } from "./browser.ts";
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

browserTest("axe finds what is wrong", async (browser) => {
  await using open = await openPage(browser, "<!doctype html><p>a<img src='data:,'>");
  assert((await violations(open.page)).some((found) => found.startsWith("image-alt: ")));
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
