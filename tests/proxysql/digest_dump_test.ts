import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { digest } from "../../src/digest/mod.ts";
import { AdminError, DigestStore, DUMP_COLUMNS, DumpError, DumpStream } from "../../src/proxysql/mod.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Dumps, read } from "./dumps.ts";

const NOW = Math.floor(Date.now() / 1000);

function usual(proxy: ProxysqlStandIn): void {
  proxy.addDigest({
    ...{ digest: "0x01", digest_text: "SELECT * FROM t WHERE id IN (?,?,?,...)", count_star: 5 },
    ...{ first_seen: NOW - 3600, last_seen: NOW - 10, sum_time: 500, min_time: 10, max_time: 300 },
    ...{ sum_rows_affected: 0, sum_rows_sent: 5 },
  });
}

Deno.test("a dump has named columns with units and times, and a manifest behind them", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  await dumps.write("a.jsonl");
  const bytes = await Deno.readFile(dumps.file("a.jsonl"));
  const { rows: [row], manifest } = read(bytes);
  assertEquals(Object.keys(row!), Object.keys(DUMP_COLUMNS));
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const { to, ...rest } = row!;
  assert(Math.abs(Date.parse(to as string) - Date.now()) < 60_000);
  assertEquals(rest, {
    event_version: 1,
    dump_id: "01a3185c-5000-7000-8000-000000000000",
    instance: "127.0.0.1:6032",
    pod: "proxysql-0",
    proxysql_version: "2.7.2-local",
    from: iso(NOW - 3600),
    hostgroup: 10,
    schema: "shop",
    username: "app",
    client_address: "",
    digest: "0x01",
    sniper_digest: digest("SELECT * FROM t WHERE id IN (1, 2, 3, 4, 5)").digest,
    digest_text: "SELECT * FROM `t` WHERE `id` IN (...)",
    tags: "{}",
    count: 5,
    count_total: 5,
    time_us: 500,
    time_us_total: 500,
    min_time_us_total: 10,
    max_time_us_total: 300,
    rows_affected: 0,
    rows_sent: 5,
    first_seen: iso(NOW - 3600),
    last_seen: iso(NOW - 10),
    reset: false,
  });
  const lines = new TextDecoder().decode(bytes).split(/(?<=\n)/);
  const sha256 = createHash("sha256").update(lines.slice(0, -1).join("")).digest("hex");
  assertEquals([manifest["rows"], manifest["complete"], manifest["sha256"]], [1, true, sha256]);
  assertEquals((await Deno.stat(dumps.file("a.jsonl"))).mode! & 0o777, 0o600);
  assertEquals((await Deno.stat(dumps.state)).mode! & 0o777, 0o600);
});

Deno.test("a dump counts what came since the one before; what did not change is not in it", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  proxy.addDigest({ digest: "0x02", digest_text: "SELECT 1", first_seen: NOW - 50, last_seen: NOW - 50 });
  assertEquals((await dumps.jsonl()).rows.length, 2);
  proxy.changeDigest("0x01", { count_star: 8, sum_time: 800, sum_rows_sent: 8, last_seen: NOW });
  const { rows: [row, more], manifest } = await dumps.jsonl();
  assertEquals([row!["count"], row!["count_total"], row!["time_us"], row!["rows_sent"]], [3, 8, 300, 3]);
  assertEquals([more, manifest["resets"], row!["from"] === manifest["from"]], [undefined, 0, true]);
  const empty = await dumps.jsonl();
  assertEquals([empty.rows.length, empty.manifest["rows"], empty.manifest["complete"]], [0, 0, true]);
  const total = await dumps.jsonl({ mode: "total" });
  assertEquals(total.rows.map(({ count }) => count), [8, 1]);
  assertEquals(total.manifest["from"], null);
});

Deno.test("a dump resets nothing, and asks for the digests once", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  await dumps.jsonl();
  const asked = proxy.statements.filter((sql) => sql.includes("stats_mysql_query_digest"));
  assertEquals(asked.length, 1);
  assert(!proxy.statements.some((sql) => /reset|truncate|save/i.test(sql)), proxy.statements.join("\n"));
  assertEquals(proxy.emptyDigests(), 1);
});

Deno.test("counters that begin again count from nothing, and are told", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  await dumps.jsonl();
  const later = NOW + 100;
  // More than before, but counted since a later time.
  proxy.changeDigest("0x01", { count_star: 9, sum_time: 90, first_seen: later, last_seen: later });
  const again = await dumps.jsonl();
  assertEquals(again.rows.map(({ count, time_us, reset }) => [count, time_us, reset]), [[9, 90, true]]);
  assertEquals(again.manifest["resets"], 1);
  proxy.changeDigest("0x01", { count_star: 2, sum_time: 20 });
  assertEquals((await dumps.jsonl()).rows.map(({ count }) => count), [2]);
});

Deno.test("a first_seen that moves by a second, or with the clock, is no reset", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.startedAt -= 10 * 86_400_000;
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT 1",
    count_star: 5,
    first_seen: NOW,
    last_seen: NOW,
  });
  await dumps.jsonl();
  proxy.changeDigest("0x01", { count_star: 6, first_seen: NOW + 1 });
  assertEquals((await dumps.jsonl()).rows.map(({ count, reset }) => [count, reset]), [[1, false]]);
  // The clock is set forward by a day, and ProxySQL goes on.
  proxy.tables.function("strftime", (_format, _time) => String(Math.floor(Date.now() / 1000) + 86_400));
  proxy.changeDigest("0x01", { count_star: 8, first_seen: NOW + 86_400 });
  assertEquals((await dumps.jsonl()).rows.map(({ count, reset }) => [count, reset]), [[2, false]]);
});

Deno.test("after a restart all counts are new, and so they are of another instance", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.startedAt -= 100_000;
  usual(proxy);
  await dumps.jsonl();
  proxy.restart();
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT 1",
    count_star: 7,
    first_seen: NOW,
    last_seen: NOW,
  });
  const after = await dumps.jsonl();
  assertEquals([after.rows[0]!["count"], after.manifest["restarted"]], [7, true]);
  const other = await dumps.jsonl({ instance: "10.0.0.1:6032" });
  assertEquals([other.rows[0]!["count"], other.manifest["from"]], [7, null]);
});

Deno.test("negative times are null and counted, and counters of 64 bits keep all their digits", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.addDigest({
    ...{ digest: "0x01", digest_text: "SELECT 1", first_seen: NOW, last_seen: NOW, count_star: 1 },
    ...{ sum_time: -8618, min_time: -8618, max_time: -8618 },
  });
  proxy.addDigest({
    ...{ digest: "0x02", digest_text: "SELECT 2", first_seen: NOW, last_seen: NOW },
    ...{ count_star: 9_007_199_254_740_993n, sum_time: 9_223_372_036_854_775_807n },
  });
  await dumps.write("a.jsonl");
  const text = await Deno.readTextFile(dumps.file("a.jsonl"));
  const { rows: [negative], manifest } = read(new TextEncoder().encode(text));
  const { time_us, time_us_total, min_time_us_total, count } = negative!;
  assertEquals([time_us, time_us_total, min_time_us_total, count], [null, null, null, 1]);
  assertEquals(manifest["negative_times"], 1);
  assert(text.includes('"count":9007199254740993,') && text.includes('"time_us":9223372036854775807,'), text);
});

Deno.test("no literal and no comment gets into a dump but for the kept tags", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  const texts = [
    "SELECT /* controller:orders,customer:hunter2 */ * FROM t WHERE a = ?",
    "SELECT 'hunter2' FROM t -- hunter2",
    "SELECT * FROM t WHERE a = 'hunter2", // cut
    "/* hunter2 */ INSERT INTO t VALUES (?,?),(?,?),... /*hunter2*/",
  ];
  for (const [at, text] of texts.entries()) {
    proxy.addDigest({ digest: `0x${at}`, digest_text: text, first_seen: NOW, last_seen: NOW });
  }
  await dumps.write("a.jsonl");
  const text = await Deno.readTextFile(dumps.file("a.jsonl"));
  assert(!text.includes("hunter2"), text);
  const { rows } = read(new TextEncoder().encode(text));
  assertEquals(rows.map(({ tags }) => tags), ['{"controller":"orders"}', "{}", "{}", "{}"]);
  const state = new TextDecoder("latin1").decode(await Deno.readFile(dumps.state));
  assert(!state.includes("hunter2"), "nor into the file of counters");
  const none = await dumps.jsonl({
    mode: "total",
    config: {
      format: "jsonl",
      mode: "total",
      text: "off",
      comments: "off",
      keep: 1,
      maxSize: 1,
      state: dumps.state,
    },
  });
  assertEquals(none.rows.map(({ digest_text, tags }) => [digest_text, tags]), texts.map(() => [null, null]));
});

Deno.test("a text that ProxySQL may have cut has no digest of ours", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.setVariable("mysql-query_digests_max_digest_length", "64");
  const text = "SELECT a, b, c FROM some_table WHERE some_column = ? AND another_one = ?";
  proxy.addDigest({ digest: "0x01", digest_text: text.slice(0, 64), first_seen: NOW, last_seen: NOW });
  proxy.addDigest({ digest: "0x02", digest_text: text.slice(0, 30), first_seen: NOW, last_seen: NOW });
  const { rows: [cut, whole] } = await dumps.jsonl();
  assertEquals(cut!["sniper_digest"], null);
  assert(String(cut!["digest_text"]).endsWith(" …"));
  assert(String(whole!["sniper_digest"]).startsWith("v2:"));
});

Deno.test("CSV is that of RFC 4180: nothing is null, a pair of quotes an empty text", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.addDigest({
    ...{ digest: "0x01", digest_text: "SELECT 1", first_seen: NOW, last_seen: NOW, sum_time: -1 },
    ...{ schemaname: 'a"b,c\nd', username: "" },
  });
  await dumps.write("a.csv", { format: "csv" });
  const text = await Deno.readTextFile(dumps.file("a.csv"));
  const [head, ...rest] = text.split("\r\n");
  assertEquals(head, Object.keys(DUMP_COLUMNS).join(","));
  assertEquals(rest.length, 2);
  assert(rest[0]!.includes(',10,"a""b,c\nd","","",0x01,'), rest[0]);
  assert(rest[0]!.includes(",1,1,,,0,0,0,0,"), rest[0]);
  const manifest = JSON.parse(await Deno.readTextFile(dumps.file("a.csv.manifest.json")));
  const sha256 = createHash("sha256").update(text).digest("hex");
  assertEquals([manifest.rows, manifest.sha256, manifest.complete], [1, sha256, true]);
  await dumps.write("b.csv.gz", { format: "csv" });
  const empty = new TextDecoder().decode(gunzipSync(await Deno.readFile(dumps.file("b.csv.gz"))));
  assertEquals(empty, `${head}\r\n`);
});

Deno.test("Parquet is read by another library, with all its digits, times and nulls", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  const count = 12_000;
  proxy.tables.exec("BEGIN");
  for (let at = 0; at < count; at++) {
    proxy.addDigest({
      ...{ digest: `0x${at}`, digest_text: `SELECT c${at % 50} FROM t`, first_seen: NOW, last_seen: NOW },
      ...{ count_star: 9_007_199_254_740_993n + BigInt(at), sum_time: at % 7 === 0 ? -1 : at },
    });
  }
  proxy.tables.exec("COMMIT");
  await dumps.write("a.parquet", { format: "parquet" });
  const file = await asyncBufferFromFile(dumps.file("a.parquet"));
  const rows = await parquetReadObjects({ file });
  assertEquals(rows.length, count);
  const total = rows.reduce((sum, row) => sum + (row["count"] as bigint), 0n);
  assertEquals(total, 9_007_199_254_740_993n * 12_000n + BigInt(count * (count - 1) / 2));
  assertEquals(Object.keys(rows[0]!), Object.keys(DUMP_COLUMNS));
  const { first_seen, time_us, sniper_digest, reset, schema } = rows[7000]!;
  assertEquals([first_seen, time_us, reset, schema], [new Date(NOW * 1000), null, false, "shop"]);
  assertEquals(sniper_digest, digest("SELECT c0 FROM t").digest);
  const manifest = JSON.parse(await Deno.readTextFile(dumps.file("a.parquet.manifest.json")));
  const sha256 = createHash("sha256").update(await Deno.readFile(dumps.file("a.parquet"))).digest("hex");
  assertEquals([manifest.rows, manifest.sha256], [count, sha256]);
  await dumps.write("b.parquet", { format: "parquet" });
  const none = await parquetReadObjects({ file: await asyncBufferFromFile(dumps.file("b.parquet")) });
  assertEquals(none, []);
});

Deno.test("a dump that fails leaves no file, and what it read is in the next one", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  await assertRejects(() => dumps.write("no/such/folder/a.jsonl"), Deno.errors.NotFound);
  await Deno.mkdir(dumps.file("folder"));
  await assertRejects(() => dumps.write("folder"));
  proxy.behaviour.silent = true;
  await assertRejects(() => dumps.write("b.jsonl"), AdminError);
  proxy.behaviour.silent = false;
  const names = (await Array.fromAsync(Deno.readDir(dumps.folder.path))).map(({ name }) => name).toSorted();
  assertEquals(names.filter((name) => !name.startsWith("state")), ["folder"]);
  assertEquals((await dumps.jsonl()).rows.map(({ count }) => count), [5]);
});

Deno.test("a dump that was interrupted counts if its file has its name, else it is gone", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  const file = dumps.file("a.jsonl");
  const interrupted = async (finished: boolean) => {
    using store = DigestStore.open(dumps.state);
    const { last } = store;
    await store.take(() => Promise.resolve());
    const pending = {
      unfinished: `${file}.x.unfinished`,
      file,
      instance: "127.0.0.1:6032",
      now: NOW,
      uptime: 0,
    };
    store.begin([pending.unfinished]);
    await Deno.writeTextFile(finished ? pending.file : pending.unfinished, "");
    store.prepare(pending);
    return last;
  };
  assertEquals(await interrupted(false), undefined);
  {
    using store = DigestStore.open(dumps.state);
    assertEquals(store.last, undefined);
  }
  assertThrows(() => Deno.statSync(`${file}.x.unfinished`), Deno.errors.NotFound);
  await interrupted(true);
  using store = DigestStore.open(dumps.state);
  assertEquals(store.last?.now, NOW);
});

Deno.test("what goes to a stream does not count as dumped, and one dump is made at a time", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  usual(proxy);
  using store = DigestStore.open(dumps.state);
  for (let time = 0; time < 2; time++) {
    const parts: Uint8Array[] = [];
    const sink = { write: (bytes: Uint8Array) => Promise.resolve(parts.push(bytes.slice()) && bytes.length) };
    await dumps.into(store, { to: { stream: new DumpStream(sink) } });
    const { rows } = read(new Uint8Array(parts.flatMap((part) => [...part])));
    assertEquals(rows.map(({ count }) => count), [5]);
  }
  assertThrows(() => DigestStore.open(dumps.state), DumpError);
});

Deno.test("old versions have fewer columns, which are null or empty in a dump", async () => {
  await using proxy = await ProxysqlStandIn.start({ version: "1.4.16" });
  await using dumps = await Dumps.of(proxy);
  proxy.tables.exec(
    "DROP TABLE stats_mysql_query_digest; CREATE TABLE stats_mysql_query_digest (hostgroup INT, schemaname, " +
      "username, digest, digest_text, count_star INT, first_seen INT, last_seen INT, sum_time INT, min_time INT, " +
      `max_time INT); INSERT INTO stats_mysql_query_digest VALUES (1, 's', 'u', '0x1', 'SELECT 1', 3, ${NOW}, ` +
      `${NOW}, 7, 1, 4)`,
  );
  const { rows: [row] } = await dumps.jsonl();
  assertEquals([row!["client_address"], row!["rows_affected"], row!["rows_sent"], row!["time_us"]], [
    "",
    null,
    null,
    7,
  ]);
});
