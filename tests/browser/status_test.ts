// The status page in a real browser: what somebody sees, hears and reaches by keyboard while a fleet is in trouble.

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { fleetNames, serveStage, Stage, statement } from "../http/stage.ts";
import { settled } from "../http/stage_clock.ts";
import { waitFor } from "../lab/wait_for.ts";
import type { ListedPause } from "../../src/watch/mod.ts";
import { browserTest, DESKTOP, openAddress, openDetails, SCREENS, violations } from "./browser.ts";
import { complaintsOf, open, show } from "./status_show.ts";

/** How far a page could be scrolled sideways. */
async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

browserTest(
  "the page has no complaint, asks nobody else, and axe finds nothing, on any screen",
  async (browser) => {
    await using fleet = await show(40);
    for (const [screen, options] of Object.entries(SCREENS)) {
      await using opened = await open(browser, fleet.url, options);
      const { page } = opened;
      assertEquals(await page.locator("h1").textContent(), "3 of 40 databases hurt", screen);
      assertEquals(await overflow(page), 0, screen);
      if (screen !== "tablet, light" && screen !== "phone, light") {
        assertEquals(await violations(page), [], screen);
        await openDetails(page);
        await page.locator("#pause").click();
        await page.locator("dialog[open]").waitFor();
        assertEquals(await violations(page), [], `${screen}, opened`);
        assertEquals(await overflow(page), 0, `${screen}, opened`);
      }
      assertEquals(opened.complaints, [], screen);
      assertEquals(opened.requests.filter((request) => !request.startsWith(fleet.url)), [], screen);
    }
  },
);

browserTest("what is hurt comes first, with why, and a dry run looks like one", async (browser) => {
  await using fleet = await show(12);
  await using opened = await open(browser, fleet.url);
  const { page } = opened;
  const cards = await page.locator(".card").evaluateAll((all: readonly { innerText: string }[]) =>
    all.map(({ innerText }) => innerText.split("\n").slice(0, 3).join(" "))
  );
  assertEquals(cards.map((text) => text.split(" ").slice(0, 3).join(" ")), [
    "billing-primary hurt armed",
    "orders-replica-2 hurt armed",
    "dry-reporting-replica hurt dry",
    "stock-primary unreachable Pause…",
    "orders-replica-1 recovering armed",
  ]);
  const facts = await page.locator("#facts").innerText();
  for (
    const fact of ["2 armed gates open", "1 dry-run gate open", "1 survived", "last look", "lease: here"]
  ) {
    assert(facts.includes(fact), facts);
  }
  assertEquals(
    await page.locator(".card .reach").innerText(),
    await page.locator(".card .reach").textContent(),
  );
  assert(
    (await page.locator(".card", { hasText: "stock-primary" }).innerText()).includes("Connection refused"),
  );
  assertEquals(await page.locator("#others > summary").innerText(), "7 well");
  await page.locator("#others > summary").click();
  await page.locator("#others tbody tr").nth(6).waitFor();
  await page.locator("#filter").fill("SHOP-001");
  await page.locator("#others tbody tr").nth(1).waitFor({ state: "detached" });
  assertEquals(await page.locator("#others tbody th").allInnerTexts(), ["shop-001-replica"]);
  assertEquals(await page.locator(".card").count(), 0);
});

browserTest("a kill is seen within a second of it", async (browser) => {
  await using fleet = await show(20);
  await using opened = await open(browser, fleet.url);
  const { page } = opened;
  const took: number[] = [];
  for (let n = 0; n < 5; n++) {
    await fleet.stage.clock.sleep(150 + n * 130);
    const seen = page.locator(`#decisions-list li:has-text("seen_${n}")`).waitFor({ timeout: 5_000 });
    const begun = performance.now();
    fleet.stage.kill(fleet.names[0]!, { statement: statement(`SELECT 1 FROM seen_${n}`) });
    await seen;
    took.push(performance.now() - begun);
  }
  assert(Math.max(...took) < 1_000, took.join(", "));
  // And what it is for: the count in the sentence.
  await page.locator("#facts:has-text('15 kills')").waitFor({ timeout: 2_000 });
});

browserTest(
  "300 hurt databases are drawn from the top, in frames that leave room for a reader",
  async (browser) => {
    const names = fleetNames(300).map((name) => name.replace("dry-", ""));
    const stage = new Stage({ names });
    for (const name of names) stage.connected(name);
    for (let ago = 880_000; ago >= 0; ago -= 5_000) {
      for (const name of names) stage.look(name, { lag: 42_000 + ago / 100, at: Date.now() - ago });
    }
    const served = await serveStage(stage);
    try {
      const page = await browser.newPage(DESKTOP);
      // How many lines there are after each frame, and whether they are those of the first cards.
      await page.addInitScript(`globalThis.frames = [];
      const count = () => {
        const lines = [...document.querySelectorAll(".card .line")];
        const done = lines.findIndex((line) => !line.hasAttribute("d"));
        const drawn = lines.filter((line) => line.hasAttribute("d")).length;
        frames.push({ cards: document.querySelectorAll(".card").length, drawn, first: done < 0 ? lines.length : done });
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);`);
      await page.goto(served.url);
      type Frame = { readonly cards: number; readonly drawn: number; readonly first: number };
      const frames = await waitFor("300 lines", async () => {
        const all = await page.evaluate<readonly Frame[]>("frames");
        return all.some(({ drawn }) => drawn >= 300) ? all : undefined;
      });
      const shown = frames.filter(({ cards }) => cards > 0);
      assertEquals(shown[0]?.cards, 300);
      assert(shown.filter(({ drawn }) => drawn > 0 && drawn < 300).length > 1, JSON.stringify(shown));
      assertEquals(shown.filter(({ drawn, first }) => drawn !== first), []);
    } finally {
      await served.end();
    }
  },
);

/** What would do something where a text was taken for markup, or hide what is beside it. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "<script>document.title='owned'</script>",
  `"><svg/onload=alert(1)>`,
  "javascript:alert(1)//",
  "{{7*7}}${7*7}",
  "\u202Egnp.exe",
  "a\u0000b\u2028c",
];

browserTest("texts of clients do nothing", async (browser) => {
  const names = HOSTILE.map((text, n) => `${n}${text}`);
  const stage = new Stage({ names });
  for (const name of names) stage.connected(name);
  await settled();
  const served = await serveStage(stage);
  const timer = setInterval(() => {
    for (const [n, name] of names.entries()) {
      stage.look(name, { lag: 42_000, hold: { reason: "paused", note: HOSTILE[n]! } });
    }
  }, 500);
  try {
    for (const text of HOSTILE) {
      stage.kill(`0${HOSTILE[0]}`, {
        policy: text,
        note: text,
        because: [{ expression: text, left: text, right: text }],
        session: { id: 1, user: text, host: text, db: text, program: text, command: text, time_ms: 1 },
        statement: statement(`SELECT \`${text}\` FROM \`${text}\``),
      });
      stage.stream.emit({ event: "unreachable", database: `1${HOSTILE[1]}`, reason: text, advice: text });
      stage.stream.emit({ event: "lease", database: `2${HOSTILE[2]}`, state: "elsewhere", holder: text });
    }
    await settled();
    await using opened = await open(browser, served.url);
    const { page } = opened;
    await page.locator(".card").nth(HOSTILE.length - 1).waitFor();
    await openDetails(page);
    await page.locator("#pause").click();
    await stage.clock.sleep(1_500);
    const found = await page.evaluate<unknown>(`({
      active: document.querySelectorAll("main img, main script, main iframe, main svg svg, dialog img").length,
      handlers: [...document.querySelectorAll("*")].flatMap((each) => each.getAttributeNames()).filter((name) => name.startsWith("on")),
      hidden: /[\\u202e\\u0000\\u2028]/.test(document.body.innerText + document.querySelector("dialog").innerText),
      title: document.title.includes("owned"),
      shown: document.body.textContent.includes("<img src=x onerror=alert(1)>"),
    })`);
    assertEquals(found, { active: 0, handlers: [], hidden: false, title: false, shown: true });
    assertEquals(opened.complaints, []);
  } finally {
    clearInterval(timer);
    await served.end();
  }
});

browserTest("kills are paused and resumed by keyboard alone, and a refusal is told", async (browser) => {
  const folder = `${await Deno.makeTempDir()}/later`;
  await using fleet = await show(12, { folder });
  const paused = async () => (await fleet.stage.context.pauses().state()).listed;
  await using opened = await open(browser, fleet.url);
  const { page } = opened;
  const { keyboard } = page;
  // The link that skips what is above, then the most urgent button.
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  assertEquals(await page.evaluate<unknown>("document.activeElement.id"), "pause");
  const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
  assertEquals(outline, "solid");
  await keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  assertEquals(await page.evaluate<unknown>("document.activeElement.id"), "pause-reason");
  await keyboard.press("Enter");
  assertEquals(await paused(), [], "a pause needs a reason");
  await keyboard.type("refused");
  await keyboard.press("Enter");
  await page.locator("#pause-error:has-text('The list of pauses cannot be changed')").waitFor();
  await Deno.mkdir(folder);
  await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowDown");
  await keyboard.press("Shift+Tab");
  await keyboard.type("billing");
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await keyboard.press("Control+A");
  await keyboard.type("restore of a table");
  await keyboard.press("Tab");
  await keyboard.type("anna");
  await keyboard.press("Enter");
  await page.locator(
    "#paused:has-text('on billing-primary: “restore of a table”, by anna (127.0.0.1), until')",
  )
    .waitFor();
  const [{ at, until = 0, ...pause }] = await paused() as [ListedPause];
  assertEquals([pause, until - at], [
    { database: "billing-primary", reason: "restore of a table", by: "anna (127.0.0.1)" },
    3_600_000,
  ]);
  assertEquals(await page.locator("dialog[open]").count(), 0);
  assertEquals(await page.evaluate<unknown>("document.activeElement.id"), "pause");
  await page.locator(".card", { hasText: "billing-primary" }).locator(".hold").waitFor();
  await keyboard.press("Tab");
  assertEquals(await page.evaluate<unknown>("document.activeElement.id"), "resume");
  await keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  await keyboard.press("Enter");
  await page.locator("#paused").waitFor({ state: "hidden" });
  assertEquals(await page.evaluate<unknown>("document.activeElement.id"), "pause");
  assertEquals(await paused(), []);
  await keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  await keyboard.press("Escape");
  assertEquals(await page.locator("dialog[open]").count(), 0);
  assertEquals(complaintsOf(opened).filter((text) => !text.includes("503 (Service Unavailable)")), []);
});

browserTest("the figures of a drawing are in a table, and in its name", async (browser) => {
  await using fleet = await show(12);
  await using opened = await open(browser, fleet.url);
  const card = opened.page.locator(".card", { hasText: "orders-replica-2" });
  const name = await card.locator(".lag svg").getAttribute("aria-label");
  assert(
    /^Lag in the last 15 minutes: now 1m.*, most 1m.*, limit 30s, 10 kills, 0 survived$/.test(name ?? ""),
    name ?? "",
  );
  await card.locator(".figures summary").click();
  assertEquals(await card.locator("thead th").allInnerTexts(), ["Minute", "Most lag", "Longest history"]);
  assertEquals(await card.locator("tbody tr").count(), 15);
  const cells = await card.locator("tbody tr").first().locator("td").allInnerTexts();
  assert(cells[0]!.startsWith("1m") || cells[0]!.startsWith("5"), cells.join());
});

browserTest("who is not logged in is asked for the token, also when it changes", async (browser) => {
  const token = "0123456789abcdef0123456789abcdef";
  await using fleet = await show(5, { token });
  await using opened = await openAddress(browser, fleet.url, DESKTOP);
  const { page } = opened;
  await page.waitForURL("**/login");
  assertEquals(await violations(page), []);
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.locator("#login-error:has-text('This is not the token')").waitFor();
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
  await page.locator("body[data-state=live]").waitFor();
  await page.context().clearCookies();
  fleet.stage.context.streams.end();
  await page.waitForURL("**/login");
  assertEquals(opened.complaints.filter((text) => !text.includes("401 (Unauthorized)")), []);
});
