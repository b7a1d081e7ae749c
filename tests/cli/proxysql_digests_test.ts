// query-sniper proxysql digests.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { Folder } from "../config/folder.ts";
import { type ProgramOptions, runProgram, startProgram } from "../program.ts";
import { run, started, STATS_ONLY } from "./proxysql.ts";

Deno.test("proxysql digests writes a file into the folder, once more only what came since", async () => {
  await using proxy = await started();
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  const now = Math.floor(Date.now() / 1000);
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT ?",
    count_star: 5,
    first_seen: now,
    last_seen: now,
  });
  const dump = async (...args: string[]) => {
    const result = await runProgram(["proxysql", "digests", ...args], { cwd: folder.path });
    assertEquals([result.code, result.stderr], [0, ""]);
    return result.stdout;
  };
  const first = await dump();
  assert(
    /^\S*dumps\/digests-\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{12}\.jsonl\.gz: 1 rows in all, sha256 [0-9a-f]{64}\n$/
      .test(first),
    first,
  );
  assert(/: 0 rows since \S+Z, sha256 /.test(await dump()));
  proxy.changeDigest("0x01", { count_star: 7 });
  for (const format of ["csv", "parquet"]) assertStringIncludes(await dump("--format", format), `.${format}`);
  const names = (await Array.fromAsync(Deno.readDir(folder.file("dumps")))).map(({ name }) =>
    name.replace(/.*?\./, "")
  )
    .toSorted();
  assertEquals(names, [
    ...["csv.gz", "csv.gz.manifest.json", "jsonl.gz", "jsonl.gz", "parquet", "parquet.manifest.json"],
  ]);
  const named = await dump("--output", "a.jsonl", "--delta");
  assert(named.startsWith(`${folder.file("a.jsonl")}: 0 rows`), named);
  assertEquals((await Deno.stat(folder.file("proxysql.sqlite"))).mode! & 0o777, 0o600);
  assertEquals(proxy.tables.prepare("SELECT count(*) AS n FROM stats_mysql_query_digest").get()!["n"], 1);
});

Deno.test("proxysql digests without a folder writes to standard output, and does not count it as dumped", async () => {
  await using proxy = await started();
  const now = Math.floor(Date.now() / 1000);
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT ?",
    count_star: 5,
    first_seen: now,
    last_seen: now,
  });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}" }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  for (let time = 0; time < 2; time++) {
    const { code, stdout, stderr } = await runProgram(["proxysql", "digests"], { cwd: folder.path });
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals([code, lines.length, lines[0].count, lines[1].rows], [0, 2, 5, 1]);
    assertEquals(JSON.parse(stderr), lines[1]);
  }
  const csv = await runProgram(["proxysql", "digests", "--format", "csv", "--output", "-"], {
    cwd: folder.path,
  });
  assertEquals([csv.stdout.split("\r\n").length, JSON.parse(csv.stderr).rows], [3, 1]);
});

Deno.test("proxysql digests empties them only where a purge is configured, and --dry-run only says so", async () => {
  await using proxy = await started();
  proxy.digestMemory = 2 ** 30;
  proxy.addDigest({ digest: "0x01", digest_text: "SELECT ?", first_seen: 1, last_seen: 1 });
  const purge = ", digests: { folder: dumps, purge: { memory: 1GiB } }";
  const dry = await run(proxy, ["digests", "--dry-run"], { more: purge });
  assertEquals([dry.code, dry.stdout], [0, "TRUNCATE TABLE stats.stats_mysql_query_digest\n"]);
  const none = await run(proxy, ["digests", "--dry-run"]);
  assertEquals([none.stdout, none.stderr], ["", "a dump would change nothing on ProxySQL\n"]);
  assert(!proxy.statements.some((sql) => sql.includes("stats_mysql_query_digest")));
  await run(proxy, ["digests"], { more: ", digests: { folder: dumps }" });
  assert(!proxy.statements.some((sql) => /truncate/i.test(sql)));
  const done = await run(proxy, ["digests"], { more: purge });
  assertStringIncludes(done.stdout, "ProxySQL's digests were emptied: they took 1073741824 bytes: ");
  assertEquals(proxy.emptyDigests(), 0);
  const reader = await run(proxy, ["digests"], { more: purge, credentials: STATS_ONLY });
  assertEquals(reader.code, 2);
  assertStringIncludes(reader.stderr, "digests.purge needs an administrator");
});

Deno.test("a dump that cannot be written says why, and leaves nothing", async () => {
  await using proxy = await started();
  const { code, stderr } = await run(proxy, ["digests", "--output", "/nowhere/a.jsonl"]);
  assertEquals([code, stderr], [1, "query-sniper: no dump was made: /nowhere/a.jsonl: it does not exist\n"]);
  proxy.behaviour.silent = true;
  const silent = await run(proxy, ["digests", "--output", "a.jsonl"]);
  assertEquals(silent.code, 1);
  assertStringIncludes(silent.stderr, `no dump was made: ${proxy.address}: ProxySQL does not answer in time`);
});

Deno.test("a full disk, counters that cannot be kept and a second dump are told, and leave nothing", async () => {
  await using proxy = await started();
  for (let at = 0; at < 2000; at++) proxy.addDigest({ digest: `0x${at}`, digest_text: `SELECT c${at}` });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  const dump = (options: ProgramOptions = {}) =>
    runProgram(["proxysql", "digests"], { cwd: folder.path, ...options });
  const full = await dump({ fileLimitKiB: 16 });
  assertEquals(full.code, 1);
  assert(/^query-sniper: no dump was made: .*(?:too large|disk|full|I\/O)/i.test(full.stderr), full.stderr);
  const nowhere = await dump({ env: { STATE_DIRECTORY: "/nowhere" } });
  assertEquals([nowhere.code, nowhere.stderr], [
    1,
    "query-sniper: no dump was made: the counters of dumps cannot be kept in /nowhere/proxysql.sqlite: " +
    "it does not exist\n",
  ]);
  assertEquals((await Array.fromAsync(Deno.readDir(folder.file("dumps")))).length, 0);
  proxy.behaviour.slow = 400;
  const [one, two] = await Promise.all([dump(), dump()]);
  assertEquals([one.code, two.code].toSorted(), [0, 1]);
  assertStringIncludes(`${one.stderr}${two.stderr}`, "no dump was made: another program makes a dump\n");
});

Deno.test("a dump counts whatever becomes of those before it, and one that goes elsewhere leaves them alone", async () => {
  await using proxy = await started();
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  const dump = (...args: string[]) => runProgram(["proxysql", "digests", ...args], { cwd: folder.path });
  // The folder is not there yet, and is not needed.
  for (const output of ["-", "a.jsonl"]) {
    const { code, stderr } = await dump("--output", output);
    assertEquals([code, stderr.includes("query-sniper:")], [0, false]);
  }
  assertEquals(await Deno.stat(folder.file("dumps")).then(() => true, () => false), false);
  const stuck = folder.file("dumps/digests-2020-01-01T000000Z-000000000000.jsonl.gz");
  await Deno.mkdir(`${stuck}/full`, { recursive: true });
  await Deno.utime(stuck, 0, 0);
  assertEquals((await dump("--output", "b.jsonl")).stderr, "");
  const { code, stdout, stderr } = await dump();
  assertEquals([code, stdout.includes("rows")], [0, true]);
  assertStringIncludes(stderr, "query-sniper: dumps before this one were not tidied: ");
});

Deno.test("a dump that is killed at any time leaves no file, and what it read is counted once", async () => {
  await using proxy = await started();
  const now = Math.floor(Date.now() / 1000);
  proxy.startedAt -= 86_400_000;
  proxy.tables.exec("BEGIN");
  for (let at = 0; at < 4000; at++) {
    proxy.addDigest({
      digest: `0x${at}`,
      digest_text: `SELECT c${at}`,
      first_seen: now,
      last_seen: now,
      count_star: 0,
    });
  }
  proxy.tables.exec("COMMIT");
  await using folder = await Folder.make({
    "query-sniper.yaml":
      `proxysql: { address: "${proxy.address}", digests: { folder: dumps, format: csv } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  for (const delay of [100, 200, 250, 300, 350, 400, 500, 100_000]) {
    proxy.tables.exec("UPDATE stats_mysql_query_digest SET count_star = count_star + 1");
    await using program = startProgram(["proxysql", "digests"], { cwd: folder.path });
    const timer = setTimeout(() => program.signal("SIGKILL"), delay);
    await program.ended.finally(() => clearTimeout(timer));
  }
  let total = 0;
  const names = (await Array.fromAsync(Deno.readDir(folder.file("dumps")))).map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".unfinished")), []);
  for (const name of names.filter((name) => name.endsWith(".csv.gz"))) {
    assert(names.includes(`${name}.manifest.json`), name);
    const text = new TextDecoder().decode(gunzipSync(await Deno.readFile(folder.file(`dumps/${name}`))));
    const [head, ...lines] = text.trimEnd().split("\r\n");
    const at = head!.split(",").indexOf("count_total") - 1;
    // Nothing in these rows has a comma before it but tags and the list of columns.
    for (const line of lines) total += Number(line.split(",")[at]);
  }
  assertEquals(total, 8 * 4000);
});
