import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
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
