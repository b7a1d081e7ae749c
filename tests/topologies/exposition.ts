/** Which of the two programs is asked: the one that kills, or the one that stands by. */
export type Role = "holder" | "standby";

type Labelled = readonly (readonly [labels: string, value: number])[];

/**
 * The metrics of a fleet where everything happens that there is a metric for, some seconds after its start: one database
 * lags and is killed at, one is in a dry run, one cannot be reached.
 */
export function exposition(role: Role, seconds: number): string {
  const now = Date.now() / 1000;
  const of = (database: string, more = "") => `database="${database}"${more}`;
  const watched = ["orders", "users"];
  const each = (value: number): Labelled => watched.map((name) => [of(name), value]);
  const rows: readonly (readonly [name: string, type: "gauge" | "counter", series: Labelled])[] = [
    ["up", "gauge", [...each(1), [of("lost"), 0]]],
    ["last_look_timestamp_seconds", "gauge", [...each(now), [of("lost"), now - 300]]],
    ["look_duration_seconds", "gauge", each(0.002)],
    ["looks_total", "counter", each(seconds)],
    ["errors_total", "counter", [...each(0), [of("lost"), seconds]]],
    ["looks_skipped_total", "counter", each(0)],
    ["looks_late_total", "counter", each(seconds)],
    ["replication_lag_seconds", "gauge", [[of("orders"), 42]]],
    ["history_list_length", "gauge", each(1_200_000)],
    ["threads_running", "gauge", each(12)],
    ["oldest_transaction_seconds", "gauge", each(600)],
    ["gates_open", "gauge", [[of("orders", ',mode="enforce"'), 1], [of("users", ',mode="dry-run"'), 0]]],
    ["kills_total", "counter", [
      ...["killed", "gone", "survived", "denied"].map((outcome) =>
        [of("orders", `,outcome="${outcome}"`), seconds] as const
      ),
      [of("users", ',outcome="would-kill"'), seconds],
    ]],
    ["spared_total", "counter", each(seconds)],
    ["lease_held", "gauge", [[of("orders"), role === "holder" ? 1 : 0]]],
    ["paused", "gauge", each(0)],
    ["budget_spent", "gauge", each(0)],
    ["build_info", "gauge", [['version="0.1.0"', 1]]],
    ["databases", "gauge", [['state="connecting"', 0], ['state="watched"', 2], ['state="unreachable"', 1]]],
    ["databases_armed", "gauge", [["", 1]]],
    ["events_dropped_total", "counter", [["", 0]]],
    ["journal_usable", "gauge", [["", 1]]],
    ["config_reload_success", "gauge", [["", 1]]],
    ["notify_channel_up", "gauge", [['channel="dba"', 1]]],
    ["http_requests_total", "counter", [['code="200"', seconds]]],
    ["process_start_time_seconds", "gauge", [["", now - seconds]]],
    ["process_cpu_seconds_total", "counter", [["", seconds / 10]]],
    ["process_resident_memory_bytes", "gauge", [["", 140e6]]],
  ];
  return rows.map(([name, type, series]) => {
    const full = `query_sniper_${name}`;
    const lines = series.map(([labels, value]) => `${full}${labels && `{${labels}}`} ${value}\n`);
    return `# HELP ${full} It is.\n# TYPE ${full} ${type}\n${lines.join("")}`;
  }).join("");
}

/** The names of all metrics, with their prefix. */
export const METRIC_NAMES: readonly string[] = namesIn(exposition("holder", 1));

/** The metrics that a text names: an exposition, a rule, a dashboard. */
export function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\bquery_sniper_[a-z_]+/g))].toSorted();
}
