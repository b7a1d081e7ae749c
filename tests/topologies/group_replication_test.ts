import { assert, assertEquals, assertMatch } from "@std/assert";
import { isUnknown } from "../../src/language/mod.ts";
import { Client, type LabCluster, type LabServer, requireFlavors, startGroup, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import {
  appClients,
  slowQuery,
  type Sniper,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";
import { pause } from "../integration/lag_observer.ts";
import { lagOf } from "./lag_of.ts";

/** Longer than two of the heartbeats that the group's channel is said to have, and never gets, in milliseconds. */
const LONG = 62_000;

const LAG = `policies: [{ name: late, when: lag > 3s, where: "user = 'nobody'", then: kill query }]`;

/** The states of a database's gate so far. */
function gates(sniper: Sniper, { name }: LabServer): readonly string[] {
  return sniper.events().filter(({ event, database }) => event === "gate" && database === name)
    .map(({ state }) => String(state));
}

/** The states that members of the group see each other in. */
async function members(server: LabServer): Promise<readonly string[]> {
  await using root = await Client.connect(server);
  const rows = await root.query(
    "SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members",
  );
  return rows.map(({ state }) => String(state));
}

async function idleAndBlocked({ servers }: LabCluster): Promise<void> {
  const [primary, blocked, idle] = servers as readonly [LabServer, LabServer, LabServer];
  await using root = await Client.connect(primary);
  await using locker = await Client.connect(blocked);
  await using sniper = await startSniper({ rules: LAG, databases: servers });
  await locker.query("LOCK TABLES test.item READ");
  await root.query("UPDATE test.item SET stock = stock + 1 WHERE id = 1");
  const committed = performance.now();
  await sniper.event(
    "the lag",
    ({ event, database, state }) => event === "gate" && database === blocked.name && state === "open",
  );
  await pause(LONG);
  const truth = performance.now() - committed;
  const { lag, lag_fetch, lag_apply } = await lagOf(blocked);
  assert(typeof lag === "number" && Math.abs(lag - truth) < 2000, `${JSON.stringify(lag)} of ${truth}`);
  assertEquals([lag_fetch, lag_apply], [0, lag]);
  for (const server of [primary, idle]) {
    const { lag, lag_fetch, lag_apply } = await lagOf(server);
    assertEquals([lag, lag_fetch, lag_apply], [0, 0, 0], server.name);
  }
  await locker.query("UNLOCK TABLES");
  await sniper.event("the end of the lag", ({ state }) => state === "closed");
  assertEquals(servers.map((server) => gates(sniper, server)), [[], ["open", "closed"], []], "never unknown");
}

async function checked({ servers }: LabCluster): Promise<void> {
  await using config = await writeConfig({ rules: LAG, databases: servers });
  const { code, stdout } = await runProgram(["check", "-c", config.file, "--format", "json"]);
  assertEquals(code, 0, stdout);
  const [first, second, third] = servers.map(({ port }) => `127.0.0.1:${port}`);
  const [primary, ...others] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(primary.role, "writable");
  assertEquals([second, third].toSorted().join(", "), primary.sources[0].replace("group: ", ""));
  assertEquals(others.map(({ role }) => role), ["replica", "replica"]);
  for (const { sources } of others) {
    assertMatch(sources[0], new RegExp(`^group: ${first}, `), "the primary first");
  }
}

async function onlyClients({ servers }: LabCluster): Promise<void> {
  const [primary, secondary] = servers as readonly [LabServer, LabServer];
  for (const server of [primary, secondary]) {
    await using apps = await appClients(server, 2);
    const ids = apps.clients.map(({ id }) => id);
    await using sniper = await startSniper({
      rules: "policies: [{ name: all, where: running or idle, then: kill connection, rollback: any }]\n" +
        "protect: [\"user = 'root'\"]",
      databases: [server],
    });
    const slow = start(apps.clients[0]!, slowQuery(60));
    assertEquals(await slow.error, -1);
    await waitFor("both clients to be ended", () => Promise.resolve(sniper.kills().length >= 2));
    await pause(1000);
    assertEquals(
      sniper.kills().filter((kill) => !kill.startsWith("protected")).toSorted(),
      [
        ...ids.map((id) => `killed ${id}`),
      ].toSorted(),
    );
  }
  assertEquals(await members(primary), ["ONLINE", "ONLINE", "ONLINE"]);
}

/** Two members that stand still are a majority: what is committed on the third waits for them. */
async function commitWaits({ servers }: LabCluster): Promise<void> {
  const [primary, ...others] = servers as readonly [LabServer, LabServer, LabServer];
  await using apps = await appClients(primary, 3);
  const [implicit, explicit, reader] = apps.clients;
  await explicit!.query("START TRANSACTION");
  await explicit!.query("UPDATE item SET stock = stock + 1 WHERE id = 2");
  await using sniper = await startSniper({
    rules: "policies: [{ name: long, where: \"user = 'app' and time > 300ms\", then: kill connection, " +
      "rollback: any }]",
    databases: [primary],
  });
  await sniper.event("the first look", ({ event }) => event === "connected");
  for (const member of others) member.pause();
  const writes = [
    start(implicit!, "UPDATE item SET stock = stock + 1 WHERE id = 3"),
    start(explicit!, "COMMIT"),
  ];
  try {
    assertEquals(await start(reader!, slowQuery(60)).error, -1, "others are ended meanwhile");
    await pause(1500);
    assertEquals(sniper.kills(), [`killed ${reader!.id}`]);
  } finally {
    for (const member of others) member.resume();
  }
  assertEquals(await Promise.all(writes.map(({ error }) => error)), [0, 0]);
  await waitFor(
    "the group to be whole again",
    async () => (await members(primary)).every((state) => state === "ONLINE"),
    { timeoutMs: 30_000 },
  );
}

/** A member that is cut off does not know what the others do. */
async function withoutMajority({ servers }: LabCluster): Promise<void> {
  const [primary, ...others] = servers as readonly [LabServer, LabServer, LabServer];
  await Promise.all(others.map((member) => member.kill()));
  const lag = await waitFor("the others to be missed", async () => {
    const { lag } = await lagOf(primary);
    return isUnknown(lag) && lag;
  }, { timeoutMs: 30_000 });
  assertMatch(lag.unknown, /^the group has no majority here: 2 of 3 members are unreachable$/);
}

const hasMysql = (await requireFlavors()).includes("mysql");

if (hasMysql) {
  Deno.test("a group of three servers (Group Replication)", async (t) => {
    await using group = await startGroup();
    const steps = [
      [
        "the lag of an idle group stays known, and the one of a member whose applier is held up",
        idleAndBlocked,
      ],
      ["check names the other members, and who may be written to", checked],
      ["only clients are ever selected, on the primary and on a secondary", onlyClients],
      ["a client whose commit waits for the group is spared, and others are not", commitWaits],
      ["without a majority the lag is unknown", withoutMajority],
    ] as const;
    for (const [name, run] of steps) await t.step(name, () => run(group));
  });
}
