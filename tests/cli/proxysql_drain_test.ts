// query-sniper proxysql drain.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { runProgram, startProgram } from "../program.ts";
import { CREDENTIALS, run, started, STATS_ONLY } from "./proxysql.ts";

Deno.test("proxysql drain pauses, ends idle sessions, and says who was left", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.addSession();
  proxy.addSession({ command: "Query", time_ms: 3000, user: "batch" });
  proxy.addSession({ srv_host: "10.0.0.1", time_ms: 60_000 });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", drain: { close_idle: 500ms } }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  const drain = (...args: string[]) => runProgram(["proxysql", "drain", ...args], { cwd: folder.path });
  const isDraining = () => Deno.stat(folder.file("draining")).then(() => true, () => false);
  const dry = await drain("--dry-run", "--shutdown");
  assertEquals([dry.code, dry.stdout], [0, "PROXYSQL PAUSE\nKILL CONNECTION 1\nPROXYSQL SHUTDOWN\n"]);
  assertEquals([proxy.paused, proxy.sessionIds().length, await isDraining()], [false, 3, false]);
  const { code, stdout, stderr } = await drain("--timeout", "1s");
  assertEquals([code, stdout.split("\n"), stderr.split("\n")], [1, [
    "not ready from now on: draining",
    "paused: it takes no new connections",
    "closed: 1 session that did nothing",
    "",
  ], [
    "query-sniper: 2 sessions left after 1s, 1 closed",
    "  session 2: batch from 10.0.0.9:40002, Query for 3s",
    "  session 3: app from 10.0.0.9:40003, idle for 1m, and whether in a transaction is not known: " +
    "mysql-show_processlist_extended=1 tells",
    "",
  ]]);
  assertEquals([proxy.paused, await isDraining()], [true, true]);
  proxy.endSession(2);
  proxy.endSession(3);
  const again = await drain();
  assertStringIncludes(again.stdout, "not ready: a drain that was begun before goes on: draining\n");
  assertStringIncludes(again.stdout, "drained: 0 sessions closed, none is left\n");
  const undone = await drain("--resume");
  assertEquals([undone.code, undone.stdout], [0, "ProxySQL takes connections again\n"]);
  assertEquals([proxy.paused, await isDraining()], [false, false]);
  const down = await drain("--shutdown");
  assertEquals([down.code, proxy.isUp, await isDraining()], [0, false, false]);
  assertStringIncludes(down.stdout, "shut down\n");
});

Deno.test("a drain that is killed at any time is gone on with, and never closes who works", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.addSession({ command: "Query", extended_info: '{"active_transactions":1}' });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}" }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  for (const [line, pauseMs] of [["not ready", 800], ["paused", 0]] as const) {
    proxy.behaviour.pauseMs = pauseMs;
    await using program = startProgram(["proxysql", "drain"], { cwd: folder.path });
    await program.line(line, (text) => text.startsWith(line));
    await program.stop("SIGKILL");
    const health = await runProgram(["proxysql", "health", "--ready"], { cwd: folder.path });
    assertEquals(health.code, 1);
    assertStringIncludes(health.stdout, "it drains");
  }
  proxy.changeSession(1, { command: "Sleep", time_ms: 5000, extended_info: '{"active_transactions":0}' });
  const { code, stdout } = await runProgram(["proxysql", "drain"], { cwd: folder.path });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "drained: 1 session closed, none is left\n");
  // What those that were killed began is finished, too.
  const lines = (await Deno.readTextFile(folder.file("proxysql-acts.jsonl"))).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const ids = (phase: string) => lines.filter((line) => line.phase === phase).map(({ id }) => id).toSorted();
  assertEquals(ids("outcome"), ids("intent"));
  const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  assertEquals(names.filter((name) => /^proxysql-acts\.jsonl\..+\.lock$/.test(name)), []);
});

Deno.test("proxysql drain refuses what it is not told well", async () => {
  await using proxy = await started();
  for (
    const [args, message] of [
      [["--resume", "--shutdown"], "--resume undoes a drain: it does not go with --shutdown"],
      [["--timeout", "30"], '--timeout is a duration such as 30s, at most 1h: "30"'],
      [["--format", "json"], 'proxysql drain has no --format: "json"'],
      [["--live"], "proxysql drain has no option --live"],
    ] as const
  ) {
    const { code, stderr } = await run(proxy, ["drain", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
  const reader = await run(proxy, ["drain"], { credentials: STATS_ONLY });
  assertEquals(reader.code, 2);
  assertStringIncludes(reader.stderr, "this needs an administrator");
  const nowhere = await run(proxy, ["drain"], { more: ", drain: { file: /proc/nowhere/draining }" });
  assertEquals(nowhere.code, 1);
  assertStringIncludes(nowhere.stderr, "/proc/nowhere cannot be written");
  await using folder = await Folder.make({});
  await Deno.mkdir(folder.file("draining.lock"));
  const lock = await run(proxy, ["drain"], { more: `, drain: { file: "${folder.file("draining")}" }` });
  assertEquals(lock.code, 1);
  assertStringIncludes(lock.stderr, "draining.lock cannot be written: it is a directory");
  assertEquals([proxy.paused, proxy.statements.some((sql) => /^(?:KILL|PROXYSQL)/.test(sql))], [
    false,
    false,
  ]);
});
