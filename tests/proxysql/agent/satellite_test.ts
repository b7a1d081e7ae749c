import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ProxyOptions } from "../../lab/proxysql/proxy_state.ts";
import { ProxysqlCluster } from "../../lab/proxysql/cluster.ts";
import type { ProxysqlStandIn } from "../../lab/proxysql/stand_in.ts";
import { agentOf, changesOf, coresOf, TestClock, TestDiscovery } from "./fixture.ts";

/** A cluster with an agent at its satellite, and a clock for all of them. */
async function clusterOf(
  { cores: count = 2, options = {}, ...more }:
    & { readonly cores?: number; readonly options?: ProxyOptions }
    & Parameters<
      typeof agentOf
    >[1] = {},
) {
  const clock = new TestClock();
  const cluster = await ProxysqlCluster.start({ cores: count }, { now: () => clock.wall(), ...options });
  const cores = cluster.cores.toSorted((a, b) => a.port - b.port);
  const satellite = cluster.satellites[0]!;
  const it = agentOf(satellite, { clock, ...more });
  return {
    ...{
      cluster,
      cores,
      ports: cores.map(({ port }) => port),
      satellite,
      clock,
      agent: it.agent,
      intents: it.intents,
      told: () => it.told(),
    },
    /** So many intervals pass, each with a look at its end. */
    async pass(looks = 1) {
      for (let look = 0; look < looks; look++) {
        clock.time += 10_000;
        cluster.tick(10);
        await it.agent.look();
      }
    },
    /** The file of the satellite lists these. */
    file(...ports: readonly number[]) {
      satellite.configFile = { proxysql_servers: ports.map((port) => ({ hostname: "127.0.0.1", port })) };
    },
    async [Symbol.asyncDispose]() {
      await it[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function freeze(...proxies: readonly ProxysqlStandIn[]): void {
  for (const proxy of proxies) proxy.behaviour.frozen = true;
}

Deno.test("a satellite whose cores are all missing takes the list from its file, in the safe order", async () => {
  await using it = await clusterOf({ cores: 3 });
  const [one, two, three] = it.ports as [number, number, number];
  it.satellite.tables.exec(`DELETE FROM proxysql_servers WHERE port = ${three};
    DELETE FROM runtime_proxysql_servers WHERE port = ${three}`);
  it.file(two, three);
  await it.pass(2);
  assertEquals(it.told(), ["connected 2.7.2-local"]);
  freeze(it.cores[0]!, it.cores[1]!);
  await it.pass(3);
  assertEquals([it.told(), changesOf(it.satellite)], [[], []]);
  await it.pass();
  const began = `resync began: no core answers any more: 127.0.0.1:${one}, 127.0.0.1:${two}`;
  assertEquals(it.told(), [
    `peer silent 127.0.0.1:${one}: its last answer was 40s ago`,
    `peer silent 127.0.0.1:${two}: its last answer was 40s ago`,
    began,
  ]);
  assertEquals(changesOf(it.satellite), [
    "LOAD PROXYSQL SERVERS FROM CONFIG",
    `DELETE FROM proxysql_servers WHERE hostname = '127.0.0.1' AND port = ${one}`,
    "LOAD PROXYSQL SERVERS TO RUNTIME",
  ]);
  assertEquals(coresOf(it.satellite), [two, three]);
  assertEquals(it.intents.map(({ act }) => act), ["resync"]);
  await it.pass();
  assertEquals(it.told(), [
    `peer joined 127.0.0.1:${three}`,
    `peer left 127.0.0.1:${one}`,
    `resync done: 127.0.0.1:${three} answers`,
  ]);
  await it.pass(20);
  assertEquals([it.told(), changesOf(it.satellite).length], [[], 3]);
  assertEquals(it.agent.status().last_acts.map(({ what, outcome }) => [what, outcome]), [["resync", "done"]]);
});

Deno.test("while a core answers, nothing is taken from the file, whoever else is missing", async () => {
  await using it = await clusterOf({ cores: 3 });
  it.file(1);
  await it.pass();
  freeze(it.cores[0]!, it.cores[1]!);
  await it.pass(30);
  assertEquals(changesOf(it.satellite), []);
  assertEquals(it.told().map((each) => each.split(" ")[1]), ["2.7.2-local", "silent", "silent"]);
  it.cores[0]!.behaviour.frozen = false;
  await it.pass();
  assertEquals(it.told(), [`peer back 127.0.0.1:${it.cores[0]!.port}`]);
  // A look asks for nothing twice.
  const before = it.satellite.statements.length;
  await it.pass();
  const asked = it.satellite.statements.slice(before);
  assertEquals(asked.filter((sql, at) => asked.indexOf(sql) < at), []);
});

Deno.test("a core that has just been listed, or was never reached, is not missing", async () => {
  await using it = await clusterOf();
  it.file(...it.ports);
  freeze(...it.cores);
  // Their last check is the time since the machine began: 83 minutes.
  await it.pass(9);
  assertEquals([changesOf(it.satellite), it.told()], [[], ["connected 2.7.2-local"]]);
  assertEquals(it.agent.status().peers.map(({ state }) => state), ["unreached", "unreached"]);
  // But not for ever: three times missing_after.
  await it.pass(2);
  assertEquals(changesOf(it.satellite), [
    "LOAD PROXYSQL SERVERS FROM CONFIG",
    "LOAD PROXYSQL SERVERS TO RUNTIME",
  ]);
});

Deno.test("a file that is missing, broken or names no core changes nothing, and is told of once", async () => {
  for (
    const [configFile, reason] of [["missing", "Unable to open or parse config file"], [
      {},
      "its file lists no core",
    ]] as const
  ) {
    await using it = await clusterOf({ options: { configFile } });
    await it.pass();
    freeze(...it.cores);
    await it.pass(200);
    const [connected, ...told] = it.told();
    assertEquals(connected, "connected 2.7.2-local");
    assertEquals(told.map((each) => each.split(" ").slice(0, 2).join(" ")), [
      "peer silent",
      "peer silent",
      "resync refused:",
    ]);
    assertStringIncludes(told.at(-1)!, reason);
    assert(changesOf(it.satellite).every((sql) => sql === "LOAD PROXYSQL SERVERS FROM CONFIG"));
    // 90 s, 180 s, then 300 s apart, in 2000 s.
    assertEquals(changesOf(it.satellite).length, 8);
    const cores = it.ports;
    assertEquals([coresOf(it.satellite), coresOf(it.satellite, "proxysql_servers")], [cores, cores]);
    assert(it.agent.status().reasons.some((each) => each.includes(reason)));
    // The file is mended.
    it.cores[1]!.behaviour.frozen = false;
    it.file(it.cores[1]!.port);
    it.cores[1]!.behaviour.frozen = true;
    await it.pass(31);
    assertEquals(coresOf(it.satellite), [it.cores[1]!.port]);
  }
});

Deno.test("where nobody answers after a resync either, it is tried again, less and less often", async () => {
  await using it = await clusterOf();
  it.file(...it.ports);
  await it.pass();
  freeze(...it.cores);
  await it.pass(4);
  it.told();
  const tried: number[] = [];
  for (let look = 0; look < 120; look++) {
    const before = changesOf(it.satellite).length;
    await it.pass();
    if (changesOf(it.satellite).length > before) tried.push(look * 10);
  }
  // 100 s after the first one, then 180 s, then 5 minutes apart.
  assertEquals(tried, [90, 270, 570, 870, 1170]);
  const told = it.told();
  assertEquals(
    new Set(told.map((each) => each.split(":")[0]!.replace(/ 127.*/, ""))),
    new Set(["resync failed", "resync began"]),
  );
  assert(told.includes("resync failed: no core has answered since"));
  it.cores[0]!.behaviour.frozen = false;
  await it.pass();
  assertEquals(it.agent.status().reasons, []);
});

Deno.test("a satellite that was stopped itself is not resynced for having heard of nobody meanwhile", async () => {
  for (const stays of [false, true]) {
    await using it = await clusterOf();
    it.file(it.ports[0]!);
    await it.pass(2);
    // It was stopped with its agent for 10 minutes: its first words are of before.
    it.clock.time += 600_000;
    freeze(...it.cores);
    it.cluster.tick(60);
    await it.agent.look();
    assertEquals([changesOf(it.satellite), it.agent.status().peers.map(({ state }) => state)], [[], [
      "silent",
      "silent",
    ]]);
    if (!stays) it.cores[0]!.behaviour.frozen = false;
    await it.pass();
    assertEquals(changesOf(it.satellite).length > 0, stays);
  }
});

Deno.test("a core is not missing while ProxySQL has not asked for its metrics again", async () => {
  await using it = await clusterOf();
  it.file(it.ports[0]!);
  it.satellite.setVariable("admin-cluster_check_interval_ms", "500");
  it.satellite.setVariable("admin-cluster_check_status_frequency", "100");
  await it.pass();
  freeze(...it.cores);
  // 75 s, where missing_after says 30 s.
  await it.pass(7);
  assertEquals([changesOf(it.satellite), it.told()], [[], ["connected 2.7.2-local"]]);
  await it.pass();
  assertEquals(changesOf(it.satellite).length, 3);
});

Deno.test("an empty list is filled from the file", async () => {
  await using it = await clusterOf();
  it.file(it.cores[0]!.port);
  it.satellite.tables.exec("DELETE FROM proxysql_servers; DELETE FROM runtime_proxysql_servers");
  await it.pass();
  assertEquals(coresOf(it.satellite), [it.cores[0]!.port]);
  assertEquals(it.told(), ["connected 2.7.2-local", "resync began: no core is listed"]);
});

Deno.test("known peers are listed beside those of the file, and a list of which none is there is left", async () => {
  const discovery = new TestDiscovery();
  await using it = await clusterOf({ cores: 3, discovery });
  const [one, two, three] = it.ports as [number, number, number];
  it.satellite.tables.exec(`DELETE FROM proxysql_servers WHERE port = ${three};
    DELETE FROM runtime_proxysql_servers WHERE port = ${three}`);
  it.file(one);
  discovery.peers = [two, three];
  await it.pass(5);
  assertEquals([changesOf(it.satellite), it.told()], [[], ["connected 2.7.2-local"]]);
  discovery.peers = [three];
  await it.pass();
  assertEquals(changesOf(it.satellite), []);
  await it.pass();
  assertEquals(it.told(), ["resync began: none of the cores that it lists is there any more"]);
  assertEquals(changesOf(it.satellite), [
    "LOAD PROXYSQL SERVERS FROM CONFIG",
    `DELETE FROM proxysql_servers WHERE hostname = '127.0.0.1' AND port = ${two}`,
    `REPLACE INTO proxysql_servers (hostname, port, weight, comment) VALUES ('127.0.0.1', ${three}, 0, '')`,
    "LOAD PROXYSQL SERVERS TO RUNTIME",
  ]);
  assertEquals(coresOf(it.satellite), [one, three]);
  await it.pass(30);
  assertEquals(changesOf(it.satellite).length, 4);
});

Deno.test("a name in the list is not taken for gone because the peers are addresses, nor by an empty answer", async () => {
  const discovery = new TestDiscovery();
  await using it = await clusterOf({ discovery });
  it.satellite.tables.exec("UPDATE runtime_proxysql_servers SET hostname = 'core.svc'");
  it.file(1);
  discovery.peers = [{ host: "10.0.0.1", port: 6032 }];
  await it.pass(3);
  discovery.peers = [];
  await it.pass(3);
  discovery.found = { state: "unknown", reason: "no answer" };
  await it.pass(3);
  assertEquals(changesOf(it.satellite), []);
  assert(it.agent.status().reasons.includes("who is there is not known: no answer"));
});

Deno.test("a satellite that takes no changes, cannot journal them, or whose account only reads is left alone", async () => {
  const intend = () => Promise.reject(new Error("disk full"));
  for (
    const [more, reason] of [
      [{ stats: true }, "this needs an administrator"],
      [{ intend }, "it cannot be journalled: disk full"],
      [
        { cores: 3 },
        "ProxySQL takes no changes: it follows a leader that it elected itself, or was made read-only",
      ],
    ] as const
  ) {
    await using it = await clusterOf(more);
    it.file(it.cores[0]!.port);
    if ("cores" in more) it.satellite.isReadOnly = true;
    await it.pass();
    freeze(...it.cores);
    await it.pass(60);
    const resyncs = it.told().filter((each) => each.startsWith("resync"));
    assertEquals(resyncs.length, 1, resyncs.join());
    assertStringIncludes(resyncs[0]!, `resync refused: ${reason}`);
    assertEquals(changesOf(it.satellite), []);
    const act = await it.agent.resync();
    assertEquals([act.outcome, act.statements], ["refused", []]);
  }
});

Deno.test("by order a satellite is resynced at once, and a core is not", async () => {
  await using it = await clusterOf();
  it.file(it.cores[0]!.port);
  await it.pass();
  const act = await it.agent.resync();
  assertEquals([act.what, act.outcome, act.reason], ["resync", "done", "it was told to"]);
  assertEquals(act.statements, changesOf(it.satellite));
  assertEquals(coresOf(it.satellite), [it.cores[0]!.port]);
  assertEquals((await it.agent.resync()).outcome, "done");
  assertEquals((await it.agent.stamp()).reason, "this is no core");
  await using core = await clusterOf({ config: { role: "core" } });
  assertEquals((await core.agent.resync()).reason, "this is no satellite");
  assertEquals(changesOf(core.satellite), []);
});

Deno.test("cores at version 1 feed nobody, which is told once with what mends it", async () => {
  await using it = await clusterOf();
  for (const core of it.cores) {
    core.add("mysql_users", { username: "app" });
    core.add("runtime_mysql_users", { username: "app" });
    core.restart();
  }
  await it.pass(10);
  const told = it.told();
  assertEquals(told, [
    "connected 2.7.2-local",
    "unstamped: no core feeds it: all of them have version 1 of mysql_users, and another one than this",
  ]);
  assertEquals(changesOf(it.satellite), []);
  it.cores[0]!.load("MYSQL USERS", true);
  await it.pass(10);
  assertEquals([it.told(), it.agent.status().reasons], [[], []]);
  assertEquals(it.satellite.checksumOf("mysql_users").version, 2);
  // And again, after all of them were restarted.
  for (const core of it.cores) core.restart();
  it.cores.forEach((core) =>
    core.tables.exec("UPDATE runtime_checksums_values SET checksum = '0x01' WHERE name = 'mysql_users'")
  );
  await it.pass(10);
  assertEquals(it.told().length, 1);
});
