// The status page when there is no news: it looks stale, and is up to date again as soon as there is.

import { assert, assertEquals } from "@std/assert";
import { serveStage, Stage, statement } from "../http/stage.ts";
import { settled, StageClock } from "../http/stage_clock.ts";
import { browserTest, violations } from "./browser.ts";
import { complaintsOf, open, show } from "./status_show.ts";

browserTest(
  "a restart of the service, and news that stop coming, look stale until they come again",
  async (browser) => {
    await using fleet = await show(12);
    await using opened = await open(browser, fleet.url);
    const { page } = opened;
    await fleet.stop();
    await page.locator("body[data-state=stale]").waitFor({ timeout: 5_000 });
    assert((await page.locator("h1").innerText()).startsWith("No news for "));
    assert((await page.locator("#facts").innerText()).startsWith("all below is as of "));
    assertEquals(
      await page.evaluate("getComputedStyle(document.querySelector('main')).filter"),
      "grayscale(1)",
    );
    assertEquals(
      await violations(page).then((found) => found.filter((each) => !each.startsWith("color-contrast"))),
      [],
    );
    fleet.stage.kill(fleet.names[0]!, { statement: statement("SELECT 1 FROM meanwhile") });
    await fleet.start();
    await page.locator("body[data-state=live]").waitFor({ timeout: 5_000 });
    await page.locator('#decisions-list li:has-text("meanwhile")').waitFor();
    assertEquals(complaintsOf(opened), []);
  },
);

browserTest("a page that was asleep is up to date a moment after it wakes", async (browser) => {
  await using fleet = await show(12);
  await using opened = await open(browser, fleet.url);
  const { page } = opened;
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await fleet.stop();
  fleet.stage.kill(fleet.names[0]!, { statement: statement("SELECT 1 FROM asleep") });
  await fleet.stage.clock.sleep(4_000);
  await fleet.start();
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await page.locator('#decisions-list li:has-text("asleep")').waitFor({ timeout: 3_000 });
  await page.locator("body[data-state=live]").waitFor({ timeout: 3_000 });
  assertEquals(complaintsOf(opened), []);
});

browserTest("a connection that is open and says nothing is stale too", async (browser) => {
  const clock = new StageClock(Date.now());
  const stage = new Stage({ names: ["a"], clock });
  stage.connected("a");
  await settled();
  stage.look("a");
  const served = await serveStage(stage);
  try {
    await using opened = await open(browser, served.url);
    const { page } = opened;
    assertEquals(await page.locator("h1").innerText(), "The database is well");
    await page.locator("body[data-state=stale]").waitFor({ timeout: 6_000 });
    // Looks that are not made are told by the service itself.
    await clock.pass(20_000);
    await page.locator("#cards :text('Its last look was')").waitFor({ timeout: 10_000 });
  } finally {
    await served.end();
  }
});
