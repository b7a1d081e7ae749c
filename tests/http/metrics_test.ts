import { assert, assertEquals, assertMatch } from "@std/assert";
import { DATABASE_METRICS } from "../../src/http/metrics/database_metrics.ts";
import { formatFor } from "../../src/http/metrics/exposition.ts";
import { PROGRAM_METRICS } from "../../src/http/metrics/program_metrics.ts";
import { connected, killEvent, stage } from "./fixture.ts";

const OPENMETRICS =
  "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/** The series of one scrape, by name and labels. */
function seriesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), line.slice(end + 1)];
  }));
}

Deno.test("names of metrics follow Prometheus' rules", () => {
  const all = [...DATABASE_METRICS, ...PROGRAM_METRICS];
  assertEquals(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, type, help } of all) {
    assertMatch(name, /^[a-z]+(?:_[a-z]+)*$/);
    assertEquals(name.endsWith("_total"), type === "counter", name);
    assert(!/(?:_ms|_milliseconds|_minutes|_percent|_kib)\b/.test(name), name);
    assertMatch(help, /^[A-Z].*\.$/, name);
    assert(!help.includes("\n") && !help.includes("\\"), name);
  }
});

Deno.test("/metrics tells what is known of each database, and has no series for what is not", async () => {
  await using set = await stage();
  await set.emit(connected("orders"));
  await set.emit(connected("users"));
  set.looked("orders");
  set.looked("users", { health: { lag: { unknown: "no channel" } } as never });
  await set.emit({ event: "unreachable", database: "reports", reason: "refused" });
  await set.emit(killEvent());
  await set.emit(killEvent({ outcome: "survived" }));
  await set.emit(killEvent({ outcome: "skipped", reason: "budget" }));
  await set.emit({ event: "lease", database: "orders", state: "held" });
  await set.context.pauses().pause({ database: "users", reason: "x", by: "y" }, undefined);
  const series = seriesOf(await (await set.app.request("/metrics")).text());
  const of = (name: string, database: string, more = "") =>
    series.get(`query_sniper_${name}{database="${database}"${more}}`);
  assertEquals([of("up", "orders"), of("up", "reports")], ["1", "0"]);
  assertEquals(of("replication_lag_seconds", "orders"), "42");
  assertEquals(of("replication_lag_seconds", "users"), undefined, "unknown");
  assertEquals(of("replication_lag_seconds", "reports"), undefined, "unreachable");
  assertEquals(of("history_list_length", "orders"), "1234");
  assertEquals(of("threads_running", "orders"), undefined, "nobody asks for it");
  assertEquals(of("last_look_timestamp_seconds", "orders"), "1795168800");
  assertEquals(of("look_duration_seconds", "orders"), "0.0042");
  assertEquals(of("looks_total", "orders"), "1");
  assertEquals(of("gates_open", "orders", ',mode="enforce"'), "1");
  assertEquals(of("kills_total", "orders", ',outcome="killed"'), "1");
  assertEquals(of("kills_total", "orders", ',outcome="survived"'), "1");
  assertEquals(of("kills_total", "users", ',outcome="would-kill"'), "0");
  assertEquals(of("kills_total", "users", ',outcome="killed"'), undefined);
  assertEquals(of("spared_total", "orders"), "1");
  assertEquals([of("lease_held", "orders"), of("lease_held", "users")], ["1", undefined]);
  assertEquals([of("paused", "orders"), of("paused", "users")], ["0", "1"]);
  assertEquals(of("budget_spent", "orders"), "0");
  assertEquals(series.get('query_sniper_databases{state="watched"}'), "2");
  assertEquals(series.get("query_sniper_databases_armed"), "1");
  assertEquals(series.get("query_sniper_journal_usable"), "1");
  assertEquals(series.get('query_sniper_build_info{version="1.2.3"}'), "1");
  assert(Number(series.get("query_sniper_process_resident_memory_bytes")) > 1e6);
  const own = [...series.keys()].filter((key) => key.includes('database="orders"'));
  assert(own.length <= 17, own.join("\n"));
});

Deno.test("/metrics tells of refused configurations, silent channels, and its own answers", async () => {
  await using set = await stage();
  set.usable = undefined;
  await set.emit({ event: "config", state: "refused", file: "x" });
  set.requests.add(404);
  const series = seriesOf(await (await set.app.request("/metrics")).text());
  assertEquals(series.get("query_sniper_config_reload_success"), "0");
  assertEquals(series.get('query_sniper_http_requests_total{code="404"}'), "1");
  assertEquals(series.has("query_sniper_journal_usable"), false, "there is none");
});

Deno.test("/metrics is rendered once a second, in both formats", async () => {
  await using set = await stage();
  const first = await set.app.request("/metrics", { headers: { accept: OPENMETRICS } });
  assertEquals(
    first.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  set.looked("orders");
  const second = await set.app.request("/metrics");
  assertEquals(second.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const [open, text] = [await first.text(), await second.text()];
  assertEquals([...seriesOf(open)], [...seriesOf(text)]);
  assert(open.endsWith("\n# EOF\n") && !text.includes("# EOF"));
  assert(open.includes("# TYPE query_sniper_looks counter\n"));
  assert(text.includes("# TYPE query_sniper_looks_total counter\n"));
});

Deno.test("a client gets the format that it asks for, and text where it asks for none", () => {
  assertEquals(formatFor(OPENMETRICS), "openmetrics");
  assertEquals(formatFor("application/openmetrics-text"), "openmetrics");
  for (
    const accept of [
      undefined,
      "",
      "*/*",
      "text/plain",
      "application/openmetrics-text;version=0.0.1",
      "application/openmetrics-text;q=0",
      "text/plain;q=0.9, application/openmetrics-text;version=1.0.0;q=0.1",
    ]
  ) assertEquals(formatFor(accept), "text", accept);
});
