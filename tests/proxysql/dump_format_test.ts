import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { digest } from "../../src/digest/mod.ts";
import { DUMP_COLUMNS } from "../../src/proxysql/mod.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Dumps, read } from "./dumps.ts";

const NOW = Math.floor(Date.now() / 1000);

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

Deno.test("columns of plugins come last in every format, with their types", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  const at = 1_800_000_000_000n;
  for (let digest = 1; digest <= 2; digest++) {
    proxy.addDigest({ digest: `0x${digest}`, digest_text: "SELECT 1", first_seen: NOW, last_seen: NOW });
  }
  const columns = new Map(
    [["owner", "text"], ["cost", "integer"], ["hot", "boolean"], ["at", "time"]] as const,
  );
  const values = [{ owner: 'a"b', cost: 2n ** 62n, hot: true, at }, {
    owner: null,
    cost: null,
    hot: null,
    at: null,
  }];
  const plugins = { columns, dumpColumns: () => Promise.resolve({ rows: values, missing: 1 }) };
  const names = [...Object.keys(DUMP_COLUMNS), ...columns.keys()];
  const iso = new Date(Number(at)).toISOString();
  const files = { jsonl: "a.jsonl", csv: "a.csv", parquet: "a.parquet" } as const;
  for (const [format, name] of Object.entries(files)) {
    const { manifest } = await dumps.write(name, {
      ...{ plugins, mode: "total", format: format as keyof typeof files },
    });
    assertEquals([manifest.rows, manifest.without_plugins], [2, 1]);
  }
  const lines = (await Deno.readTextFile(dumps.file(files.jsonl))).split("\n");
  assertEquals(Object.keys(JSON.parse(lines[0]!)), names);
  assert(
    lines[0]!.endsWith(`"owner":"a\\"b","cost":4611686018427387904,"hot":true,"at":"${iso}"}`),
    lines[0],
  );
  assert(lines[1]!.endsWith('"owner":null,"cost":null,"hot":null,"at":null}'), lines[1]);
  const csv = (await Deno.readTextFile(dumps.file(files.csv))).split("\r\n");
  assertEquals(csv[0], names.join(","));
  assert(csv[1]!.endsWith(`,false,"a""b",4611686018427387904,true,${iso}`), csv[1]);
  assert(csv[2]!.endsWith(",false,,,,"), csv[2]);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(dumps.file(files.parquet)) });
  assertEquals(Object.keys(rows[0]!), names);
  const picked = rows.map((row) => [...columns.keys()].map((name) => row[name]));
  assertEquals(picked, [['a"b', 2n ** 62n, true, new Date(iso)], [null, null, null, null]]);
});
