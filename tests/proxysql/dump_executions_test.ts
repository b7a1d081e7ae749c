import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { digest } from "../../src/digest/mod.ts";
import { executionsOf } from "../../src/proxysql/dump_executions.ts";
import { DumpReadError } from "../../src/proxysql/dump_lines.ts";
import { Folder } from "../config/folder.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { csv, jsonLines, type MadeDump, zipped } from "./dump_files.ts";
import { Dumps } from "./dumps.ts";

const HOUR = 3_600_000;
const T = Date.UTC(2026, 10, 20);
const ALL = { from: T - 1000 * HOUR, to: T + 1000 * HOUR };
const DIGESTS = new Set(["v2:a", "v2:b"]);

const DUMP: MadeDump = {
  ...{ id: "1", from: T, to: T + HOUR },
  rows: [{ digest: "v2:a", count: 60 }, { digest: "v2:other", count: 5 }, { digest: null, count: 7 }],
};

Deno.test("dumps that the program writes are read as they are, in either format", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  const now = Math.floor(Date.now() / 1000);
  const text = "SELECT a FROM t WHERE b = ?";
  for (const [at, count] of [[1, 5], [2, 6], [3, 8]] as const) {
    proxy.addDigest({
      ...{ digest: `0x0${at}`, count_star: count, schemaname: 'a"b,\r\nc', username: "" },
      ...{ digest_text: at < 3 ? text : "SELECT ?", first_seen: now - 100, last_seen: now },
    });
  }
  await dumps.write("a.jsonl.gz");
  proxy.changeDigest("0x01", { count_star: 9 });
  await dumps.write("b.csv.gz", { format: "csv" });
  const key = digest("SELECT a FROM t WHERE b = 7").digest;
  const options = { digests: new Set([key]), period: { from: 0, to: Date.now() + HOUR } };
  const { counts, leftOut, proxies } = await executionsOf([dumps.folder.path], options);
  assertEquals([[...counts], leftOut, proxies], [[[key, 15]], [], ["127.0.0.1:6032 (proxysql-0)"]]);
  await dumps.write("c.parquet", { format: "parquet" });
  const error = await assertRejects(() => executionsOf([dumps.folder.path], options), DumpReadError);
  assertStringIncludes(error.message, "c.parquet: expected a dump as JSON Lines or CSV");
});

Deno.test("only the part of a dump that is in the period counts, and no other digest", async () => {
  const later: MadeDump = { ...DUMP, id: "2", from: T + HOUR, to: T + 2 * HOUR, restarted: true };
  const { text, manifest } = csv(later);
  await using folder = await Folder.make({
    "a.jsonl": jsonLines(DUMP),
    "b.csv": text,
    "b.csv.manifest.json": manifest,
    "notes.txt": "no dump",
  });
  const read = (from: number, to: number) =>
    executionsOf([folder.path], { digests: DIGESTS, period: { from, to } });
  const all = await read(ALL.from, ALL.to);
  assertEquals([[...all.counts], all.unsure, all.dumps, all.restarts], [[["v2:a", 120]], 14, 2, 1]);
  assertEquals(all.covered, [{ from: T, to: T + HOUR }, { from: T + HOUR, to: T + 2 * HOUR }]);
  assertEquals([...(await read(T + HOUR / 2, T + 1.25 * HOUR)).counts], [["v2:a", 45]]);
  assertEquals((await read(T + 3 * HOUR, T + 4 * HOUR)).counts.size, 0);
});

Deno.test("what two dumps of one ProxySQL both count is counted once", async () => {
  const rows = [{ digest: "v2:a", count: 1 }];
  const dumps: readonly MadeDump[] = [
    { id: "1", from: T, to: T + HOUR, rows },
    { id: "2", from: T + HOUR, to: T + 2 * HOUR, rows },
    // All since ProxySQL counts: the others have a part of it.
    { id: "3", from: null, to: T + 2 * HOUR, rows: [{ digest: "v2:a", count: 50, from: T + HOUR / 2 }] },
    { id: "4", from: T + HOUR / 2, to: T + 1.5 * HOUR, rows },
    { id: "5", from: T, to: T + HOUR, pod: "proxysql-1", rows },
    { id: "6", from: T, to: T + HOUR, instance: "10.0.0.2:6032", rows },
    { id: "7", from: null, to: T - HOUR, rows: [{ digest: "v2:a", count: 9, from: T - 2 * HOUR }] },
  ];
  await using folder = await Folder.make(
    Object.fromEntries(dumps.map((dump) => [`${dump.id}.jsonl`, jsonLines(dump)])),
  );
  const found = await executionsOf([folder.path], { digests: DIGESTS, period: ALL });
  assertEquals(found.leftOut.map((file) => folder.relative(file)), ["4.jsonl", "3.jsonl"]);
  assertEquals([...found.counts], [["v2:a", 13]]);
  assertEquals(found.proxies, ["10.0.0.2:6032", "127.0.0.1:6032", "127.0.0.1:6032 (proxysql-1)"]);
});

Deno.test("what is no dump, or not a whole one, is named with its line, and nothing counts", async () => {
  const whole = jsonLines(DUMP);
  const lines = whole.split("\n");
  const changed = (from: string, to: string) => {
    // With a sum that fits: what is wrong is the line.
    const [rows, last] = [whole.replace(from, to).split("\n").slice(0, -2), JSON.parse(lines.at(-2)!)];
    return rows.concat(JSON.stringify(last)).join("\n") + "\n";
  };
  const table = csv(DUMP);
  const cases: readonly (readonly [files: Readonly<Record<string, string | Uint8Array>>, message: string])[] =
    [
      [
        { "a.jsonl": "" },
        "a.jsonl: there is no manifest at its end, so that it is no dump, or not a whole one",
      ],
      [{ "a.jsonl": '{"event":"kill"}\n' }, "a.jsonl: there is no manifest at its end"],
      [{ "a.jsonl": "no JSON\n" }, "a.jsonl: there is no manifest at its end"],
      [{ "a.jsonl": `${lines[0]}\n` }, "a.jsonl: there is no manifest at its end"],
      [{ "a.jsonl": whole.slice(0, -20) }, "a.jsonl: there is no manifest at its end"],
      [
        { "a.jsonl": `${lines[1]}\n${lines[0]}\n${lines[2]}\n${lines[3]}\n` },
        "a.jsonl: it is not what its manifest says",
      ],
      [{ "a.jsonl": changed('"count":60', '"count":61') }, "a.jsonl: it is not what its manifest says"],
      [{ "a.jsonl": "x".repeat(5 * 2 ** 20) }, "a.jsonl: it has no lines of a dump"],
      [{ "a.jsonl.gz": whole }, "a.jsonl.gz: it is no whole gzip file"],
      [{ "a.jsonl.gz": zipped(whole).slice(0, -9) }, "a.jsonl.gz: it is no whole gzip file"],
      [{ "a.csv": table.text }, "a.csv.manifest.json: the manifest cannot be read: it does not exist"],
      [
        { "a.csv": `${table.text}x`, "a.csv.manifest.json": table.manifest },
        "a.csv: it is not what its manifest says",
      ],
      [{ "a.csv": table.text, "a.csv.manifest.json": "{}" }, "a.csv.manifest.json: there is no manifest"],
      [{ "a.txt": whole }, ": there is no dump in this folder"],
      [{ "a.jsonl": whole, "b.jsonl": whole }, "b.jsonl: this dump is in another file too: a.jsonl"],
      [
        { "a.jsonl": whole.replace('"manifest":1', '"manifest":2') },
        'a.jsonl: the manifest has no "manifest"',
      ],
      [
        { "a.jsonl": whole.replace(/"to":"[^"]*","rows"/, '"to":"soon","rows"') },
        'a.jsonl: the manifest has no "to"',
      ],
      [{ "a.jsonl": whole.replace(/"rows":3/, '"rows":2') }, "a.jsonl: its manifest says 2 rows: it has 3"],
    ];
  for (const [files, message] of cases) {
    await using folder = await Folder.make({});
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === "string") await Deno.writeTextFile(folder.file(name), content);
      else await Deno.writeFile(folder.file(name), content);
    }
    const error = await assertRejects(
      () => executionsOf([folder.path], { digests: DIGESTS, period: ALL }),
      DumpReadError,
    );
    assertStringIncludes(folder.relative(error.message).replace(folder.path, ""), message);
  }
});

Deno.test("rows that are none of a dump are named with their line", async () => {
  const good = { digest: "v2:a", count: 1 };
  const bad: readonly (readonly [row: MadeDump["rows"][number] | string, message: string])[] = [
    [{ digest: "v2:a", count: -1 }, '"count" is no whole number'],
    [{ digest: "v2:a", count: 1.5 }, '"count" is no whole number'],
    [{ digest: 7 as unknown as string, count: 1 }, '"sniper_digest" is no text'],
    [{ digest: "v2:a", count: 1, from: T + 2 * HOUR }, '"from" and "to" are no times, one after the other'],
  ];
  for (const [row, message] of bad) {
    const text = jsonLines({ ...DUMP, rows: [good, row as MadeDump["rows"][number]] });
    await using folder = await Folder.make({ "a.jsonl": text });
    const error = await assertRejects(
      () => executionsOf([folder.file("a.jsonl")], { digests: DIGESTS, period: ALL }),
      DumpReadError,
    );
    assertEquals(folder.relative(error.message), `a.jsonl:2: ${message}`);
  }
  const table = csv({ ...DUMP, rows: [good, { digest: "v2:a", count: -1 }] });
  await using folder = await Folder.make({ "a.csv": table.text, "a.csv.manifest.json": table.manifest });
  const error = await assertRejects(
    () => executionsOf([folder.file("a.csv")], { digests: DIGESTS, period: ALL }),
    DumpReadError,
  );
  // Each row has two lines: a text in quotes goes over the end of one.
  assertEquals(folder.relative(error.message), 'a.csv:4: "count" is no whole number');
  const missing = await assertRejects(
    () => executionsOf([folder.file("b.jsonl")], { digests: DIGESTS, period: ALL }),
    DumpReadError,
  );
  assertEquals(folder.relative(missing.message), "b.jsonl: it does not exist");
});

Deno.test("whatever the rows, both formats have the same executions, and those are the ones that were written", async () => {
  const row = fc.record({ digest: fc.constantFrom("v2:a", "v2:b", "v2:c", null), count: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
      const dump = { ...DUMP, rows };
      const table = csv(dump);
      await using folder = await Folder.make({
        "a.jsonl": jsonLines(dump),
        "a.csv": table.text,
        "a.csv.manifest.json": table.manifest,
      });
      const expected = (digest: string | null) =>
        rows.filter((row) => row.digest === digest).reduce((sum, { count }) => sum + count, 0);
      for (const name of ["a.jsonl", "a.csv"]) {
        const { counts, unsure } = await executionsOf([folder.file(name)], { digests: DIGESTS, period: ALL });
        for (const digest of DIGESTS) assertEquals(counts.get(digest) ?? 0, expected(digest));
        assertEquals([unsure, counts.has("v2:c")], [expected(null), false]);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("memory does not grow with the rows of a dump", async () => {
  await using folder = await Folder.make({});
  const rows = Array.from(
    { length: 100_000 },
    (_, at) => ({ digest: at % 2 === 0 ? "v2:a" : `v2:${at}`, count: 1 }),
  );
  await Deno.writeFile(folder.file("a.jsonl.gz"), zipped(jsonLines({ ...DUMP, rows })));
  const options = { digests: DIGESTS, period: ALL };
  await executionsOf([folder.path], options);
  let most = 0;
  const before = Deno.memoryUsage().heapUsed;
  const watch = setInterval(() => most = Math.max(most, Deno.memoryUsage().heapUsed - before), 5);
  const { counts } = await executionsOf([folder.path], options);
  clearInterval(watch);
  assertEquals([...counts], [["v2:a", 50_000]]);
  // The text alone has 20 MB.
  assert(most < 60e6, `${most} bytes`);
});
