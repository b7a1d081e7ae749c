import { assert, assertEquals, assertMatch } from "@std/assert";
import { isUnknown } from "../../src/language/mod.ts";
import { Client, type LabCluster, type LabServer, requireFlavors, startGroup, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { nothingHappensFor, type Sniper, startSniper, writeConfig } from "../integration/fixture.ts";
import { assertCommitsSpared, assertOnlyClientsEnded, onCluster } from "./cluster_stage.ts";
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
  await nothingHappensFor(LONG);
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
  for (const server of [primary, secondary]) await assertOnlyClientsEnded(server);
  assertEquals(await members(primary), ["ONLINE", "ONLINE", "ONLINE"]);
}

/** Two members that stand still are a majority: what is committed on the third waits for them. */
async function commitWaits({ servers }: LabCluster): Promise<void> {
  const [primary, ...others] = servers as readonly [LabServer, LabServer, LabServer];
  await assertCommitsSpared(primary, others);
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
    await onCluster(t, group, [
      [
        "the lag of an idle group stays known, and the one of a member whose applier is held up",
        idleAndBlocked,
      ],
      ["check names the other members, and who may be written to", checked],
      ["only clients are ever selected, on the primary and on a secondary", onlyClients],
      ["a client whose commit waits for the group is spared, and others are not", commitWaits],
      ["without a majority the lag is unknown", withoutMajority],
    ]);
  });
}
