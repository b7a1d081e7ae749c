import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ProxyOptions } from "../../lab/proxysql/proxy_state.ts";
import { ProxysqlCluster } from "../../lab/proxysql/cluster.ts";
import { agentOf, changesOf, TestClock, TestDiscovery, TestLeader } from "./fixture.ts";

const FILE = {
  admin_variables: [{ name: "read_only", value: "false" }],
  mysql_variables: [{ name: "threads", value: "8" }],
  mysql_servers: [{ hostgroup_id: 10, hostname: "10.0.0.1", port: 3306 }],
  mysql_users: [{ username: "app", default_hostgroup: 10 }],
  mysql_query_rules: [{ rule_id: 1, active: 1, destination_hostgroup: 10 }],
};

const PARTS = ["ADMIN VARIABLES", "MYSQL VARIABLES", "MYSQL SERVERS", "MYSQL USERS", "MYSQL QUERY RULES"];
const ALL = [
  ...PARTS.map((part) => `LOAD ${part} FROM CONFIG`),
  ...PARTS.map((part) => `LOAD ${part} TO RUNTIME`),
];

/** Two cores and a satellite, with an agent that leads at the first core. */
async function clusterOf(
  { at = "start", prune = false, discovery, ...options }:
    & ProxyOptions
    & { readonly at?: "never" | "start"; readonly prune?: boolean; readonly discovery?: TestDiscovery } = {},
) {
  const clock = new TestClock();
  const cluster = await ProxysqlCluster.start({}, { now: () => clock.wall(), configFile: FILE, ...options });
  const [core, other] = cluster.cores;
  const leader = new TestLeader();
  const it = agentOf(core!, {
    ...{ clock, leader, config: { role: "core", stamp: { at, prune } } },
    ...discovery !== undefined && { discovery },
  });
  return {
    ...{ core: core!, other: other!, satellite: cluster.satellites[0]!, clock, leader, agent: it.agent },
    ...{ intents: it.intents, told: () => it.told() },
    tick: (seconds: number) => cluster.tick(seconds),
    async pass(looks = 1) {
      for (let look = 0; look < looks; look++) {
        clock.time += 10_000;
        cluster.tick(10);
        await it.agent.look();
      }
    },
    async [Symbol.asyncDispose]() {
      await it[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function rowsOf(proxy: { readonly inForce: (table: string) => readonly object[] }, table: string): number {
  return proxy.inForce(table).length;
}

Deno.test("nothing is stamped unless that is configured", async () => {
  await using it = await clusterOf({ at: "never" });
  await it.pass(10);
  assertEquals([changesOf(it.core), it.told()], [[], ["connected 2.7.2-local", "leader leads"]]);
});

Deno.test("the leader stamps once at its start: all of the file is loaded before anything runs, and others copy it", async () => {
  await using it = await clusterOf();
  await it.pass(5);
  assertEquals(changesOf(it.core), ALL);
  const parts = "admin_variables,mysql_variables,mysql_servers,mysql_users,mysql_query_rules";
  assertEquals(it.told(), ["connected 2.7.2-local", `stamp done ${parts}`, "leader leads"]);
  for (const proxy of [it.other, it.satellite]) {
    for (const table of ["mysql_servers", "mysql_users", "mysql_query_rules"]) {
      assertEquals(rowsOf(proxy, table), 1, table);
    }
  }
  assertEquals(it.intents.map(({ act, statements }) => [act, ...statements]), [["stamp", ...ALL]]);
  // ProxySQL is restarted: others have what runs here, and nothing is to be done.
  it.core.restart();
  await it.pass(5);
  assertEquals(changesOf(it.core), ALL);
});

Deno.test("who does not lead does not stamp, and the lead is asked for before each statement", async () => {
  for (let until = 0; until <= ALL.length + 2; until++) {
    await using it = await clusterOf();
    it.tick(1);
    it.leader.until = until;
    await it.agent.look();
    assertEquals(changesOf(it.core), ALL.slice(0, Math.max(0, until - 2)), String(until));
    const told = it.told().filter((each) => each.startsWith("stamp"));
    const ran = Math.max(0, until - 7);
    const part = until <= 2 ? [] : [until === ALL.length + 2 ? "done" : "failed"];
    if (until === 0) assertEquals(told, []);
    else if (ran > 0) assertEquals([told.length, told[0]!.split(" ")[1]], [1, part[0]]);
    const [act] = it.agent.status().last_acts;
    if (until > 2 && ran < 5) {
      assertEquals([act!.outcome, act!.reason], ["failed", "this agent does not lead"]);
    }
  }
});

Deno.test("others that have a stamped configuration are a conflict, which waits until somebody says so", async () => {
  await using it = await clusterOf();
  it.other.add("mysql_users", { username: "newer" });
  it.other.load("MYSQL USERS", true);
  // It is not copied here by itself.
  it.core.behaviour.frozen = false;
  const adopt = it.core.adopt;
  it.core.adopt = () => {};
  await it.pass(8);
  assertEquals(changesOf(it.core), []);
  const reason = "other cores have a stamped configuration that is not what runs here: mysql_users";
  assertEquals(it.told().slice(1), ["leader leads", `conflict mysql_users: ${reason}`]);
  assertEquals(it.agent.status().reasons, [reason]);
  assertEquals((await it.agent.stamp()).outcome, "conflict");
  assertEquals([changesOf(it.core), it.told()], [[], []]);
  const act = await it.agent.stamp({ force: true });
  assertEquals([act.outcome, act.statements], ["done", ALL as never]);
  it.core.adopt = adopt;
  await it.pass(2);
  assertEquals(it.agent.status().reasons, []);
  assertEquals(it.other.inForce("mysql_users").map(({ username }) => username), ["app"]);
});

Deno.test("what another core has stamped is copied, not stamped over: that takes ProxySQL seconds, and no event", async () => {
  await using it = await clusterOf();
  it.other.add("mysql_users", { username: "newer" });
  it.other.load("MYSQL USERS", true);
  // A look in between.
  it.tick(1);
  await it.agent.look();
  await it.pass(3);
  assertEquals([changesOf(it.core), it.told().slice(2)], [[], []]);
  assertEquals(it.core.inForce("mysql_users").map(({ username }) => username), ["newer"]);
});

Deno.test("a core of which is not known yet what it runs is waited for, however long, until somebody says so", async () => {
  await using it = await clusterOf();
  it.other.behaviour.frozen = true;
  it.tick(1);
  await it.agent.look();
  assertEquals(it.agent.status().reasons, [
    `it is not stamped: not known yet is what runs at ${it.other.address}`,
  ]);
  const act = await it.agent.stamp();
  assertEquals([act.outcome, act.reason], ["conflict", `not known is what runs at ${it.other.address}`]);
  await it.pass(10);
  assertEquals(changesOf(it.core), []);
  const conflicts = it.told().filter((each) => each.startsWith("conflict"));
  assertEquals(conflicts.length, 1);
  assertStringIncludes(conflicts[0]!, `not known yet is what runs at ${it.other.address}`);
  assertEquals((await it.agent.stamp({ force: true })).outcome, "done");
  assertEquals(changesOf(it.core), ALL);
});

Deno.test("a core that has lost its list, or does not know who is there, stamps nothing over the others", async () => {
  const lose = (core: Awaited<ReturnType<typeof clusterOf>>["core"]) => {
    for (const table of ["proxysql_servers", "runtime_proxysql_servers", "stats_proxysql_servers_metrics"]) {
      core.tables.exec(`DELETE FROM ${table}`);
    }
  };
  {
    await using it = await clusterOf();
    lose(it.core);
    await it.pass(10);
    assertEquals(changesOf(it.core), []);
    assertStringIncludes(
      it.agent.status().reasons.join(),
      "no core is listed, and nothing tells who is there",
    );
  }
  for (const found of ["unknown", "known"] as const) {
    const discovery = new TestDiscovery();
    await using it = await clusterOf({ discovery });
    it.other.add("mysql_users", { username: "newer" });
    it.other.load("MYSQL USERS", true);
    lose(it.core);
    if (found === "known") discovery.peers = [it.core.port, it.other.port];
    it.core.adopt = () => {};
    const looks = async (times: number) => {
      for (let time = 0; time < times; time++) {
        it.clock.time += 10_000;
        await it.agent.look();
      }
    };
    await looks(10);
    assertEquals(changesOf(it.core).filter((sql) => ALL.includes(sql)), [], found);
    await it.pass(10);
    assertEquals(changesOf(it.core).filter((sql) => ALL.includes(sql)), [], found);
  }
});

Deno.test("a look beside an order does nothing, and says so: the order itself tells what becomes of it", async () => {
  await using it = await clusterOf({ at: "never" });
  const order = it.agent.stamp({ force: true });
  assertEquals(await it.agent.look(), false);
  assertEquals((await order).outcome, "done");
  assertEquals(await it.agent.look(), true);
});

Deno.test("what the file has is added to what is there, and pruning is asked for", async () => {
  for (const prune of [false, true]) {
    await using it = await clusterOf({ prune });
    for (const table of ["mysql_servers", "runtime_mysql_servers"]) {
      it.core.add(table, { hostgroup_id: 20, hostname: "10.0.0.9", port: 3306 });
      it.core.add(table, { hostgroup_id: 10, hostname: "10.0.0.1", port: 3306 });
    }
    await it.pass();
    const statements = [
      ...ALL.slice(0, 5),
      ...prune ? ["DELETE FROM mysql_servers WHERE rowid <= 2"] : [],
      ...ALL.slice(5),
    ];
    assertEquals(changesOf(it.core), statements);
    assertEquals(it.intents.map(({ statements }) => [...statements]), [statements]);
    const hosts = it.core.inForce("mysql_servers").map(({ hostname }) => hostname);
    assertEquals(hosts.toSorted(), prune ? ["10.0.0.1"] : ["10.0.0.1", "10.0.0.9"]);
  }
});

Deno.test("a part that the file does not have is left alone, also by pruning, and without a file nothing is", async () => {
  const { mysql_users } = FILE;
  await using it = await clusterOf({ configFile: { mysql_users }, prune: true });
  it.core.add("mysql_servers", { hostgroup_id: 20, hostname: "10.0.0.9", port: 3306 });
  await it.pass();
  assertEquals(changesOf(it.core), [...ALL.slice(0, 5), "LOAD MYSQL USERS TO RUNTIME"]);
  assert(it.told().includes("stamp done mysql_users"));
  for (
    const [configFile, reason] of [["missing", "Unable to open or parse config file"], [
      {},
      "its file has no configuration",
    ]] as const
  ) {
    await using broken = await clusterOf({ configFile });
    await broken.pass(100);
    const told = broken.told().filter((each) => each.startsWith("stamp"));
    assertEquals(told.length, 1);
    assertStringIncludes(told[0]!, reason);
    assert(changesOf(broken.core).every((sql) => sql.endsWith("FROM CONFIG")));
    const tries = changesOf(broken.core).filter((sql) => sql === ALL[0]).length;
    // 90 s, 180 s, then 300 s apart, in 1000 s.
    assertEquals(tries, 5);
    assertEquals(broken.agent.status().last_acts[0]!.outcome, "refused");
  }
});

Deno.test("where ProxySQL elects itself, or takes no changes, nothing is stamped", async () => {
  for (const follows of ["10.0.0.2:6032 (a)", undefined]) {
    await using it = await clusterOf();
    it.core.follows = follows;
    it.core.isReadOnly = true;
    await it.pass(30);
    assertEquals(changesOf(it.core), []);
    const told = it.told();
    assertEquals(told.filter((each) => each.startsWith("leader")).length, 1);
    assertEquals((await it.agent.stamp({ force: true })).outcome, "refused");
    assertEquals(changesOf(it.core), []);
  }
});
