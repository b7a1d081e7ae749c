// Kills behind a proxy: real servers, and a stand-in for ProxySQL that shows connections to them as its own.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Client, type LabServer, waitFor } from "../lab/mod.ts";
import { BoundClient } from "../lab/proxysql/bound_client.ts";
import { ADMIN, ProxysqlStandIn, STATS } from "../lab/proxysql/stand_in.ts";
import { runProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  type ConfigText,
  INTERRUPTED,
  nothingHappensFor,
  onEachFlavor,
  slowQuery,
  type Sniper,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

interface Behind {
  readonly proxies: readonly ProxysqlStandIn[];
  readonly rules: string;
  readonly credentials?: string;
}

const BOTH = `proxysql: { user: ${ADMIN.user}, password: ${ADMIN.password} }\n` +
  `proxysql-stats: { user: ${STATS.user}, password: ${STATS.password} }\n`;
const STATS_ONLY = BOTH.split("\n")[1]!;

/** The configuration of a server that is behind these proxies, named edge, core. */
function behind({ name, host, port }: LabServer, { proxies, rules, credentials = BOTH }: Behind): ConfigText {
  const names = ["edge", "core"].slice(0, proxies.length);
  const list = proxies.map(({ address }, index) =>
    `{ name: ${names[index]}, address: "${address}", ssl_mode: disabled, timeout: 500ms }`
  );
  return {
    rules: `proxysql: [${list.join(", ")}]\n${rules}`,
    databases: [`{ name: ${name}, host: ${host}, port: ${port}, proxysql: [${names.join(", ")}] }`],
    credentials,
  };
}

/** Starts the service on it. */
function startBehind(server: LabServer, config: Behind): Promise<Sniper> {
  return startSniper(behind(server, config));
}

const policy = (where: string, then = "kill query") =>
  `policies: [{ name: behind, where: "user = 'app' and ${where}", then: ${then} }]`;
const LONG = "time > 500ms";

/** Its `kill` events so far, each as `ACTION, OUTCOME ID`. */
function told(sniper: Sniper): readonly string[] {
  return sniper.events().filter(({ event }) => event === "kill").map((event) =>
    `${event["action"]}, ${event["reason"] ?? event["outcome"]} ${(event["session"] as { id: number }).id}`
  );
}

function killsAt(proxy: ProxysqlStandIn): readonly string[] {
  return proxy.statements.filter((sql) => sql.startsWith("KILL"));
}

const CASES: readonly Case[] = [
  ["of several clients of one account, only the one that is named is killed", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using one = await BoundClient.connect(proxy, primary);
    await using other = await BoundClient.connect(proxy, primary, { row: { cli_host: "10.1.1.2" } });
    await using direct = await appClients(primary, 1);
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules: policy(`${LONG} and client_host = '10.1.1.2' and proxy = 'edge' and hostgroup = 10`),
    });
    const spared = { id: one.client.id, error: one.run(slowQuery(60)) };
    const straight = start(direct.clients[0]!, slowQuery(60));
    assertEquals(await other.run(slowQuery(60)), INTERRUPTED);
    const { session, note } = await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals((session as { client: unknown }).client, {
      ...{ proxy: "edge", session: other.session, user: "app", host: "10.1.1.2" },
      ...{ port: 40_000 + other.session, hostgroup: 10 },
    });
    assertEquals([note, told(sniper), killsAt(proxy)], [
      undefined,
      [`kill query, killed ${other.client.id}`],
      [],
    ]);
    assertCleanEnd(await sniper.stop());
    await assertSpared(primary, spared);
    await assertSpared(primary, straight);
  }],

  ["a connection is ended by the proxy alone, and the event says so", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using bound = await BoundClient.connect(proxy, primary);
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules: policy(LONG, "kill connection"),
    });
    assertEquals(await bound.run(slowQuery(60)), -1);
    const { note } = await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(note, `by the proxy "edge", its session ${bound.session}`);
    assertEquals(killsAt(proxy), [`KILL CONNECTION ${bound.session}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["without the server's ids, connections are told by their ports", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using bound = await BoundClient.connect(proxy, primary, { extended: false });
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules: policy(`${LONG} and client_host = '10.1.1.1'`, "kill connection"),
    });
    assertEquals(await bound.run(slowQuery(60)), -1);
    await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(killsAt(proxy), [`KILL CONNECTION ${bound.session}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["what both sides do not agree on is nobody's, and its connection is left", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    const rows = [{ user: "other" }, { db: "other" }, { info: "SELECT 1" }, { srv_port: 1 }];
    await using bound = new AsyncDisposableStack();
    const clients = await Promise.all(rows.map(async (row) => {
      const options = { row, extended: !("srv_port" in row) };
      return bound.use(await BoundClient.connect(proxy, primary, options));
    }));
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules: `policies:
        - { name: named, where: "user = 'app' and ${LONG} and client_host = '10.1.1.1'", then: kill query }
        - { name: ended, where: "user = 'app' and ${LONG}", then: kill connection }`,
    });
    const ended = clients.map((each) => each.run(slowQuery(60)));
    const { because } = await sniper.event("the skip", ({ reason }) => reason === "proxied");
    assertStringIncludes(JSON.stringify(because), "who can end the connection");
    await waitFor("all skips", () => Promise.resolve(told(sniper).length === rows.length));
    await nothingHappensFor(1200);
    assertEquals(
      told(sniper).toSorted(),
      clients.map(({ client }) => `kill connection, proxied ${client.id}`).toSorted(),
    );
    assertEquals(killsAt(proxy), []);
    assertCleanEnd(await sniper.stop());
    for (const [index, { client }] of clients.entries()) {
      await assertSpared(primary, { id: client.id, error: ended[index]! });
    }
  }],

  ["a proxy that hangs holds up no look, and nothing that depends on it is killed", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using bound = await BoundClient.connect(proxy, primary);
    await using direct = await appClients(primary, 1);
    proxy.behaviour.frozen = true;
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules: `policies:
        - { name: named, where: "${LONG} and client_host = '10.1.1.1'", then: kill query }
        - { name: ended, where: "user = 'app' and ${LONG} and sql like '%sesame%'", then: kill connection }
        - { name: other, where: "user = 'app' and ${LONG} and sql like '%other%'", then: kill query }`,
    });
    const ended = bound.run(slowQuery(60));
    await sniper.event("the skip", ({ reason }) => reason === "proxied");
    for (let round = 0; round < 3; round++) {
      const begun = performance.now();
      assertEquals(await start(direct.clients[0]!, slowQuery(60, "other")).error, INTERRUPTED);
      assert(performance.now() - begun < 5000, `it was killed after ${performance.now() - begun} ms`);
    }
    assertEquals(told(sniper).filter((text) => text.endsWith(` ${bound.client.id}`)), [
      `kill connection, proxied ${bound.client.id}`,
    ]);
    proxy.behaviour.frozen = false;
    assertEquals(await ended, INTERRUPTED, "once it answers, it is known whose it is");
    assertEquals(killsAt(proxy), []);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "what a proxy keeps for its next client is left, and a transaction's owner is ended",
    async ({ primary }) => {
      await using proxy = await ProxysqlStandIn.start();
      await using bound = await BoundClient.connect(proxy, primary);
      await using pool = await appClients(primary, 2);
      const [free, unknown] = pool.clients as [Client, Client];
      proxy.addFree(primary, free.id);
      await bound.client.query("BEGIN");
      await bound.client.query("SELECT * FROM config FOR UPDATE");
      await using sniper = await startBehind(primary, {
        proxies: [proxy],
        rules: policy("idle_time > 500ms", "kill connection"),
      });
      await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      // On a busy machine the proxy's first answer comes late, and nothing is known before.
      const known = () => told(sniper).filter((text) => !text.includes("proxied"));
      await waitFor("both skips", () => Promise.resolve(known().length === 3));
      assertEquals(
        known().toSorted(),
        [
          `kill connection, killed ${bound.client.id}`,
          ...[free, unknown].map(({ id }) => `kill connection, pooled ${id}`),
        ].toSorted(),
      );
      assertEquals(killsAt(proxy), [`KILL CONNECTION ${bound.session}`]);
      for (const client of [free, unknown]) assertEquals((await client.query("SELECT 1")).length, 1);
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["a statement that the proxy runs again is retried", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    const sql = slowQuery(60);
    // The row goes on to show it: on another connection it has begun again.
    await using bound = await BoundClient.connect(proxy, primary, {
      row: { command: "Query", info: sql, time_ms: 60_000 },
    });
    await using sniper = await startBehind(primary, { proxies: [proxy], rules: policy(LONG) });
    assertEquals(await bound.run(sql), INTERRUPTED);
    const { outcome, note, took_ms } = await sniper.event(
      "the kill",
      ({ outcome }) => outcome !== undefined && outcome !== "skipped",
    );
    assertEquals([outcome, note], ["retried", "its proxy ran it again"]);
    assert(Number(took_ms) < 4000, `${took_ms}`);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "who may only read at the proxy ends no connection there, and statements all the same",
    async ({ primary }) => {
      await using proxy = await ProxysqlStandIn.start();
      await using bound = await BoundClient.connect(proxy, primary);
      await using sniper = await startBehind(primary, {
        proxies: [proxy],
        credentials: STATS_ONLY,
        rules: `policies:
        - { name: ended, where: "user = 'app' and ${LONG}", then: kill connection }
        - { name: late, where: "user = 'app' and time > 1500ms", then: kill query }`,
      });
      assertEquals(await bound.run(slowQuery(60)), INTERRUPTED);
      await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      assertEquals(told(sniper), [
        `kill connection, proxied ${bound.client.id}`,
        `kill query, killed ${bound.client.id}`,
      ]);
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["a statement that survives is escalated by the proxy", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using bound = await BoundClient.connect(proxy, primary);
    await using sniper = await startBehind(primary, {
      proxies: [proxy],
      rules:
        `policies: [{ name: behind, where: "user = 'app' and ${LONG}", then: kill query, escalate: 1500ms }]`,
    });
    const ended = bound.run("SELECT a.note, b.note FROM item a JOIN item b");
    bound.client.stopReading();
    await sniper.event("the end", ({ escalation }) => escalation === true);
    assertEquals(told(sniper), [
      `kill query, survived ${bound.client.id}`,
      `kill connection, killed ${bound.client.id}`,
    ]);
    assertEquals(killsAt(proxy), [`KILL CONNECTION ${bound.session}`]);
    assertCleanEnd(await sniper.stop());
    bound.client.destroy();
    assertEquals(await ended, -1);
  }],

  ["explain names the client, and check what the proxy lets be known and done", async ({ primary }) => {
    await using proxy = await ProxysqlStandIn.start();
    await using bound = await BoundClient.connect(proxy, primary);
    await using written = await writeConfig(behind(primary, {
      proxies: [proxy],
      rules: policy("client_host = '10.1.1.1' and time > 0s", "kill connection"),
      credentials: STATS_ONLY,
    }));
    const ended = bound.run(slowQuery(60));
    const session = String(bound.client.id);
    const explain = (...args: string[]) =>
      runProgram(["explain", "-c", written.file, "--session", session, ...args]);
    const { sessions } = JSON.parse((await explain("--format", "json")).stdout);
    assertEquals([sessions[0].session.client.host, sessions[0].verdicts[0].selects], ["10.1.1.1", true]);
    const text = (await explain()).stdout;
    assertStringIncludes(text, `for app@10.1.1.1 through edge (session ${bound.session})`);
    assertStringIncludes(text, "the credentials name no administrator of that ProxySQL");
    const { code, stdout } = await runProgram(["check", "-c", written.file, "--format", "json"]);
    const { proxies } = JSON.parse(stdout);
    assertEquals([code, proxies[0].proxy, proxies[0].version, proxies[0].ends_sessions], [
      1,
      "edge",
      "2.7.2-local",
      false,
    ]);
    await using root = await Client.connect(primary);
    await root.query(`KILL QUERY ${session}`);
    assertEquals(await ended, INTERRUPTED);
  }],

  ["of two proxies each ends its own, and is asked once a second at most", async ({ primary }) => {
    await using edge = await ProxysqlStandIn.start();
    await using core = await ProxysqlStandIn.start();
    await using one = await BoundClient.connect(edge, primary);
    await using two = await BoundClient.connect(core, primary);
    await using sniper = await startBehind(primary, {
      proxies: [edge, core],
      rules: policy("time > 2500ms", "kill connection"),
    });
    const begun = performance.now();
    assertEquals(await Promise.all([one.run(slowQuery(60)), two.run(slowQuery(60))]), [-1, -1]);
    await waitFor("both kills", () => Promise.resolve(told(sniper).length === 2));
    const seconds = Math.ceil((performance.now() - begun) / 1000) + 1;
    for (const [proxy, { session }] of [[edge, one], [core, two]] as const) {
      assertEquals(killsAt(proxy), [`KILL CONNECTION ${session}`]);
      const readings = proxy.statements.filter((sql) => sql.endsWith("FROM stats_mysql_processlist"));
      assert(readings.length <= seconds, `${readings.length} readings in ${seconds} s`);
    }
    assertCleanEnd(await sniper.stop());
  }],
];

await onEachFlavor("kills behind a proxy", CASES, { alone: true });
