import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { requireFlavors, startPair } from "../lab/mod.ts";
import type { LoggedEvent } from "../program.ts";
import { appClients, runOnce, slowQuery, start } from "./fixture.ts";

/** Settings of a server under which it tells executions apart by their text only, or shows more than by default. */
const SETTINGS = {
  mysql: ["--performance-schema=OFF", "--performance-schema-consumer-events-statements-current=OFF"],
  mariadb: ["--performance-schema=ON"],
} as const;

for (const flavor of await requireFlavors()) {
  for (const setting of SETTINGS[flavor]) {
    Deno.test(`The program on ${flavor} with ${setting}`, async () => {
      await using pair = await startPair(flavor, { serverArguments: [setting], alone: true });
      await using app = await appClients(pair.primary, 1);
      const running = start(app.clients[0]!, slowQuery(60));
      await systemClock.sleep(2100);
      const { code, stdout } = await runOnce({
        rules:
          "policies: [{ name: p, when: lag = 0s and hll is known, where: time > 500ms, then: kill query }]",
        databases: [pair.primary],
      });
      const events = stdout.trim().split("\n").map((line) => JSON.parse(line) as LoggedEvent);
      const told = events.filter(({ event }) => event === "privilege").map(({ need, missing }) =>
        `${need}: ${missing}`
      );
      if (flavor === "mariadb") {
        assertEquals([code, told, await running.error], [0, [], 1317]);
      } else {
        const missing = "identity: the statement instrumentation of the performance schema";
        assertEquals([code, told, await running.error], [0, [missing], 1317]);
      }
    });
  }
}
