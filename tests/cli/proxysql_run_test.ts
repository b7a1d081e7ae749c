// query-sniper proxysql run, against a stand-in of ProxySQL.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { waitFor } from "../lab/wait_for.ts";
import { type LoggedEvent, runProgram, startProgram } from "../program.ts";
import { CREDENTIALS, started, STATS_ONLY } from "./proxysql.ts";
import { changes, configOf, RunningAgent } from "./running_agent.ts";

const drainStatements = (acts: readonly string[]) => acts.filter((act) => /^[A-Z]/.test(act));

Deno.test("the agent answers probes, reloads, tells how it is, and drains at SIGTERM", async () => {
  await using proxy = await started();
  await using agent = await RunningAgent.start(proxy, "drain: { timeout: 20s, close_idle: 100ms }");
  const { program, folder } = agent;
  await agent.until("ready", 200);
  assertEquals((await agent.get("/healthz/live"))[0], 200);
  assertEquals((await agent.get("/healthz/started"))[0], 200);
  const [, state] = await agent.get("/v1/status");
  assertEquals([state["state"], state["ready"], state["paused"]], ["up", true, false]);
  program.signal("SIGUSR2");
  const told = await program.event("the state", ({ event }) => event === "proxysql-status");
  assertEquals([told["state"], told["ready"], told["backends"]], ["up", true, { ONLINE: 1, SHUNNED: 1 }]);
  const before = await Deno.readTextFile(folder.file("query-sniper.yaml"));
  await Deno.writeTextFile(folder.file("query-sniper.yaml"), before.replace("1s", "1"));
  program.signal("SIGHUP");
  const refused = await program.event("the refusal", ({ event }) => event === "config");
  assertStringIncludes(String(refused["problems"]), "it needs a unit");
  await Deno.writeTextFile(folder.file("query-sniper.yaml"), before.replace("1s", "2s"));
  program.signal("SIGHUP");
  await program.event("the reload", ({ event, state }) => event === "config" && state === "reloaded");
  await agent.until("ready", 200);
  assertEquals(changes(proxy), []);

  program.signal("SIGTERM");
  await program.event("the pause", ({ event, state }) => event === "proxysql-drain" && state === "paused");
  const notReady = await agent.until("ready", 503);
  assert(String(notReady["reasons"]).startsWith("it drains"), String(notReady["reasons"]));
  assertEquals((await agent.get("/healthz/live"))[0], 200);
  // Somebody still works; then they have done.
  proxy.endSession(2);
  const { code, stderr } = await program.ended;
  assertEquals([code, stderr], [0, ""]);
  assertEquals(agent.states("proxysql-drain"), ["began", "paused", "closed", "done"]);
  assertEquals(agent.events("stop").map(({ reason }) => reason), ["SIGTERM"]);
  assertEquals([proxy.paused, proxy.isUp, changes(proxy)], [true, true, [
    "PROXYSQL PAUSE",
    "KILL CONNECTION 1",
  ]]);
  assertEquals(await agent.acts(), ["PROXYSQL PAUSE", "done", "KILL CONNECTION 1", "done"]);
});

Deno.test("SIGTERM drains at once, also while plugins are still loaded", async () => {
  await using proxy = await started();
  proxy.endSession(2);
  const asked = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Response>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    asked.resolve();
    return never.promise;
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const folder = await Folder.make({
    "credentials.yaml": CREDENTIALS,
    "slow.js": `await fetch("http://${place}/"); export const health = () => [];`,
  });
  const plugin = `{ file: slow.js, timeout: 30s, permissions: { net: [ "${place}" ] } }`;
  const more = `drain: { timeout: 20s, close_idle: 100ms }\nplugins: [ ${plugin} ]`;
  await using agent = await RunningAgent.start(proxy, more, { folder });
  await asked.promise;
  agent.program.signal("SIGTERM");
  // The plugin gets no answer before ProxySQL is drained.
  await agent.program.event("the end", ({ event, state }) => event === "proxysql-drain" && state === "done");
  assertEquals((await agent.program.ended).code, 0);
  never.resolve(new Response());
  assertEquals([changes(proxy), agent.states("proxysql-plugin")], [
    ["PROXYSQL PAUSE", "KILL CONNECTION 1"],
    ["stopped"],
  ]);
});

Deno.test("while a plugin waits for an answer ProxySQL is looked at, and the agent ends with it", async () => {
  await using proxy = await started();
  const asked = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Response>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    asked.resolve();
    return never.promise;
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const folder = await Folder.make({
    "credentials.yaml": CREDENTIALS,
    "hook.js": `export const event = async ({ event }) => {
      if (event === "proxysql-connected") await fetch("http://${place}/");
    };
    export const health = () => ["not yet"];`,
  });
  const plugin = `{ file: hook.js, timeout: 30s, permissions: { net: [ "${place}" ] } }`;
  await using agent = await RunningAgent.start(proxy, `plugins: [ ${plugin} ]`, { folder });
  await asked.promise;
  const looks = async () =>
    ((await agent.get("/v1/status"))[1]["counts"] as { readonly looks: number }).looks;
  const before = await looks();
  await waitFor("four more looks", async () => await looks() >= before + 4);
  assertEquals((await agent.get("/healthz/live"))[0], 200);
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  never.resolve(new Response());
  assertEquals(agent.states("proxysql-plugin"), ["started", "stopped"]);
});

Deno.test("without `drain`, and at SIGINT, ProxySQL is left as it is; a second signal ends a drain", async () => {
  for (const [more, signal] of [["role: none", "SIGTERM"], ["drain: { timeout: 20s }", "SIGINT"]] as const) {
    await using proxy = await started();
    await using agent = await RunningAgent.start(proxy, more);
    await agent.until("ready", 200);
    assertEquals((await agent.program.stop(signal)).code, 0);
    assertEquals([changes(proxy), await agent.acts()], [[], []]);
  }
  await using proxy = await started();
  await using agent = await RunningAgent.start(proxy, "drain: { timeout: 1h }");
  await agent.until("ready", 200);
  agent.program.signal("SIGTERM");
  await agent.program.event(
    "the pause",
    ({ event, state }) => event === "proxysql-drain" && state === "paused",
  );
  const began = performance.now();
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  assert(performance.now() - began < 5000);
});

Deno.test("a drain that kill -9 interrupts goes on at the next start, and one of a ProxySQL that has ended is over", async () => {
  await using proxy = await started();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  {
    await using agent = await RunningAgent.start(proxy, "drain: { timeout: 1h, close_idle: 100ms }", {
      folder,
    });
    await agent.until("ready", 200);
    assertEquals((await agent.get("/v1/drain", "POST"))[0], 202);
    await agent.program.event(
      "a session",
      ({ event, state }) => event === "proxysql-drain" && state === "closed",
    );
    await agent.program.stop("SIGKILL");
    const again = await RunningAgent.start(proxy, "drain: { timeout: 1h, close_idle: 100ms }", { folder });
    await using program = again.program;
    const went = await program.event("the drain", ({ event }) => event === "proxysql-drain");
    assertEquals([went["state"], went["reason"]], ["began", "a drain that was begun before goes on"]);
    assertEquals((await again.get("/healthz/ready"))[0], 503);
    proxy.endSession(2);
    await program.event("the end", ({ event, state }) => event === "proxysql-drain" && state === "done");
    assertEquals(changes(proxy).filter((sql) => sql.startsWith("KILL")), ["KILL CONNECTION 1"]);
    await program.stop("SIGKILL");
    // Another ProxySQL, which has not been drained, has the same state folder.
    await Deno.writeTextFile(folder.file("draining"), '{"draining_since":"2020-01-01T00:00:00.000Z"}\n');
    await using next = await started();
    const third = await RunningAgent.start(next, "drain: { timeout: 1h }", { folder });
    await using other = third.program;
    const over = await other.event("the end", ({ event }) => event === "proxysql-drain");
    assertEquals([over["state"], over["reason"]], [
      "resumed",
      "the drain was of a ProxySQL that has ended since",
    ]);
    await third.until("ready", 200);
    assertEquals(changes(next), []);
  }
});

Deno.test("of two that ask at once one drains, a dump is made meanwhile, and a resume calls the drain off", async () => {
  await using proxy = await started();
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT 1",
    count_star: 5,
    first_seen: 1e9,
    last_seen: 1e9,
  });
  await using agent = await RunningAgent.start(proxy, "drain: { timeout: 1h }\ndigests: { folder: dumps }");
  await agent.until("ready", 200);
  const [one, other, dump] = await Promise.all(
    ["/v1/drain", "/v1/drain", "/v1/dump"].map((path) => agent.get(path, "POST")),
  );
  assertEquals([one![0], other![0]].toSorted(), [202, 409]);
  assertEquals(dump![0], 202);
  await agent.program.event(
    "the dump",
    ({ event, state }) => event === "proxysql-dump" && state === "written",
  );
  await agent.program.event(
    "the pause",
    ({ event, state }) => event === "proxysql-drain" && state === "paused",
  );
  assertEquals((await agent.get("/v1/resume", "POST"))[0], 202);
  await agent.program.event(
    "the resume",
    ({ event, state }) => event === "proxysql-drain" && state === "resumed",
  );
  await agent.until("ready", 200);
  assertEquals([proxy.paused, changes(proxy).filter((sql) => sql === "PROXYSQL PAUSE").length], [false, 1]);
  const [, { works }] = await agent.get("/v1/status");
  const ended = Object.fromEntries(
    (works as readonly LoggedEvent[]).map(({ work, state, reason }) => [work, [state, reason]]),
  );
  assertEquals([ended["drain"], ended["resume"]], [["done", "called off"], [
    "done",
    "it takes connections again",
  ]]);
  assertEquals((await Array.fromAsync(Deno.readDir(agent.folder.file("dumps")))).length, 1);
});

Deno.test("a command and the agent never drain or resume at once: who comes later waits, or is refused", async () => {
  await using proxy = await started();
  const port = freePort();
  const more = `drain: { timeout: 1h, close_idle: 100ms }\nhttp: { listen: "127.0.0.1:${port}" }`;
  await using agent = await RunningAgent.start(proxy, more);
  const drain = (...args: string[]) => runProgram(["proxysql", "drain", ...args], { cwd: agent.folder.path });
  const pauses = () => changes(proxy).filter((sql) => sql === "PROXYSQL PAUSE").length;
  await agent.until("ready", 200);
  assertEquals((await agent.get("/v1/drain", "POST"))[0], 202);
  await agent.program.event("the end of a session", ({ state }) => state === "closed");
  const undone = await drain("--resume");
  assertEquals([undone.code, undone.stdout, proxy.paused], [1, "", true]);
  assertStringIncludes(undone.stderr, `the agent (process ${agent.program.pid}) drains it already, since 20`);
  const late = await drain("--timeout", "1s", "--shutdown");
  assertEquals([late.code, pauses(), proxy.isUp], [1, 1, true]);
  assertStringIncludes(late.stdout, "waits: the agent");
  assertStringIncludes(late.stderr, "two programs must not do that at once");

  // The agent's drain is called off: the command that waits has its turn then, before the resume.
  await using second = startProgram(["proxysql", "drain"], { cwd: agent.folder.path });
  await second.line("the turn", (line) => line.startsWith("waits: the agent"));
  assertEquals((await agent.get("/v1/resume", "POST"))[0], 202);
  const refused = await agent.program.event(
    "the refusal",
    ({ event, state }) => event === "proxysql-drain" && state === "trouble",
  );
  assertStringIncludes(
    String(refused["reason"]),
    `query-sniper proxysql drain (process ${second.pid}) drains`,
  );
  assertEquals(proxy.paused, true);
  proxy.endSession(2);
  assertEquals((await second.ended).code, 0);
  // Nobody drains any more: not even what was ended by force keeps the turn.
  assertEquals((await agent.program.stop("SIGKILL")).code, 137);
  assertEquals([(await drain("--resume")).code, proxy.paused], [0, false]);
});

Deno.test("where nothing can be written down nothing is done, but at the end of the program a drain is", async () => {
  await using proxy = await started();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  await Deno.mkdir(folder.file("proxysql-acts.jsonl"));
  await using agent = await RunningAgent.start(proxy, "drain: { timeout: 1s, close_idle: 100ms }", {
    folder,
  });
  await agent.until("ready", 200);
  assertStringIncludes(agent.program.stderr, "what is done to ProxySQL cannot be written down");
  assertEquals((await agent.get("/v1/drain", "POST"))[0], 202);
  await agent.program.event(
    "the trouble",
    ({ event, state }) => event === "proxysql-drain" && state === "trouble",
  );
  assertEquals([changes(proxy), proxy.paused], [[], false]);
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  assertEquals([changes(proxy), proxy.paused], [["PROXYSQL PAUSE", "KILL CONNECTION 1"], true]);
  const told = agent.events("proxysql-drain").map(({ reason }) => String(reason));
  assert(
    told.some((reason) => reason.startsWith("not written down, and done all the same")),
    told.join("\n"),
  );
});

Deno.test("a dump that fails is told once, and digests are emptied after one that is on disk", async () => {
  await using proxy = await started();
  proxy.digestMemory = 2 ** 21;
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT 1",
    count_star: 5,
    first_seen: 1e9,
    last_seen: 1e9,
  });
  await using agent = await RunningAgent.start(
    proxy,
    "digests: { folder: taken/dumps, purge: { memory: 1MiB } }",
  );
  await agent.until("ready", 200);
  await Deno.writeTextFile(agent.folder.file("taken"), "no folder");
  for (let attempt = 0; attempt < 3; attempt++) {
    await waitFor(
      "the dump",
      async () => (await agent.get("/v1/dump", "POST"))[0] === 202 ? true : undefined,
    );
  }
  await waitFor("the end", async () => {
    const [, { counts }] = await agent.get("/v1/status");
    return (counts as Record<string, number>)["failed_dumps"]! >= 3 ? true : undefined;
  });
  assertEquals(agent.states("proxysql-dump"), ["failed"]);
  assertEquals(changes(proxy), []);
  await Deno.remove(agent.folder.file("taken"));
  await waitFor("the dump", async () => (await agent.get("/v1/dump", "POST"))[0] === 202 ? true : undefined);
  await agent.program.event("the purge", ({ event }) => event === "proxysql-purge");
  assertEquals([agent.states("proxysql-dump"), agent.states("proxysql-purge")], [["failed", "written"], [
    "done",
  ]]);
  assertEquals(drainStatements(await agent.acts()), ["TRUNCATE TABLE stats.stats_mysql_query_digest"]);
});

Deno.test("dumps are made on schedule, and a last one before ProxySQL is shut down", async () => {
  await using proxy = await started();
  proxy.endSession(2);
  const more = "digests: { folder: dumps, every: 10s }\ndrain: { close_idle: 100ms, shutdown: true }";
  await using agent = await RunningAgent.start(proxy, more);
  await agent.program.event("the first", ({ event }) => event === "proxysql-dump");
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  assertEquals(agent.states("proxysql-dump"), ["written", "written"]);
  assertEquals([proxy.isUp, drainStatements(await agent.acts()).at(-1)], [false, "PROXYSQL SHUTDOWN"]);
});

Deno.test("a dry run tells the statements, and sends none of them", async () => {
  await using proxy = await started();
  proxy.digestMemory = 2 ** 21;
  const more =
    "digests: { folder: dumps, every: 10s, purge: { memory: 1MiB } }\ndrain: { close_idle: 100ms }";
  await using agent = await RunningAgent.start(proxy, more, { args: ["--dry-run"] });
  const purge = await agent.program.event("the purge", ({ event }) => event === "proxysql-dry-run");
  assertEquals([purge["act"], purge["statements"]], ["purge", [
    "TRUNCATE TABLE stats.stats_mysql_query_digest",
  ]]);
  assertEquals((await agent.get("/v1/resume", "POST"))[0], 202);
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  const told = agent.events("proxysql-dry-run").map(({ act, statements }) => [act, statements]);
  assertEquals(told.slice(1), [["resume", ["PROXYSQL RESUME"]], ["drain", [
    "PROXYSQL PAUSE",
    "KILL CONNECTION 1",
  ]]]);
  assertEquals([changes(proxy), await agent.acts(), proxy.paused], [[], [], false]);
  await assertNone(agent.folder.file("draining"), agent.folder.file("dumps"));
});

Deno.test("a dry run of a satellite tries nothing, is no refusal, and leaves what was written down alone", async () => {
  await using proxy = await started();
  const left = '{"at":"2020-01-01T00:00:00.000Z","id":"1","phase":"intent","act":"drain","by":"agent of ' +
    `${proxy.address}","start":"gone","statements":["PROXYSQL PAUSE"]}\n`;
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS, "proxysql-acts.jsonl": left });
  await using agent = await RunningAgent.start(proxy, "role: satellite", { folder, args: ["--dry-run"] });
  const told = await agent.program.event("the resync", ({ event }) => event === "proxysql-dry-run");
  assertEquals(told["act"], "resync");
  await agent.get("/v1/resync", "POST");
  const { works } = (await agent.get("/v1/status"))[1] as { works: { work: string; state: string }[] };
  assertEquals(works.map(({ work }) => work), ["resync"]);
  assertEquals((await agent.program.stop("SIGTERM")).code, 0);
  assertEquals([changes(proxy), agent.states("proxysql-resync")], [[], []]);
  assertEquals(await Deno.readTextFile(folder.file("proxysql-acts.jsonl")), left);
});

async function assertNone(...files: readonly string[]): Promise<void> {
  for (const file of files) assertEquals(await Deno.stat(file).then(() => true, () => false), false, file);
}

Deno.test("`proxysql health` asks the agent that runs, and ProxySQL where none answers", async () => {
  await using proxy = await started();
  const port = freePort();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  await using agent = await RunningAgent.start(proxy, `http: { listen: "127.0.0.1:${port}" }`, { folder });
  await agent.until("ready", 200);
  await agent.get("/v1/drain", "POST");
  await agent.program.event(
    "the pause",
    ({ event, state }) => event === "proxysql-drain" && state === "paused",
  );
  const health = (...args: string[]) => runProgram(["proxysql", "health", ...args], { cwd: folder.path });
  const notReady = await health("--ready");
  assertEquals(notReady.code, 1);
  assertStringIncludes(notReady.stdout, "not ready: it drains");
  const before = proxy.connections;
  assertEquals((await health("--live")).stdout, "live\n");
  assertEquals(proxy.connections, before);
  await agent.program.stop("SIGINT");
  assertEquals((await health("--live")).stdout, "live\n");
  const alone = proxy.connections;
  assert(alone > before);
  // What listens there now is no agent.
  await using _other = Deno.serve(
    { port, hostname: "127.0.0.1", onListen() {} },
    () => new Response('{"ok":true}'),
  );
  assertEquals((await health("--live")).stdout, "live\n");
  assert(proxy.connections > alone);
});

Deno.test("`proxysql status` tells who leads where an agent knows it", async () => {
  await using proxy = await started();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS, "http-token": "0123456789abcdef" });
  const more = [
    `http: { listen: "127.0.0.1:${freePort()}", token_file: http-token }`,
    ...["role: core", "leader: always", `peers: { static: [ "${proxy.address}" ] }`],
  ].join("\n");
  await using agent = await RunningAgent.start(proxy, more, { folder });
  await agent.program.event(
    "the leader",
    ({ event, state }) => event === "proxysql-leader" && state === "leads",
  );
  const status = async (...args: string[]) =>
    (await runProgram(["proxysql", "status", ...args], { cwd: folder.path })).stdout;
  assertStringIncludes(await status(), "role core, leader this one, takes connections: yes");
  assertEquals(JSON.parse(await status("--format", "json")).leader, { state: "leads" });
  await agent.program.stop("SIGINT");
  assertStringIncludes(await status(), "role core, leader -, takes connections: yes");
});

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

Deno.test("the agent refuses what it cannot do, or should not", async () => {
  await using proxy = await started();
  const rows: readonly (readonly [more: string, message: string, credentials?: string])[] = [
    ["interval: 10", "it needs a unit"],
    ["http: { listen: 0.0.0.0:8080 }", "all but GET /healthz needs a token"],
    ["digests: { every: 5m }", '"folder" is missing'],
    ["drain: { timeout: 5s }", "this needs an administrator", STATS_ONLY],
    ["role: satellite", "this needs an administrator", STATS_ONLY],
  ];
  for (const [more, message, credentials = CREDENTIALS] of rows) {
    await using folder = await Folder.make({
      "query-sniper.yaml": configOf(proxy, more),
      "credentials.yaml": credentials,
    });
    const { code, stderr, stdout } = await runProgram(["proxysql", "run"], { cwd: folder.path });
    assertEquals([code, stdout], [2, ""], more);
    assertStringIncludes(stderr, message);
  }
  await using _taken = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response());
  await using folder = await Folder.make({
    "query-sniper.yaml": configOf(proxy, `http: { listen: "127.0.0.1:${_taken.addr.port}" }`),
    "credentials.yaml": CREDENTIALS,
  });
  const taken = await runProgram(["proxysql", "run"], { cwd: folder.path });
  assertEquals(taken.code, 1);
  assertStringIncludes(taken.stderr, "another program listens there");
  assertEquals(changes(proxy), []);
});
