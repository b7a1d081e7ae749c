import type { Report } from "../model.ts";
import { csvLine } from "./csv.ts";

/** A report as CSV, in lines: a row for each key, with what the period covers on each. */
export function reportCsv(report: Report): readonly string[] {
  const { from, to, by, looks, no_data, executions } = report;
  return [
    csvLine(executions === undefined ? HEADINGS : [...HEADINGS, ...EXECUTIONS]),
    ...report.rows.map((row) =>
      csvLine([
        ...[from, to, looks, no_data, by, row.key, row.digest_text],
        ...[row.kills, row.would_kill, row.skipped, row.before, row.share],
        ...[row.mean_ms, row.worst_ms, row.wasted_ms],
        ...[row.ranks.kills, row.ranks.share, row.ranks.wasted_ms],
        ...[row.first_seen, row.last_seen, row.databases.join(" "), row.entry_points_total],
        ...[JSON.stringify(row.outcomes), row.same_as.join(" ")],
        ...[
          row.exempt?.owner ?? null,
          row.exempt?.reason ?? null,
          row.exempt?.until ?? null,
          row.exempt?.expired ?? null,
        ],
        ...executions === undefined ? [] : [
          row.by_proxy?.executions ?? null,
          row.by_proxy?.kills ?? null,
          row.by_proxy?.share ?? null,
        ],
      ])
    ),
  ];
}

const HEADINGS = [
  ...["from", "to", "looks", "no_data", "by", "key", "digest_text"],
  ...["kills", "would_kill", "skipped", "kills_before", "share"],
  ...["mean_ms", "worst_ms", "wasted_ms"],
  ...["rank_kills", "rank_share", "rank_wasted"],
  ...["first_seen", "last_seen", "databases", "entry_points"],
  ...["outcomes", "same_as"],
  ...["exempt_owner", "exempt_reason", "exempt_until", "exempt_expired"],
];

/** With dumps of ProxySQL's digests only. */
const EXECUTIONS = ["proxy_executions", "proxy_kills", "proxy_share"];
