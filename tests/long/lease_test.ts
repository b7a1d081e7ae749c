import { assert, assertEquals } from "@std/assert";
import { isHeld, LONG, twoProgramsUnderLoad } from "../chaos/two_programs.ts";
import { Client } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
} from "../integration/fixture.ts";

const CASES: readonly Case[] = [
  [
    "the second program spares what the first one kills, and acts when that is killed",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      await using first = await startSniper({ rules: LONG, databases: [primary] });
      await isHeld(first);
      await using second = await startSniper({ rules: LONG, databases: [primary] });
      const elsewhere = await second.event("the lease", ({ event }) => event === "lease");
      assertEquals(elsewhere["state"], "elsewhere");
      assert(/^connection \d+ of sniper@/.test(String(elsewhere["holder"])), String(elsewhere["holder"]));
      assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED);
      await first.event("the kill", ({ outcome }) => outcome === "killed");
      assertEquals(second.kills().filter((kill) => kill.startsWith("killed")), []);
      await first.stop("SIGKILL");
      const begun = performance.now();
      await isHeld(second);
      assert(performance.now() - begun < 1000, "within two intervals, and what a busy machine adds");
      assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED);
      await second.event("the kill", ({ outcome }) => outcome === "killed");
    },
  ],

  ["a frozen program loses the lease, and kills nothing when it thaws", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using first = await startSniper({ rules: LONG, databases: [primary] });
    await isHeld(first);
    await using second = await startSniper({ rules: LONG, databases: [primary] });
    await second.event("the lease", ({ state }) => state === "elsewhere");
    const victim = start(client, slowQuery(30));
    first.program.signal("SIGSTOP");
    const killsBefore = first.kills().length;
    if (killsBefore === 0) assertEquals(await victim.error, INTERRUPTED);
    await isHeld(second);
    first.program.signal("SIGCONT");
    const next = start(client, slowQuery(30));
    assertEquals(await next.error, INTERRUPTED);
    await second.event(
      "its kill",
      ({ outcome, session }) => outcome === "killed" && (session as { id: number }).id === next.id,
    );
    await first.event("the lease", ({ state }) => state === "elsewhere");
    assertEquals(first.kills().filter((kill) => kill.startsWith("killed")).length, killsBefore);
  }],

  ["two programs under load: every kill has exactly one author", async ({ primary }) => {
    // tests/chaos/two_programs.ts does it for a minute.
    const { kills, authors } = await twoProgramsUnderLoad(primary, 8000);
    assert(kills > 20, `${kills} kills`);
    assertEquals(authors.toSorted((a, b) => a - b), [0, kills]);
  }],

  ["a dry run does not take the lease, and `lease: off` needs none", async ({ primary }) => {
    await using root = await Client.connect(primary);
    const holder = async () => (await root.query("SELECT IS_USED_LOCK('query-sniper') AS id"))[0]!["id"];
    const cases = [
      { config: { mode: "dry-run", rules: LONG }, outcome: "would-kill" },
      { config: { rules: `${LONG}\nlease: off` }, outcome: "killed" },
    ] as const;
    for (const { config, outcome } of cases) {
      await using app = await appClients(primary, 1);
      await using sniper = await startSniper({ ...config, databases: [primary] });
      const victim = start(app.clients[0]!, slowQuery(60));
      // It has looked and decided by then: a program that takes the lease has it since its first look.
      await sniper.event("what comes of it", (event) => event["outcome"] === outcome);
      assertEquals(await holder(), null);
      if (outcome === "killed") assertEquals(await victim.error, INTERRUPTED);
      else await assertSpared(primary, victim);
      assertEquals(sniper.events().filter(({ event }) => event === "lease"), []);
      assertCleanEnd(await sniper.stop());
    }
  }],
];

await onEachFlavor("The lease", CASES, { alone: true });
