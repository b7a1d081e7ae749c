import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProxysqlCluster } from "../../lab/proxysql/cluster.ts";
import { ProxysqlStandIn } from "../../lab/proxysql/stand_in.ts";
import { waitFor } from "../../lab/wait_for.ts";
import { agentOf, changesOf, TestClock, TestDiscovery, TestLeader } from "./fixture.ts";

for (const role of ["core", "satellite"] as const) {
  Deno.test(`a ${role} that is frozen for an hour is told of once, nothing grows, and it is back at the next look`, async () => {
    const clock = new TestClock();
    await using cluster = await ProxysqlCluster.start({ cores: 1 }, { now: () => clock.wall() });
    const proxy = role === "core" ? cluster.cores[0]! : cluster.satellites[0]!;
    proxy.configFile = { proxysql_servers: [{ hostname: "127.0.0.1", port: 1 }] };
    const discovery = new TestDiscovery();
    discovery.peers = [proxy.port];
    await using it = agentOf(proxy, {
      ...{ clock, discovery, leader: new TestLeader() },
      config: { role, interval: 20_000, stamp: { at: "start", prune: false } },
    });
    cluster.tick();
    await it.agent.look();
    it.told();
    proxy.behaviour.frozen = true;
    it.limits.timeout = 16;
    const looks = 180;
    const [statements, before] = [proxy.statements.length, proxy.connections];
    const size = () => JSON.stringify(it.agent.status()).length;
    let sizeAfterOne = 0;
    for (let look = 0; look < looks; look++) {
      clock.time += 20_000;
      // Whoever asks while one is under way gets no second one.
      await Promise.all([it.agent.look(), it.agent.look(), it.agent.look()]);
      // Whoever was closed may be noticed a moment later.
      await waitFor("two connections at most", () => Promise.resolve(proxy.open <= 2));
      if (look === 0) sizeAfterOne = size();
    }
    assertEquals(it.told(), ["wedged: ProxySQL does not answer in time"]);
    assertEquals([size(), it.agent.status().state], [sizeAfterOne, "wedged"]);
    // The first look meets a connection that was there.
    assert(
      proxy.connections - before <= looks,
      `${proxy.connections - before} connections in ${looks} looks`,
    );
    assertEquals(proxy.statements.length, statements);
    proxy.behaviour.frozen = false;
    it.limits.timeout = 2000;
    clock.time += 20_000;
    cluster.tick();
    await it.agent.look();
    const [connected] = it.told();
    assertEquals(connected, "connected 2.7.2-local");
    assertEquals([it.agent.status().state, it.agent.status().reasons.join().includes("in time")], [
      "up",
      false,
    ]);
  });
}

Deno.test("a ProxySQL that is down, foreign or does not let us in is told of once for each reason", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using it = agentOf(proxy, { config: { role: "none" } });
  const look = async () => {
    it.clock.time += 10_000;
    await it.agent.look();
  };
  await look();
  await proxy.crash();
  for (let time = 0; time < 20; time++) await look();
  await proxy.listen();
  await look();
  const told = it.told();
  // That the connection was lost, and that none can be made, are two reasons; the first may not be noticed.
  assertEquals([...new Set(told.map((each) => each.split(/[ :]/)[0]))], ["connected", "unreachable"]);
  assertEquals([new Set(told).size, told.at(-1)], [told.length - 1, told[0]]);
  assert(told.length <= 4, told.join("\n"));
  assertEquals(changesOf(proxy), []);
  for (const kind of ["traffic", "server"] as const) {
    await using other = await ProxysqlStandIn.start({ kind });
    await using agent = agentOf(other);
    for (let time = 0; time < 5; time++) await agent.agent.look();
    const events = agent.told();
    assertEquals(events.length, 1);
    assertStringIncludes(events[0]!, "no admin interface");
    assertEquals(new Set(other.statements), new Set(["SELECT @@version_comment LIMIT 1"]));
  }
});

Deno.test("looks and orders never overlap, and no more than one order waits", async () => {
  const clock = new TestClock();
  await using cluster = await ProxysqlCluster.start({}, { now: () => clock.wall() });
  const satellite = cluster.satellites[0]!;
  satellite.configFile = { proxysql_servers: [{ hostname: "127.0.0.1", port: cluster.cores[0]!.port }] };
  await using it = agentOf(satellite, { clock });
  await it.agent.look();
  satellite.behaviour.slow = 10;
  const looks = [it.agent.look(), it.agent.look()];
  const orders = [it.agent.resync(), it.agent.resync(), it.agent.stamp()];
  looks.push(it.agent.look());
  const [first, second, ...others] = await Promise.all(orders);
  await Promise.all(looks);
  assertEquals([first?.outcome, second?.outcome], ["done", "refused"]);
  assertEquals(others[0]?.reason, "another order is under way");
  assertEquals(changesOf(satellite).length, 3);
  assert(!it.agent.status().reasons.some((each) => each.includes("under way")));
});

Deno.test("a status is JSON, and says what is known", async () => {
  const clock = new TestClock();
  await using cluster = await ProxysqlCluster.start({ cores: 1 }, { now: () => clock.wall() });
  const [core] = cluster.cores;
  await using it = agentOf(core!, { clock, leader: new TestLeader(), config: { role: "core" } });
  const before = it.agent.status();
  assertEquals([before.state, before.version, before.last_look], ["new", null, null]);
  cluster.tick();
  await it.agent.look();
  assertEquals(JSON.parse(JSON.stringify(it.agent.status())), {
    ...{ role: "core", state: "up", version: "2.7.2-local", leader: { state: "leads" } },
    peers: [{ address: core!.address, state: "up", uptime_s: 1, last_check_ms: 0 }],
    ...{ last_look: "2026-11-20T00:00:00.000Z", last_acts: [], reasons: [] },
  });
  for (let order = 0; order < 30; order++) await it.agent.resync();
  assertEquals(it.agent.status().last_acts.length, 20);
});

Deno.test("an account that may read statistics only sees the same, and an order is refused", async () => {
  const clock = new TestClock();
  await using cluster = await ProxysqlCluster.start({ cores: 2 }, { now: () => clock.wall() });
  const [satellite] = cluster.satellites;
  await using it = agentOf(satellite!, { clock, stats: true });
  cluster.tick(3);
  await it.agent.look();
  assertEquals(it.agent.status().peers.map(({ state }) => state), ["up", "up"]);
  assertStringIncludes((await it.agent.resync()).reason, "this needs an administrator");
  assertEquals(changesOf(satellite!), []);
});
