// The status page of the real program, over a real server: a kill is seen, and a restart survived.

import { assert, assertEquals } from "@std/assert";
import {
  appClients,
  assertCleanEnd,
  INTERRUPTED,
  onEachFlavor,
  slowQuery,
  start,
  writeConfig,
} from "../integration/fixture.ts";
import { type RunningProgram, startProgram } from "../program.ts";
import { DESKTOP, openAddress, startBrowser } from "./browser.ts";

const rules = (port: number) => `
listen: 127.0.0.1:${port}
policies:
  - name: long
    where: running and verb = 'select' and user = 'app' and time > 300ms
    then: kill query
budget: { kills: 1000, per: 1m }
`;

async function addressOf(program: RunningProgram): Promise<string> {
  const { address } = await program.event(
    "an address",
    ({ event, state }) => event === "http" && state === "listening",
  );
  return String(address);
}

await onEachFlavor("the status page", [
  ["a kill is seen within a second of it, and again after a restart of the program", async ({ primary }) => {
    await using config = await writeConfig({ rules: rules(0), databases: [primary] });
    await using app = await appClients(primary, 2);
    const run = () => startProgram(["run", "-c", config.file, "--log-format", "json"]);
    const browser = await startBrowser();
    try {
      const first = run();
      await using _first = first;
      const address = await addressOf(first);
      await using opened = await openAddress(browser, `http://${address}/`, DESKTOP);
      const { page } = opened;
      await page.locator("h1:has-text('The database is well')").waitFor();
      const kill = async (client: number) => {
        const { error } = start(app.clients[client]!, slowQuery(20));
        const seen = page.locator("#decisions-list li:has-text('killed')").waitFor().then(() =>
          performance.now()
        );
        assertEquals(await error, INTERRUPTED);
        const killed = performance.now();
        return await seen - killed;
      };
      const took = await kill(0);
      assert(took < 1_000, `${took} ms`);
      const line = await page.locator("#decisions-list li").first().innerText();
      assert(line.includes(primary.name) && line.includes("long, because"), line);
      assertCleanEnd(await first.stop());
      await page.locator("body[data-state=stale]").waitFor({ timeout: 6_000 });

      await Deno.writeTextFile(
        config.file,
        (await Deno.readTextFile(config.file)).replace("listen: 127.0.0.1:0", `listen: ${address}`),
      );
      const second = run();
      await using _second = second;
      await page.locator("body[data-state=live]").waitFor({ timeout: 10_000 });
      assertEquals(await page.locator("#decisions-list li:has-text('killed')").count(), 0);
      await second.event("the connection", ({ event }) => event === "connected");
      const again = await kill(1);
      assert(again < 1_000, `${again} ms`);
      assertEquals(opened.complaints.filter((text) => !text.includes("net::ERR_")), []);
      assertCleanEnd(await second.stop());
    } finally {
      await browser.close();
    }
  }],
], { alone: true });
