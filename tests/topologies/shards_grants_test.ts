// Accounts with exactly what `query-sniper grants` prints: the router, moves and the coordinator work with it, and not with less.

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { type ShardGrant, shardGrants } from "../../src/shards/check/grants.ts";
import { initSteps, openRouter, runSteps } from "../../src/shards/mod.ts";
import {
  type GroupAccess,
  prepareShard,
  rebuildMap,
  requestMove,
  runMove,
  verifyGroup,
} from "../../src/shards/move/mod.ts";
import { readRequest } from "../../src/shards/router/request.ts";
import { Secret } from "../../src/text/secret.ts";
import { Client, type Flavor, type LabServer, requireFlavors, startShards } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { groupOf } from "../shards/move_stage.ts";
import { SHOP_TABLES } from "../shards/shop.ts";
import { groupConfig, SCHEMA, startRouter, writeGroup } from "../shards/stage.ts";

type Role = ShardGrant["role"];
/** A statement, and the database on which it is run. */
type Granted = readonly [name: string, sql: string];

const ROLES: readonly Role[] = ["router", "coordinator"];
const SLOTS = Array.from({ length: 512 }, (_, slot) => slot);
const KEYS = Array.from({ length: 40 }, (_, key) => key + 1);

/** The third server keeps the map only; the second one is a standby. */
function apart(text: string): string {
  return text.replace("metadata: shard-1", "metadata: shard-3")
    .replace(/^ {2}shards: .*$/m, "  shards: [shard-1]\n  pool: [shard-2]");
}

async function asRoot(server: LabServer, statements: readonly string[]): Promise<void> {
  await using root = await Client.connect(server);
  for (const sql of statements) await root.query(sql);
}

/** Servers with the tables of a user's, and accounts that may do this. */
async function begin(servers: readonly LabServer[], grants: readonly Granted[]): Promise<void> {
  for (const [index, server] of servers.entries()) {
    await asRoot(server, [
      `DROP DATABASE IF EXISTS ${SCHEMA}`,
      ...ROLES.flatMap((role) => [
        `DROP USER IF EXISTS ${role}@'%'`,
        `CREATE USER ${role}@'%' IDENTIFIED BY '${role}'`,
      ]),
      ...grants.filter(([name]) => name === `shard-${index + 1}`).map(([, sql]) => sql),
      ...index === 1 ? [] : [`CREATE DATABASE ${SCHEMA}`],
      ...index === 0 ? [`USE ${SCHEMA}`, ...SHOP_TABLES, USERS] : [],
    ]);
  }
}

const USERS = `INSERT INTO users (user_id, name) VALUES ${KEYS.map((key) => `(${key}, 'n')`).join(", ")}`;

/** The statements that `grants` prints for a group. */
async function printed(file: string, flavor: Flavor): Promise<readonly Granted[]> {
  const { code, stdout, stderr } = await runProgram(["grants", "--flavor", flavor, "-c", file]);
  assertEquals(code, 0, stderr);
  const blocks = stdout.slice(stdout.indexOf("==== shards")).split("\n\n");
  return blocks.flatMap((block) => {
    const names = /^-- the account of .*, on ((?:shard-\d(?:, )?)+)$/m.exec(block)?.[1]?.split(", ") ?? [];
    const grants = block.split("\n").filter((line) => line.startsWith("GRANT "));
    return names.flatMap((name) => grants.map((grant): Granted => [name, grant.replace(/;$/, "")]));
  });
}

/** All that the programs do with these accounts; `pause_when` is the usual one. */
async function works(servers: readonly LabServer[], flavor: Flavor): Promise<void> {
  const text = apart(groupConfig(servers)).replace("  router:", "  move: { keep_old: 0s }\n  router:");
  await using config = await writeGroup(text, { user: "coordinator", password: "coordinator" });
  await using routerConfig = await writeGroup(text, { user: "router", password: "router" });
  await begin(servers, await printed(config.file, flavor));
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runProgram(["shards", ...args, "-c", config.file]);
    assertEquals(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
  };
  await run("init");
  await using router = await startRouter(routerConfig.file);
  const ask = async () => {
    for (const [query, params] of STATEMENTS) {
      const { status, body } = await router.query(query, params);
      assertEquals(status, 200, JSON.stringify(body));
    }
  };
  await ask();
  await run("add", "shard-2");
  await ask();
  await run("check");
  await run("verify");
  await run("drain", "shard-2");
  await ask();
}

const STATEMENTS: readonly (readonly [query: string, params: readonly number[]])[] = [
  ["INSERT INTO users (user_id, name) VALUES (?, 'new') ON DUPLICATE KEY UPDATE name = 'newer'", [99]],
  ["REPLACE INTO users (user_id, name) VALUES (?, 'other')", [99]],
  ["UPDATE users SET name = 'third' WHERE user_id = ?", [99]],
  ["SELECT name, COUNT(*) AS n, AVG(user_id) AS mean FROM users GROUP BY name ORDER BY n LIMIT 3", []],
  ["DELETE FROM users WHERE user_id = ?", [99]],
];

function groupAs(role: Role, group: GroupAccess): GroupAccess {
  const account = { ...group.databases[0]!.account, user: role, password: new Secret(role) };
  return { ...group, databases: group.databases.map((database) => ({ ...database, account })) };
}

/** Half of the slots move to a server that was none of the group; then the map is made anew. */
async function moved(all: GroupAccess): Promise<void> {
  const group = groupAs("coordinator", all);
  const steps = await initSteps(group.sharding, group.databases);
  if (typeof steps === "string") throw new Error(steps);
  await runSteps(steps, group);
  await prepareShard(group, "shard-2");
  const id = await requestMove(group, { from: "shard-1", to: "shard-2", slots: SLOTS, cause: "test" });
  const stop = new AbortController();
  const reasons: string[] = [];
  const end = await runMove(group, id, {
    clock: systemClock,
    signal: stop.signal,
    hurts: () => Promise.resolve(undefined),
    tell(news) {
      if (!("reason" in news) || news.reason === undefined) return;
      reasons.push(news.reason);
      // What a server refuses is waited for, too.
      if (/denied/i.test(news.reason)) stop.abort();
    },
  });
  if (end !== "done") throw new Error(`${end}: ${reasons.join("; ")}`);
  const wider = { ...group, sharding: { ...group.sharding, shards: ["shard-1", "shard-2"] } };
  assertEquals((await verifyGroup(wider)).problems, []);
  await rebuildMap(wider);
}

/** Statements of all kinds, over both shards. */
async function routed(all: GroupAccess, statements: readonly unknown[]): Promise<void> {
  const { sharding, databases } = groupAs("router", all);
  const shards = ["shard-1", "shard-2"];
  const { router, end } = await openRouter({ ...sharding, shards }, { databases, clock: systemClock });
  try {
    for (const statement of statements) await router.query(readRequest(statement));
  } finally {
    await end();
  }
}

const ROUTED = [
  ...STATEMENTS.map(([query, params]) => ({ query, params })),
  { queries: ["SELECT name FROM users WHERE user_id = 1"] },
];

/** What an account lacks, in words; undefined where nothing. */
async function fault(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
  } catch (error) {
    return String(error);
  }
}

/** Without any one of its privileges an account cannot do its work. */
async function needed(servers: readonly LabServer[], all: GroupAccess): Promise<void> {
  const grants = shardGrants(all.sharding);
  const grantsOf = (without?: { readonly grant: ShardGrant; readonly privilege: string }) =>
    grants.flatMap((grant): readonly Granted[] => {
      const kept = grant.privileges.filter((each) => grant !== without?.grant || each !== without.privilege);
      const [words, account] = [kept.join(", "), `${grant.role}@'%'`];
      return kept.length === 0
        ? []
        : grant.databases.map((name) => [name, `GRANT ${words} ON ${SCHEMA}.* TO ${account}`]);
    });
  const superfluous: string[] = [];
  for (const grant of grants.filter(({ role }) => role === "coordinator")) {
    for (const privilege of grant.privileges) {
      await begin(servers, grantsOf({ grant, privilege }));
      const why = await fault(() => moved(all));
      if (why === undefined) superfluous.push(`coordinator on ${grant.databases.join()}: ${privilege}`);
    }
  }
  await begin(servers, grantsOf());
  await moved(all);
  await routed(all, ROUTED);
  for (const grant of grants.filter(({ role }) => role === "router")) {
    for (const privilege of grant.privileges) {
      const on = (word: string) =>
        `${word} ${privilege} ON ${SCHEMA}.* ${word === "GRANT" ? "TO" : "FROM"} router@'%'`;
      const each = (word: string) =>
        Promise.all(grant.databases.map((name) => asRoot(servers[Number(name.slice(6)) - 1]!, [on(word)])));
      await each("REVOKE");
      const why = await fault(() => routed(all, ROUTED));
      if (why === undefined) superfluous.push(`router on ${grant.databases.join()}: ${privilege}`);
      await each("GRANT");
    }
  }
  assertEquals(superfluous, []);
}

/** A router that only reads needs no right to write. */
async function reads(servers: readonly LabServer[], all: GroupAccess): Promise<void> {
  const { router } = all.sharding;
  const sharding = { ...all.sharding, router: { ...router, statements: ["select"] as const } };
  const grants = shardGrants(sharding).filter(({ role }) => role === "router");
  assertEquals(grants[0]!.privileges, ["SELECT", "CREATE TEMPORARY TABLES", "EXECUTE"]);
  for (const server of servers) await asRoot(server, ["REVOKE ALL PRIVILEGES, GRANT OPTION FROM router@'%'"]);
  for (const { databases, privileges } of grants) {
    for (const name of databases) {
      const sql = `GRANT ${privileges.join(", ")} ON ${SCHEMA}.* TO router@'%'`;
      await asRoot(servers[Number(name.slice(6)) - 1]!, [sql]);
    }
  }
  const selects = ROUTED.filter((each) => "queries" in each || each.query.startsWith("SELECT"));
  assert(selects.length === 2);
  await routed({ ...all, sharding }, selects);
}

for (const flavor of await requireFlavors()) {
  Deno.test(`the accounts that grants prints are enough on ${flavor}, and have nothing that they do not need`, async (t) => {
    await using cluster = await startShards(flavor, 3);
    const { servers } = cluster;
    // As it is printed, for servers with a binary log.
    for (const server of servers) await asRoot(server, ["SET GLOBAL log_bin_trust_function_creators = ON"]);
    const all = await groupOf(servers, apart);
    await t.step("the programs work with them", () => works(servers, flavor));
    await t.step("each of their privileges is needed", () => needed(servers, all));
    await t.step("a router that only reads needs less", () => reads(servers, all));
  });
}
