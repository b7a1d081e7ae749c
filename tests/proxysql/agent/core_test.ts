import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProxysqlCluster } from "../../lab/proxysql/cluster.ts";
import { ProxyState } from "../../lab/proxysql/proxy_state.ts";
import {
  AdminError,
  agentOf,
  changesOf,
  coresOf,
  LocalAdmin,
  TestClock,
  TestDiscovery,
  TestLeader,
} from "./fixture.ts";

/** A core in this process that lists itself (6032) and these, with an agent that leads. */
function coreOf(ports: readonly number[], more: Parameters<typeof agentOf>[1] = {}) {
  const clock = new TestClock();
  const proxy = new ProxyState({ now: () => clock.wall() });
  for (const port of ports) {
    for (const table of ["proxysql_servers", "runtime_proxysql_servers"]) {
      proxy.add(table, { hostname: "127.0.0.1", port });
    }
  }
  const down = new Set<number>();
  const reach = () => {
    proxy.tables.exec("DELETE FROM stats_proxysql_servers_metrics");
    for (const { hostname, port } of proxy.inForce("proxysql_servers")) {
      const last_check_ms = down.has(Number(port)) ? 90_000 : 5;
      proxy.add("stats_proxysql_servers_metrics", {
        hostname: hostname!,
        port: port!,
        Uptime_s: 60,
        last_check_ms,
      });
    }
  };
  reach();
  proxy.onLoadPeers = reach;
  const [admin, leader, discovery] = [new LocalAdmin(proxy), new TestLeader(), new TestDiscovery()];
  const it = agentOf(admin, { clock, leader, discovery, ...more, config: { role: "core", ...more.config } });
  return {
    ...{
      proxy,
      admin,
      leader,
      discovery,
      clock,
      agent: it.agent,
      intents: it.intents,
      outcomes: it.outcomes,
      told: () => it.told(),
    },
    down,
    /** Looks so often, and returns what was changed. */
    async look(times = 1): Promise<readonly string[]> {
      const before = changesOf(proxy).length;
      for (let time = 0; time < times; time++) {
        clock.time += 10_000;
        await it.agent.look();
      }
      return changesOf(proxy).slice(before);
    },
    [Symbol.dispose]: () => proxy.tables.close(),
  };
}

const put = (port: number, comment = "") =>
  `REPLACE INTO proxysql_servers (hostname, port, weight, comment) VALUES ('127.0.0.1', ${port}, 0, '${comment}')`;
const drop = (port: number) => `DELETE FROM proxysql_servers WHERE hostname = '127.0.0.1' AND port = ${port}`;
const RUN = "LOAD PROXYSQL SERVERS TO RUNTIME";

Deno.test("the leader lists who is there, by what has changed only, and loads nothing else", async () => {
  using it = coreOf([6032, 1]);
  it.discovery.peers = [6032, 1];
  assertEquals(await it.look(3), []);
  it.discovery.peers = [6032, 1, 2];
  assertEquals(await it.look(3), [put(2), RUN]);
  assertEquals(it.intents.map(({ act, statements }) => [act, ...statements]), [["membership", put(2), RUN]]);
  assertEquals(it.outcomes, ["done: listed: 127.0.0.1:2"]);
  it.discovery.peers = [6032, 2];
  assertEquals(await it.look(), []);
  assertEquals(await it.look(3), [drop(1), RUN]);
  it.discovery.peers = [6032, { host: "127.0.0.1", port: 2, comment: "core-2" }];
  assertEquals(await it.look(3), [put(2, "core-2"), RUN]);
  assertEquals(it.told(), [
    "connected 2.7.2-local",
    "leader leads",
    "peer joined 127.0.0.1:2",
    "peer left 127.0.0.1:1",
  ]);
  const [act] = it.agent.status().last_acts;
  assertEquals([act!.outcome, act!.reason], ["done", "listed: 127.0.0.1:2"]);
});

Deno.test("4 cores become 1 step by step, each step by reads of its own, and never without itself", async () => {
  using it = coreOf([6032, 1, 2, 3]);
  it.down.add(3);
  it.proxy.onLoadPeers();
  it.discovery.peers = [6032];
  assertEquals(await it.look(), []);
  assertEquals((await it.look()).toSorted(), [drop(1), drop(3), RUN].toSorted());
  assertEquals(await it.look(2), []);
  assertEquals(await it.look(), [drop(2), RUN]);
  assertEquals([await it.look(5), coresOf(it.proxy)], [[], [6032]]);
  it.discovery.peers = [7];
  assertEquals(await it.look(5), [put(7), RUN]);
  assertEquals(coresOf(it.proxy), [7, 6032]);
  const told = it.told();
  assert(
    told.includes(
      "peer kept 127.0.0.1:2: more than half would leave: half of them at once, once that is confirmed",
    ),
  );
  assert(told.includes("peer kept 127.0.0.1:6032: it is this ProxySQL itself"), told.join("\n"));
});

Deno.test("who is there is not known: nobody is removed, nor a moment later more than half", async () => {
  using it = coreOf([6032, 1, 2, 3]);
  it.discovery.peers = [6032, 1, 2, 3];
  await it.look();
  it.told();
  for (
    const trouble of [
      () => it.discovery.found = { state: "unknown", reason: "503" },
      () => it.discovery.peers = [],
      () => it.discovery.read = () => Promise.reject(new Error("broken")),
    ]
  ) {
    trouble();
    assertEquals(await it.look(20), []);
    assertEquals(it.told().length, 3);
  }
  assertStringIncludes(it.agent.status().reasons[0]!, "who is there is not known: broken");
  // One failure between two reads: they confirm nothing.
  const read = TestDiscovery.prototype.read;
  for (let time = 0; time < 6; time++) {
    it.discovery.found = {
      state: "known",
      peers: [{ host: "127.0.0.1", port: 6032 }, { host: "127.0.0.1", port: 1 }],
    };
    it.discovery.read = read;
    assertEquals(await it.look(), []);
    it.discovery.found = { state: "unknown", reason: "503" };
    assertEquals(await it.look(), []);
  }
  // More than half: not within a minute, then step by step.
  it.discovery.peers = [6032];
  assertEquals(await it.look(5), []);
  assert((await it.look()).length > 0);
});

Deno.test("while it is not known which row is its own, nobody is removed, and others are added", async () => {
  using it = coreOf([1, 2], { config: { address: { socket: "/run/proxysql.sock" } } });
  it.proxy.setVariable("admin-mysql_ifaces", "/run/proxysql.sock");
  it.discovery.peers = [2, 3];
  assertEquals(await it.look(10), [put(3), RUN]);
  assertStringIncludes(
    it.agent.status().reasons.join(),
    "which of the cores is this ProxySQL itself is not known",
  );
  assertEquals(it.told().filter((each) => each.startsWith("peer kept")).length, 1);
});

Deno.test("the row of the address that its pod had before goes", async () => {
  using it = coreOf([1], { self: { names: ["core-0"], addresses: ["10.0.0.9"] } });
  const old = { hostname: "10.0.0.1", port: 6032, comment: "core-0" };
  for (const table of ["proxysql_servers", "runtime_proxysql_servers"]) it.proxy.add(table, old);
  it.discovery.peers = [1, { host: "10.0.0.9", port: 6032, comment: "core-0" }];
  await it.look(5);
  const hosts = it.proxy.inForce("proxysql_servers").map(({ hostname, comment }) => `${hostname} ${comment}`);
  assertEquals(hosts.toSorted(), ["10.0.0.9 core-0", "127.0.0.1 "]);
});

Deno.test("who does not lead changes nothing, and the lead is asked for before each statement", async () => {
  for (
    const leading of [{ state: "follows", holder: "core-1" }, { state: "nobody" }, {
      state: "unknown",
      reason: "x",
    }] as const
  ) {
    using it = coreOf([6032]);
    it.leader.leading = leading;
    it.discovery.peers = [6032, 1];
    assertEquals(await it.look(10), []);
    assertEquals(it.told().filter((each) => each.startsWith("leader")).length, 1);
    const act = await it.agent.stamp({ force: true });
    assertEquals([act.outcome, act.reason], ["refused", "this agent does not lead"]);
  }
  // It is asked at the look, before the probe, and before each of three statements.
  for (let until = 0; until <= 5; until++) {
    using it = coreOf([6032, 9]);
    it.discovery.peers = [6032, 9];
    await it.look();
    it.discovery.peers = [6032, 1];
    await it.look();
    it.proxy.tables.exec("DELETE FROM proxysql_servers WHERE port = 1");
    it.proxy.tables.exec("DELETE FROM runtime_proxysql_servers WHERE port = 1");
    // Between two changes there is a while.
    it.clock.time += 30_000;
    it.leader.until = it.leader.asked + until;
    const sent = await it.look();
    assertEquals(sent, [put(1), drop(9), RUN].slice(0, Math.max(0, until - 2)), String(until));
    // Whoever leads next completes it.
    it.leader.until = Infinity;
    it.leader.leading = { state: "leads" };
    await it.look(8);
    assertEquals(coresOf(it.proxy), [1, 6032]);
  }
});

Deno.test("a change that fails at any statement is completed later, and what ran goes on running until then", async () => {
  for (let failAt = 1; failAt <= 12; failAt++) {
    using it = coreOf([6032, 9]);
    it.discovery.peers = [6032, 9];
    await it.look();
    it.discovery.peers = [6032, 1, 2];
    let asked = 0;
    it.admin.travel = () =>
      ++asked === failAt
        ? Promise.reject(new AdminError("wedged", "ProxySQL does not answer in time"))
        : Promise.resolve();
    await it.look();
    const between = coresOf(it.proxy);
    assert([[9, 6032], [1, 2, 9, 6032]].some((list) => list.join() === between.join()), between.join());
    await it.look(10);
    assertEquals(coresOf(it.proxy), [1, 2, 6032], String(failAt));
    assertEquals(it.agent.status().reasons, []);
  }
});

Deno.test("what cannot be journalled, an account that only reads, and no peers: nothing is done", async () => {
  const intend = () => Promise.reject(new Error("disk full"));
  using full = coreOf([6032], { intend });
  full.discovery.peers = [6032, 1];
  assertEquals(await full.look(20), []);
  assertEquals(full.agent.status().reasons, [
    "the list of cores is not changed: it cannot be journalled: disk full",
  ]);
  using reader = coreOf([6032]);
  reader.admin.mayWrite = false;
  reader.discovery.peers = [6032, 1];
  assertEquals(await reader.look(20), []);
  assertStringIncludes(reader.agent.status().reasons.join(), "its account is no administrator's");
  using alone = coreOf([6032], { discovery: undefined });
  assertEquals(await alone.look(5), []);
  // Nor is anything asked for what nobody needs.
  const before = alone.proxy.statements.length;
  await alone.look();
  assertEquals(alone.proxy.statements.slice(before).length, 4);
});

Deno.test("where ProxySQL elects itself, nothing is done, which is told once, and once it ends it goes on", async () => {
  for (
    const [follows, holder] of [["10.0.0.2:6032 (a-b)", "ProxySQL's own leader"], [
      undefined,
      "ProxySQL's own leader",
    ]] as const
  ) {
    using it = coreOf([6032]);
    it.proxy.follows = follows;
    it.proxy.isReadOnly = follows === undefined;
    it.discovery.peers = [6032, 1];
    assertEquals(await it.look(60), []);
    const reason =
      "ProxySQL takes no changes: it follows a leader that it elected itself, or was made read-only";
    assertEquals(it.told(), ["connected 2.7.2-local", `leader follows ${holder}: ${reason}`]);
    assertEquals(it.agent.status().leader, { state: "follows", holder });
    it.proxy.follows = undefined;
    it.proxy.isReadOnly = false;
    assertEquals(await it.look(6), [put(1), RUN]);
    assertEquals(it.told(), ["leader leads", "peer joined 127.0.0.1:1"]);
  }
});

Deno.test("a follower of ProxySQL's own election that refuses only what goes to runtime is told from whom", async () => {
  using it = coreOf([6032]);
  const ask = it.admin.run.bind(it.admin);
  it.discovery.peers = [6032, 1];
  it.admin.run = async (statement, before) => {
    it.proxy.follows = /TO RUNTIME/.test(statement) ? "10.0.0.2:6032 (a-b)" : undefined;
    return await ask(statement, before);
  };
  await it.look(2);
  assertEquals(
    it.told().at(-1),
    "leader follows 10.0.0.2:6032: ProxySQL takes no changes: it follows a leader that it elected itself",
  );
  assertEquals(it.agent.status().last_acts[0]!.outcome, "failed");
  assertEquals(coresOf(it.proxy), [6032]);
});

Deno.test("that nobody was asked who leads is how a start begins, and is not told", async () => {
  using it = coreOf([6032]);
  const reason = "Kubernetes was not asked yet";
  it.leader.leading = { state: "unknown", reason, isFirst: true };
  await it.look(3);
  assertEquals(it.told(), ["connected 2.7.2-local"]);
  assertEquals(it.agent.status().leader, { state: "unknown", reason });
  it.leader.leading = { state: "unknown", reason: "Kubernetes did not answer in time" };
  await it.look(3);
  assertEquals(it.told(), ["leader unknown: Kubernetes did not answer in time"]);
});

Deno.test("a list that does not last is not loaded at every look, and who is measured late is told once", async () => {
  using it = coreOf([6032]);
  it.discovery.peers = [6032, 1];
  // ProxySQL measures a new core only after a while.
  const measured = it.proxy.onLoadPeers;
  it.proxy.onLoadPeers = () => {};
  assertEquals(await it.look(4), [put(1), RUN]);
  measured();
  await it.look(2);
  assertEquals(it.told().filter((each) => each.startsWith("peer")), ["peer joined 127.0.0.1:1"]);
  // Somebody else takes it out again, whenever it was put in.
  it.proxy.onLoadPeers = () => it.proxy.tables.exec("DELETE FROM runtime_proxysql_servers WHERE port = 1");
  it.proxy.onLoadPeers();
  const loads = (await it.look(60)).filter((sql) => sql === RUN).length;
  // 30 s and then 60 s apart, in 600 s.
  assert(loads >= 9 && loads <= 12, String(loads));
});

Deno.test("a comment that cannot be sent stays where its row stays, and is left out where that is put anew", async () => {
  using it = coreOf([6032]);
  const odd = { hostname: "127.0.0.1", port: 1, comment: "a; b -- c" };
  for (const table of ["proxysql_servers", "runtime_proxysql_servers"]) it.proxy.add(table, odd);
  it.discovery.peers = [6032, 1, 2];
  assertEquals(await it.look(4), [put(2), RUN]);
  it.proxy.tables.exec("DELETE FROM proxysql_servers WHERE port = 1");
  it.discovery.peers = [6032, 1, 2, 3];
  assertEquals((await it.look(4)).toSorted(), [put(1), put(3), RUN].toSorted());
});

Deno.test("what the leader lists reaches the other core and the satellite", async () => {
  const clock = new TestClock();
  await using cluster = await ProxysqlCluster.start({ cores: 3 }, { now: () => clock.wall() });
  const [first, second, third] = cluster.cores;
  for (const proxy of cluster.all) {
    for (const table of ["proxysql_servers", "runtime_proxysql_servers"]) {
      proxy.tables.exec(`DELETE FROM ${table} WHERE port = ${third!.port}`);
    }
  }
  const discovery = new TestDiscovery();
  const leader = new TestLeader();
  await using it = agentOf(first!, { clock, leader, discovery, config: { role: "core" } });
  const ports = [first!, second!, third!].map(({ port }) => port).toSorted((a, b) => a - b);
  discovery.peers = ports;
  const pass = async () => {
    clock.time += 10_000;
    cluster.tick(10);
    await it.agent.look();
  };
  for (let time = 0; time < 3; time++) await pass();
  for (const proxy of [first!, second!, cluster.satellites[0]!]) assertEquals(coresOf(proxy), ports);
  await second!.crash();
  discovery.peers = ports.filter((port) => port !== second!.port);
  for (let time = 0; time < 5; time++) await pass();
  for (const proxy of [first!, cluster.satellites[0]!]) {
    assertEquals(coresOf(proxy), ports.filter((port) => port !== second!.port));
  }
});
