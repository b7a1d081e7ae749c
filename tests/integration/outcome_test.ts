import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  INTERRUPTED,
  onEachFlavor,
  slowQuery,
  type Sniper,
  start,
  startSniper,
} from "./fixture.ts";

const LONG = (more = "") =>
  `budget: { kills: 500, per: 1m }\n` +
  `policies: [{ name: long, where: "user = 'app' and time > 200ms", then: kill query, rollback: any${more} }]`;

/** What was not to be read at that moment was not tried, and is selected again. */
function outcomes(sniper: Sniper): readonly unknown[] {
  return sniper.events().filter(({ event, reason }) => event === "kill" && reason !== "stale")
    .map(({ outcome }) => outcome);
}

const CASES: readonly Case[] = [
  // KILL QUERY may be lost on it (9.7.4): then it survives, and that is told. MariaDB's CALLs are tried in traps_test.ts.
  ["a CALL of very short statements is never told to have ended by itself", async ({ primary }) => {
    await using root = await Client.connect(primary, undefined, { database: "test" });
    await root.query("GRANT EXECUTE ON test.* TO app@'%'");
    await root.query("DROP PROCEDURE IF EXISTS spin");
    await root.query(
      "CREATE PROCEDURE spin() BEGIN DECLARE i INT DEFAULT 0; " +
        "WHILE i < 2000000000 DO SET i = i + 1; SET @a = i; END WHILE; END",
    );
    await using sniper = await startSniper({
      rules: LONG(", escalate: 1s"),
      databases: [primary],
    });
    await sniper.event("the lease", ({ event }) => event === "lease");
    const expected: string[] = [];
    for (let round = 0; round < 8; round++) {
      await using app = await appClients(primary, 1);
      const error = await start(app.clients[0]!, "CALL spin()").error;
      expected.push(...error === INTERRUPTED ? ["killed"] : ["survived", "killed"]);
      await sniper.event("the outcome", () => outcomes(sniper).length >= expected.length);
    }
    assertEquals(outcomes(sniper), expected, sniper.program.lines.join("\n"));
    assertCleanEnd(await sniper.stop());
  }, "mysql"],

  // MariaDB shows no error of what has ended: whatever ends after an accepted kill counts as killed there.
  [
    "killed is told of what its client saw interrupted, and gone of what ended by itself",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      await using sniper = await startSniper({ rules: LONG(), databases: [primary] });
      await sniper.event("the lease", ({ event }) => event === "lease");
      let interrupted = 0;
      for (let round = 0; round < 60; round++) {
        // Some end before the limit, some after it, most close to the kill.
        const error = await start(client, slowQuery(0.19 + Math.random() * 0.06)).error;
        assert(error === 0 || error === INTERRUPTED, String(error));
        if (error === INTERRUPTED) interrupted++;
      }
      await systemClock.sleep(500);
      const killed = outcomes(sniper).filter((outcome) => outcome === "killed").length;
      // A SLEEP() that comes last just returns, as if it had ended by itself at that very moment.
      const quiet = killed - interrupted;
      assert(quiet >= 0 && quiet <= 3, `${interrupted} interrupted: ${JSON.stringify(outcomes(sniper))}`);
      assert(interrupted > 0, "nobody was killed");
      assertCleanEnd(await sniper.stop());
    },
    "mysql",
  ],
];

await onEachFlavor("An outcome", CASES, { alone: true });
