// The page of a group of shards in a real browser: what somebody sees who was called at night.

import { assert, assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { HOSTILE, type Scene, SCENES, serveGroup } from "../http/shards/stage.ts";
import { browserTest, DESKTOP, openAddress, type OpenPage, SCREENS, violations } from "./browser.ts";
import { complaintsOf } from "./status_show.ts";

async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = DESKTOP,
): Promise<OpenPage> {
  const opened = await openAddress(browser, url, options);
  await opened.page.locator("body[data-state=live]").waitFor();
  return opened;
}

async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

/** The first words of each line of the table. */
async function names(page: Page): Promise<readonly string[]> {
  return await page.locator(".shards tbody th").allInnerTexts().then((all) =>
    all.map((text) => text.replaceAll(/\s+/g, " ").trim())
  );
}

browserTest(
  "in every state, on every screen, axe finds nothing, and nobody else is asked",
  async (browser) => {
    await using group = await serveGroup("well");
    for (const [screen, options] of Object.entries(SCREENS)) {
      await using opened = await openAddress(browser, group.url, options);
      const { page } = opened;
      for (const scene of Object.keys(SCENES) as Scene[]) {
        group.become(scene);
        // Another version would load the page anew: it is opened so.
        if (scene === "hostile") await page.reload();
        await page.reload();
        await page.locator("body[data-state=live]").waitFor();
        assertEquals(await overflow(page), 0, `${screen}: ${scene}`);
        if (!screen.startsWith("tablet")) {
          assertEquals(await violations(page), [], `${screen}: ${scene}`);
        }
      }
      assertEquals(opened.complaints, [], screen);
      assertEquals(opened.requests.filter((request) => !request.startsWith(group.url)), [], screen);
    }
  },
);

browserTest(
  "hot shards come first, with why; what is unknown says so, and a table has all of it",
  async (browser) => {
    await using group = await serveGroup("hot");
    await using opened = await open(browser, group.url);
    const { page } = opened;
    assertEquals(await page.locator("h1").innerText(), "2 of 4 shards hot");
    assertEquals(await page.title(), "(2 hot) Query Sniper: shards");
    assertEquals(await names(page), ["shard-2 hot", "shard-3 hot", "shard-1 unknown", "shard-4 unknown"]);
    const lines = await page.locator(".shards .gate.enforce").allInnerTexts();
    assert(lines[0]!.includes("rows 120400 > 100k; no split now: one key has most"), lines[0]);
    const cells = await page.locator(".shards tbody tr", { hasText: "shard-1" }).locator("td")
      .allInnerTexts();
    assertEquals(cells, ["256", "81.2k", "unknown", "unknown", "unknown", "813", "41"]);
    await page.locator(".shards .reason", { hasText: "cpu, memory, disk unknown: there is no source" })
      .waitFor();
    const label = await page.locator(".strip").getAttribute("aria-label");
    assertEquals(
      label,
      "The 1024 slots by shard: shard-1 256, shard-2 256, shard-3 256, shard-4 256",
    );
    assertEquals(await page.locator("#paused").isVisible(), false);
  },
);

browserTest(
  "a move shows its step and its slots, and why it rests; changes come without a reload",
  async (browser) => {
    await using group = await serveGroup("moving");
    await using opened = await open(browser, group.url);
    const { page } = opened;
    assertEquals(await page.locator("h1").innerText(), "1 of 5 shards hot; 1 move under way");
    const move = page.locator(".work", { hasText: "Move 9: shard-2 → shard-5" });
    assertEquals(await move.locator("[aria-current=step]").innerText(), "copy");
    assert((await move.innerText()).includes("141 slots (256-359, 402, 405, 408 and 34 ranges more)"));
    assert((await move.innerText()).includes("21.8k rows copied"));
    assertEquals(
      await page.locator(".strip title", { hasText: "shard-2 → shard-5: slots 256 to 359" }).count(),
      1,
    );
    const past = await page.locator(".past li").allInnerTexts();
    assertEquals(past.map((text) => text.split(" ").slice(1, 4).join(" ")), [
      ...["aborted move 8:", "done change 3:", "done move 7:"],
    ]);
    await move.evaluate((there: { marked?: boolean }) => void (there.marked = true));
    group.become("resting");
    await page.locator(".work.rests .waits", { hasText: "Paused: lag of shard-2 is 12s" }).waitFor();
    // It was made another one, and not made anew: what is selected or focused stays.
    assertEquals(await move.evaluate((there: { marked?: boolean }) => there.marked), true);
    assertEquals(await page.locator("h1").innerText(), "All 5 shards well; 1 move paused");
    assertEquals(await names(page).then((all) => all[1]), "shard-2 well, moving");
  },
);

browserTest("a pause, a dry run and a standby look like what they are", async (browser) => {
  await using group = await serveGroup("paused");
  await using opened = await open(browser, group.url);
  const { page } = opened;
  const banner = page.locator("#paused");
  assertEquals(
    await banner.innerText(),
    "Changes are paused: “the disks of rack 4 are replaced” (remove the pause file to go on)",
  );
  group.become("dry-run");
  await banner.locator("text=Dry run: nothing is changed, whatever the policies decide").waitFor();
  assertEquals(await names(page).then((all) => all[0]), "shard-2 hot (dry run)");
  assertEquals(
    await page.evaluate("getComputedStyle(document.querySelector('.shards .verdict')).borderTopStyle"),
    "dashed",
  );
  group.become("standby");
  await page.locator("#facts", { hasText: "standby, this coordinator changes nothing: another" }).waitFor();
  assertEquals(await banner.isVisible(), false);
  group.become("disagreeing");
  await page.locator("h1", { hasText: "The map and the shards disagree: shard-2 owns 255 slots" }).waitFor();
});

browserTest("what the coordinator cannot read any more is old, and says since when", async (browser) => {
  await using group = await serveGroup("old");
  await using opened = await open(browser, group.url, { ...DESKTOP, timezoneId: "UTC" });
  const { page } = opened;
  assertEquals(
    await page.locator("#looks-note").innerText(),
    "Values and gates of 03:10:58, 1m 35s old: Connection refused (10.0.0.1:3306)",
  );
  assert((await page.locator("#metadata-note").innerText()).startsWith(
    "Slots, moves and changes of 03:11:00, 1m 33s old: the map cannot be read from shard-1",
  ));
  assertEquals(await names(page).then((all) => all[0]), "shard-1 was well");
});

browserTest("a coordinator that is gone leaves a page that looks stale until it is back", async (browser) => {
  await using group = await serveGroup("well");
  await using opened = await open(browser, group.url);
  const { page } = opened;
  await group.stop();
  await page.locator("body[data-state=stale]").waitFor({ timeout: 8_000 });
  assert((await page.locator("h1").innerText()).startsWith("No news for "));
  assert((await page.locator("#facts").innerText()).startsWith("all below is as of "));
  assertEquals(await page.title(), "? Query Sniper: shards");
  group.become("hot");
  await group.start();
  await page.locator("body[data-state=live]").waitFor({ timeout: 8_000 });
  await page.locator("h1", { hasText: "2 of 4 shards hot" }).waitFor();
  assertEquals(complaintsOf(opened), []);
});

browserTest("names and reasons of others are text, and what cannot be seen is escaped", async (browser) => {
  await using group = await serveGroup("hostile");
  await using opened = await open(browser, group.url);
  const { page } = opened;
  assertEquals(await page.locator("img").count(), 0);
  const text = await page.locator("body").innerText();
  assert(text.includes(HOSTILE.replace("\u202e", "\\u202e")));
  assertEquals(text.includes("\u202e"), false);
  const markup = await page.locator("body").innerHTML();
  assertEquals(markup.includes("\u202e"), false);
  assertEquals(opened.complaints, []);
});

browserTest("a login gives the page, by keyboard alone, and a link leads past its top", async (browser) => {
  await using group = await serveGroup("well", { tokens: ["0123456789abcdef", "fedcba9876543210"] });
  await using opened = await openAddress(browser, group.url, DESKTOP);
  const { page } = opened;
  await page.waitForURL("**/login");
  await page.keyboard.type("fedcba9876543210");
  await page.keyboard.press("Enter");
  await page.locator("body[data-state=live]").waitFor();
  await page.keyboard.press("Tab");
  assertEquals(await page.evaluate("document.activeElement.textContent"), "To the shards");
  await page.keyboard.press("Enter");
  assertEquals(await page.evaluate("document.activeElement.id"), "shards");
});
