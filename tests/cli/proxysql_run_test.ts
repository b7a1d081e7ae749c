// query-sniper proxysql run, against a stand-in of ProxySQL.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { waitFor } from "../lab/wait_for.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import {
  type LoggedEvent,
  type ProgramOptions,
  type RunningProgram,
  runProgram,
  startProgram,
} from "../program.ts";
import { CREDENTIALS, started, STATS_ONLY } from "./proxysql.ts";

/** The agent of a stand-in, while it runs. */
class Agent implements AsyncDisposable {
  readonly folder: Folder;
  readonly program: RunningProgram;
  readonly port: number;

  private constructor(folder: Folder, program: RunningProgram, port: number) {
    this.folder = folder;
    this.program = program;
    this.port = port;
  }

  /** Starts it; `more`: keys of `proxysql` beside its address. */
  static async start(
    proxy: ProxysqlStandIn,
    more = "",
    { args = [], folder, ...options }: ProgramOptions & {
      readonly args?: readonly string[];
      readonly folder?: Folder;
    } = {},
  ): Promise<Agent> {
    const place = folder ?? await Folder.make({ "credentials.yaml": CREDENTIALS });
    await Deno.writeTextFile(place.file("query-sniper.yaml"), configOf(proxy, more));
    const program = startProgram(["proxysql", "run", "--log-format", "json", ...args], {
      ...options,
      cwd: place.path,
    });
    const told = await program.event("the address", ({ event }) => event === "http");
    return new Agent(place, program, Number(String(told["address"]).split(":").at(-1)));
  }

  async get(path: string, method = "GET"): Promise<readonly [status: number, body: Record<string, unknown>]> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { method });
    return [response.status, await response.json()];
  }

  /** Waits until a probe is answered with this status. */
  async until(probe: string, status: number): Promise<Record<string, unknown>> {
    return await waitFor(`${probe} to be ${status}`, async () => {
      const [now, body] = await this.get(`/healthz/${probe}`);
      return now === status ? body : undefined;
    }, { timeoutMs: 10_000 });
  }

  /** The states of events of a kind, in their order. */
  states(event: string): readonly string[] {
    return this.events(event).map(({ state }) => String(state));
  }

  events(event: string): readonly LoggedEvent[] {
    return this.program.lines.map((line) => JSON.parse(line) as LoggedEvent).filter((each) =>
      each.event === event
    );
  }

  /** What was written down: of each act its phase or outcome, and its first statement. */
  async acts(): Promise<readonly string[]> {
    const text = await Deno.readTextFile(this.folder.file("proxysql-acts.jsonl")).catch(() => "");
    return text.trim().split("\n").filter((line) => line !== "").map((line) => {
      const { phase, outcome, statements } = JSON.parse(line);
      return phase === "intent" ? statements[0] : outcome;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

function configOf(proxy: ProxysqlStandIn, more: string): string {
  const given = ["interval: 1s", "timeout: 300ms", "http: { listen: 127.0.0.1:0 }"];
  return `proxysql:\n  address: "${proxy.address}"\n${
    [...given.filter((line) => !more.includes(line.split(":")[0]!)), ...more.split("\n")].map((line) =>
      `  ${line}\n`
    )
      .join("")
  }`;
}

const changes = (proxy: ProxysqlStandIn) =>
  proxy.statements.filter((sql) => /^(?:PROXYSQL|KILL|TRUNCATE|INSERT|DELETE|LOAD|UPDATE|REPLACE)/.test(sql));

const drainStatements = (acts: readonly string[]) => acts.filter((act) => /^[A-Z]/.test(act));

Deno.test("the agent answers probes, reloads, tells how it is, and drains at SIGTERM", async () => {
  await using proxy = await started();
  await using agent = await Agent.start(proxy, "drain: { timeout: 20s, close_idle: 100ms }");
  const { program, folder } = agent;
  await agent.until("ready", 200);
  assertEquals((await agent.get("/healthz/live"))[0], 200);
  assertEquals((await agent.get("/healthz/started"))[0], 200);
  const [, state] = await agent.get("/v1/status");
  assertEquals([state["state"], state["ready"], state["paused"]], ["up", true, false]);
  program.signal("SIGUSR1");
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

Deno.test("without `drain`, and at SIGINT, ProxySQL is left as it is; a second signal ends a drain", async () => {
  for (const [more, signal] of [["role: none", "SIGTERM"], ["drain: { timeout: 20s }", "SIGINT"]] as const) {
    await using proxy = await started();
    await using agent = await Agent.start(proxy, more);
    await agent.until("ready", 200);
    assertEquals((await agent.program.stop(signal)).code, 0);
    assertEquals([changes(proxy), await agent.acts()], [[], []]);
  }
  await using proxy = await started();
  await using agent = await Agent.start(proxy, "drain: { timeout: 1h }");
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

Deno.test("SIGTERM ends it in time, whatever ProxySQL does", async () => {
  const states: Readonly<Record<string, (proxy: ProxysqlStandIn) => void | Promise<void>>> = {
    frozen: ({ behaviour }) => void (behaviour.frozen = true),
    deaf: ({ behaviour }) => void (behaviour.deaf = true),
    silent: ({ behaviour }) => void (behaviour.silent = true),
    slow: ({ behaviour }) => void (behaviour.slow = 250),
    gone: (proxy) => proxy.crash(),
  };
  await Promise.all(
    Object.entries(states).map(async ([name, misbehave]) => {
      await using proxy = await started();
      await using agent = await Agent.start(proxy, "drain: { timeout: 2s }");
      await agent.until("ready", 200);
      await misbehave(proxy);
      const began = performance.now();
      const { code, stderr } = await agent.program.stop("SIGTERM");
      const took = performance.now() - began;
      assertEquals([code, stderr], [0, ""], name);
      assert(took < 25_000, `${name}: ${took}`);
      assertEquals(agent.events("stop").length, 1, name);
      if (name !== "slow") assertEquals(agent.states("proxysql-drain"), ["trouble"], name);
    }),
  );
});

Deno.test("a drain that kill -9 interrupts goes on at the next start, and one of a ProxySQL that has ended is over", async () => {
  await using proxy = await started();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  {
    await using agent = await Agent.start(proxy, "drain: { timeout: 1h, close_idle: 100ms }", { folder });
    await agent.until("ready", 200);
    assertEquals((await agent.get("/v1/drain", "POST"))[0], 202);
    await agent.program.event(
      "a session",
      ({ event, state }) => event === "proxysql-drain" && state === "closed",
    );
    await agent.program.stop("SIGKILL");
    const again = await Agent.start(proxy, "drain: { timeout: 1h, close_idle: 100ms }", { folder });
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
    const third = await Agent.start(next, "drain: { timeout: 1h }", { folder });
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
  await using agent = await Agent.start(proxy, "drain: { timeout: 1h }\ndigests: { folder: dumps }");
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

Deno.test("where nothing can be written down nothing is done, but at the end of the program a drain is", async () => {
  await using proxy = await started();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  await Deno.mkdir(folder.file("proxysql-acts.jsonl"));
  await using agent = await Agent.start(proxy, "drain: { timeout: 1s, close_idle: 100ms }", { folder });
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

Deno.test("a ProxySQL that hangs is told once, takes nothing of the agent, and is back within an interval", async () => {
  await using proxy = await started();
  await using agent = await Agent.start(proxy);
  await agent.until("ready", 200);
  const files = () => [...Deno.readDirSync(`/proc/${agent.program.pid}/fd`)].length;
  const before = files();
  const connections = proxy.open;
  proxy.behaviour.frozen = true;
  await agent.until("live", 503);
  // So many looks, each of which is an attempt to connect.
  const seen = proxy.connections;
  await waitFor("more looks", () => Promise.resolve(proxy.connections >= seen + 4), { timeoutMs: 20_000 });
  assert(files() <= before + 1, `${before} file handles became ${files()}`);
  assert(proxy.open <= connections + 1, `${connections} connections became ${proxy.open}`);
  proxy.behaviour.frozen = false;
  const back = performance.now();
  await agent.until("ready", 200);
  assert(performance.now() - back < 3000);
  assertEquals(agent.events("proxysql-wedged").length, 1);
  assertEquals(agent.events("proxysql-connected").length, 2);
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
  await using agent = await Agent.start(proxy, "digests: { folder: taken/dumps, purge: { memory: 1MiB } }");
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
  await using agent = await Agent.start(proxy, more);
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
  await using agent = await Agent.start(proxy, more, { args: ["--dry-run"] });
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

async function assertNone(...files: readonly string[]): Promise<void> {
  for (const file of files) assertEquals(await Deno.stat(file).then(() => true, () => false), false, file);
}

Deno.test("`proxysql health` asks the agent that runs, and ProxySQL where none answers", async () => {
  await using proxy = await started();
  const port = freePort();
  const folder = await Folder.make({ "credentials.yaml": CREDENTIALS });
  await using agent = await Agent.start(proxy, `http: { listen: "127.0.0.1:${port}" }`, { folder });
  await agent.until("ready", 200);
  await agent.get("/v1/drain", "POST");
  const health = (...args: string[]) => runProgram(["proxysql", "health", ...args], { cwd: folder.path });
  const notReady = await health("--ready");
  assertEquals(notReady.code, 1);
  assertStringIncludes(notReady.stdout, "not ready: it drains");
  const before = proxy.connections;
  assertEquals((await health("--live")).stdout, "live\n");
  assertEquals(proxy.connections, before);
  await agent.program.stop("SIGINT");
  assertEquals((await health("--live")).stdout, "live\n");
  assertEquals(proxy.connections, before + 1);
  // What listens there now is no agent.
  await using _other = Deno.serve(
    { port, hostname: "127.0.0.1", onListen() {} },
    () => new Response('{"ok":true}'),
  );
  assertEquals((await health("--live")).stdout, "live\n");
  assertEquals(proxy.connections, before + 2);
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
