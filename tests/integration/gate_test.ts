import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, caughtUp, Client, type LabPair } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  INTERRUPTED,
  loggedDuring,
  onEachFlavor,
  slowQuery,
  type Sniper,
  start,
  startSniper,
} from "./fixture.ts";

function rules(when: string, rest = ""): string {
  return `
    limits: { lag: 1s, hll: 2k }
    policies:
      - name: impacted
        when: ${when}${rest}
        where: user = 'app' and time > 300ms
        then: kill query`;
}

const CASES: readonly Case[] = [
  ["a replica whose applier is held up: its long query is killed, the source's is not", async (pair) => {
    const { primary, replica } = pair;
    await using onPrimary = await appClients(primary, 1);
    await using onReplica = await appClients(replica, 1);
    await using sniper = await startSniper({
      rules: rules("lag > limits.lag"),
      databases: [primary, replica],
    });
    const spared = start(onPrimary.clients[0]!, slowQuery(6));
    const healthy = start(onReplica.clients[0]!, slowQuery(1));
    assertEquals(await healthy.error, 0, "spared while the replica is healthy");
    assertEquals(sniper.kills(), []);
    const release = await holdUpApplier(pair);
    const victim = start(onReplica.clients[0]!, slowQuery(30));
    assertEquals(await victim.error, INTERRUPTED);
    const kill = await sniper.event("the kill", ({ event }) => event === "kill");
    assertEquals([kill["database"], kill["policy"], kill["outcome"]], [replica.name, "impacted", "killed"]);
    const [clause] = kill["because"] as readonly { expression: string; right: string }[];
    assertEquals([clause?.expression, clause?.right], ["lag > limits.lag", "1s"]);
    await release();
    await sniper.event("the gate's closing", ({ event, state }) => event === "gate" && state === "closed");
    assertEquals(await spared.error, 0);
    assertEquals(gatesOf(sniper, replica.name), ["open", "closed"]);
    assertEquals(gatesOf(sniper, primary.name), []);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "sessions are looked for seldom while none is old, and who becomes it is killed at that moment",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      await using sniper = await startSniper({
        rules: "policies: [{ name: old, where: user = 'app' and time > 3s, then: kill query }]",
        databases: [primary],
      });
      await sniper.event("the connection", ({ event }) => event === "connected");
      const texts = await loggedDuring(primary, () => systemClock.sleep(2500), { user: "sniper" });
      const ofSessions = texts.filter((text) => / AS execution|QUERY_ID AS |AS event_id/.test(text));
      assert(
        texts.length >= 8 && ofSessions.length <= 3,
        `${ofSessions.length} of ${texts.length} looks read sessions`,
      );
      const begun = performance.now();
      const victim = start(app.clients[0]!, slowQuery(60));
      assertEquals(await victim.error, INTERRUPTED);
      const took = performance.now() - begun;
      assert(took >= 3000 && took < 4500, `before sessions are looked for by their age again: ${took} ms`);
      await sniper.event("the kill", ({ event }) => event === "kill");
      assertEquals(sniper.kills(), [`killed ${victim.id}`]);
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["a growing history list: the long query is killed", async ({ primary }) => {
    await using view = await Client.connect(primary);
    await using writer = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: rules("hll > limits.hll"), databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    await view.query("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    const victim = start(app.clients[0]!, slowQuery(60));
    // Each statement is a transaction of its own, and leaves one entry of history.
    const writing = (async () => {
      for (let stock = 0; stock < 3000; stock++) {
        await writer.query("UPDATE item SET stock = ? WHERE id = ?", [stock, 1 + stock % 5000]);
      }
    })();
    assertEquals(await victim.error, INTERRUPTED);
    await writing;
    const open = await sniper.event("the gate", ({ event, state }) => event === "gate" && state === "open");
    assertEquals((open["because"] as readonly { right: string }[])[0]?.right, "2k");
    await view.query("COMMIT");
    assertCleanEnd(await sniper.stop());
  }],

  ["a replica whose applier is stopped: nobody knows its lag, and nothing is killed", async (pair) => {
    const { replica, flavor } = pair;
    const word = flavor === "mysql" ? "REPLICA" : "SLAVE";
    await using root = await Client.connect(replica);
    await using app = await appClients(replica, 1);
    await root.query(`STOP ${word}`);
    await using sniper = await startSniper({
      rules: rules("lag > limits.lag or lag <= limits.lag"),
      databases: [replica],
    });
    const spared = start(app.clients[0]!, slowQuery(1.5));
    const gate = await sniper.event("the gate", ({ event }) => event === "gate");
    assertEquals(gate["state"], "unknown");
    assertEquals(
      (gate["because"] as readonly { left: string }[])[0]?.left,
      "unknown: replication does not apply",
    );
    assertEquals(await spared.error, 0);
    assertEquals(gatesOf(sniper, replica.name), ["unknown"], "told once");
    assertEquals(sniper.kills(), []);
    await root.query(`START ${word}`);
    await caughtUp(pair);
    assertCleanEnd(await sniper.stop());
  }],

  ["`for`: kills only once the gate has been open that long", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const victim = start(app.clients[0]!, slowQuery(20));
    await systemClock.sleep(500);
    await using sniper = await startSniper({
      rules: rules("threads_connected >= 1", "\n        for: 1s"),
      databases: [primary],
    });
    const opened = await sniper.event("the gate", ({ event }) => event === "gate");
    assertEquals(await victim.error, INTERRUPTED);
    const kill = await sniper.event("the kill", ({ event }) => event === "kill");
    const waited = Date.parse(String(kill["at"])) - Date.parse(String(opened["at"]));
    assertEquals(waited >= 990 && waited < 3000, true, `${waited} ms`);
    assertCleanEnd(await sniper.stop());
  }],

  ["every name of a database can be read with the least privileges", async ({ primary, replica, flavor }) => {
    await using sniper = await startSniper({
      rules: `
        policies:
          - name: known
            where: >-
              not (lag is known and replica is known and replication_running is known and read_only is known
              and hll is known and threads_running is known and threads_connected is known
              and connections_used is known and uptime is known and flavor is known)
            then: log
          - name: role
            when: flavor = '${flavor}' and replica and replication_running and read_only and lag < 1h
            where: always
            then: log
          - name: sessions
            where: id > 0 and user != 'nobody' and host is known and db is known and command is known and state is known
              and (running or idle) and (time is known or idle_time is known) and sql is known and verb is known
            then: log`,
      databases: [primary, replica],
    });
    await using app = await appClients(replica, 1);
    await sniper.event("a session", ({ event, policy }) => event === "match" && policy === "sessions");
    const { id } = app.clients[0]!;
    await sniper.event("ours", ({ session }) => (session as { id?: number } | undefined)?.id === id);
    assertEquals(gatesOf(sniper, replica.name), ["open"]);
    assertEquals(gatesOf(sniper, primary.name), []);
    const known = sniper.events().filter(({ policy, event }) => policy === "known" && event === "match");
    assertEquals(known, []);
    assertCleanEnd(await sniper.stop());
  }],
];

await onEachFlavor("The gate", CASES);

/** Locks a table on the replica and writes to it on the primary. Returns what ends that. */
async function holdUpApplier(pair: LabPair): Promise<() => Promise<void>> {
  const lock = await Client.connect(pair.replica);
  await lock.query("LOCK TABLES test.config READ");
  await using writer = await Client.connect(pair.primary);
  await writer.query("REPLACE INTO test.config VALUES ('held-up', ?)", [String(Date.now())]);
  return async () => {
    await lock.query("UNLOCK TABLES");
    await caughtUp(pair);
    await lock.close();
  };
}

function gatesOf(sniper: Sniper, database: string): readonly unknown[] {
  return sniper.events().filter((event) => event.event === "gate" && event["database"] === database)
    .map(({ state }) => state);
}
