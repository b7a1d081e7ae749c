import type { Alias, Exempt } from "../config/mod.ts";
import { REPORTED_OUTCOMES } from "../events/mod.ts";
import type { JournalReader } from "../journal/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import type { HistoryFilter } from "./history.ts";
import type { ReportKey } from "./model.ts";
import { OPEN } from "./outcome.ts";
import { QueryError, readComparedPeriod, readMoment, readPeriod } from "./period.ts";
import type { ReportOptions } from "./report.ts";

/** A question as somebody wrote it, by the names of its parts. */
export interface WrittenQuery {
  /** The text of a part; undefined if it is not given. */
  get(part: string): string | undefined;
  /** How a message names a part, such as `--since`. */
  nameOf(part: string): string;
}

/** The keys that a report may be by, beside `tag.KEY`. */
export const REPORT_KEYS = ["digest", "shape", "database", "user", "policy"] as const;
const TAG = /^tag\.[a-z_][a-z0-9_]{0,63}$/;

/** What `outcome` may be. */
export const PAST_OUTCOMES: readonly string[] = [...Object.keys(REPORTED_OUTCOMES), "match", OPEN];

/**
 * What the history is asked for.
 * @param now Milliseconds since 1970.
 * @throws {QueryError}
 */
export function readHistoryQuery(
  query: WrittenQuery,
  journals: readonly JournalReader[],
  now: number,
): HistoryFilter {
  const to = readMoment(query.get("until") ?? "now", now);
  const from = readMoment(query.get("since") ?? "24h", now);
  if (from >= to) throw new QueryError(`${query.nameOf("since")} has to be before ${query.nameOf("until")}`);
  const session = query.get("session");
  if (session !== undefined && !/^\d{1,15}$/.test(session)) {
    throw new QueryError(
      `${query.nameOf("session")} is the id of a session, a whole number: ${quoted(session)}`,
    );
  }
  return {
    period: { from, to },
    database: knownName(journals, "database", query.get("database")),
    policy: knownName(journals, "policy", query.get("policy")),
    digest: query.get("digest"),
    user: query.get("user"),
    outcome: readOutcome(query),
    session: session === undefined ? undefined : Number(session),
  };
}

function readOutcome(query: WrittenQuery): string | undefined {
  const text = query.get("outcome");
  if (text === undefined || PAST_OUTCOMES.includes(text)) return text;
  throw new QueryError(
    `${query.nameOf("outcome")} is one of ${PAST_OUTCOMES.join(", ")}: ${quoted(text)}${
      didYouMean(text, PAST_OUTCOMES, '"')
    }`,
  );
}

/**
 * What a report is asked for.
 * @param about `now`: milliseconds since 1970.
 * @throws {QueryError}
 */
export function readReportQuery(
  query: WrittenQuery,
  journals: readonly JournalReader[],
  { now, exempt, aliases }: {
    readonly now: number;
    readonly exempt: readonly Exempt[];
    readonly aliases: readonly Alias[];
  },
): ReportOptions {
  const by = readKey(query);
  const period = readPeriod({ since: query.get("since") ?? "7d", until: query.get("until") }, now);
  const compare = query.get("compare");
  return {
    period,
    by,
    database: knownName(journals, "database", query.get("database")),
    policy: knownName(journals, "policy", query.get("policy")),
    exempt,
    aliases,
    compare: compare === undefined ? undefined : readComparedPeriod(compare, period, now),
    now,
  };
}

function readKey(query: WrittenQuery): ReportKey {
  const text = query.get("by") ?? "digest";
  const key = REPORT_KEYS.find((key) => key === text);
  if (key !== undefined) return key;
  if (TAG.test(text)) return text as `tag.${string}`;
  throw new QueryError(
    `${query.nameOf("by")} is one of ${REPORT_KEYS.join(", ")} and tag.KEY: ${quoted(text)}${
      didYouMean(text, REPORT_KEYS, '"')
    }`,
  );
}

/**
 * A name that a journal has to know.
 * @throws {QueryError}
 */
function knownName(
  journals: readonly JournalReader[],
  table: "database" | "policy",
  name: string | undefined,
): string | undefined {
  if (name === undefined) return undefined;
  const names = journals.flatMap((journal) =>
    journal.all<{ readonly name: string }>(`SELECT DISTINCT name FROM ${table} ORDER BY name`)
      .map(({ name }) => name)
  );
  if (names.includes(name)) return name;
  throw new QueryError(
    `the journal knows no ${table} of this name: ${quoted(name)}${didYouMean(name, names, '"')}`,
  );
}
