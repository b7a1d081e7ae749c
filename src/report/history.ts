import { clauseText, type ClientReport, clientText, levelOf, type PublicEvent } from "../events/mod.ts";
import type { JournalReader, SqlValue } from "../journal/mod.ts";
import type { Clause } from "../language/mod.ts";
import { tagsOf } from "./names.ts";
import { OPEN } from "./outcome.ts";
import { durationWords } from "./duration.ts";
import type { Period } from "./period.ts";

/** What the history is asked for. Names are whole ones, a digest may be only its beginning. */
export interface HistoryFilter {
  readonly period: Period;
  readonly database?: string | undefined;
  readonly policy?: string | undefined;
  readonly digest?: string | undefined;
  readonly user?: string | undefined;
  readonly outcome?: string | undefined;
  readonly session?: number | undefined;
}

/** A decision as its event told it, but for what the journal does not keep. */
export interface PastDecision {
  /** ISO, in UTC. */
  readonly at: string;
  readonly level: string;
  readonly event: "kill" | "match";
  readonly database: string;
  readonly policy: string;
  /** This, `escalation`, and `command` are absent of what older programs have written. */
  readonly mode?: string;
  readonly action: string;
  readonly escalation?: true;
  /** Absent of a match; `open`: not known yet. */
  readonly outcome?: string;
  readonly reason?: string;
  readonly took_ms?: number;
  readonly note?: string;
  readonly because: readonly Clause[];
  readonly session: {
    readonly id: number;
    /** Null if the server did not tell. */
    readonly user: string | null;
    readonly host: string | null;
    readonly definer?: string;
    readonly db: string;
    readonly program?: string;
    readonly command?: string;
    readonly waits_for?: readonly number[];
    /** For how long it had run; in what older programs have written also for how long it had rested. */
    readonly time_ms?: number;
    readonly idle_time_ms?: number;
    /** Whose it was, behind a proxy. */
    readonly client?: ClientReport;
  };
  readonly statement?: {
    readonly digest: string;
    readonly digest_text: string;
    readonly server_digest?: string;
    readonly verb?: string;
    readonly tables: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
  };
}

interface HistoryRow {
  readonly id: number;
  readonly at: number;
  readonly database: string;
  readonly policy: string;
  readonly action: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly digest: string | null;
  readonly digest_text: string;
  readonly server_digest: string | null;
  readonly verb: string | null;
  readonly tables: string;
  readonly user: string;
  readonly host: string;
  readonly db: string;
  readonly program: string;
  readonly tags: string | null;
  readonly expressions: string;
  readonly evidence: string;
  readonly session: number;
  readonly time_ms: number | null;
  readonly took_ms: number | null;
  readonly note: string | null;
  readonly mode: string | null;
  readonly escalation: number | null;
  readonly command: string | null;
  readonly idle: number | null;
  readonly session_more: string | null;
}

const SELECT = `
  SELECT d.id, d.at, b.name AS database, p.name AS policy, a.text AS action, o.text AS outcome, r.text AS reason,
    q.digest, q.digest_text, q.server_digest, q.verb, q.tables, c.user, c.host, c.db, c.program, t.tags, x.expressions,
    d.evidence, d.session, d.time_ms, d.took_ms, d.note, m.mode, m.escalation, m.command, m.idle, d.session_more
  FROM decision AS d JOIN database AS b ON b.id = d.database JOIN policy AS p ON p.id = d.policy
    JOIN word AS a ON a.id = d.action JOIN actor AS c ON c.id = d.actor JOIN clauses AS x ON x.id = d.clauses
    LEFT JOIN word AS o ON o.id = d.outcome LEFT JOIN word AS r ON r.id = d.reason
    LEFT JOIN digest AS q ON q.id = d.digest LEFT JOIN tags AS t ON t.id = d.tags
    LEFT JOIN manner AS m ON m.id = d.manner`;

/** How many decisions are read at once: nothing of the journal is held meanwhile. */
const PAGE = 1000;

/**
 * The decisions of a journal, in the order in which they were made.
 * @throws {JournalError}
 */
export function* historyOf(journal: JournalReader, filter: HistoryFilter): Generator<PastDecision> {
  const { conditions, values } = conditionsOf(filter);
  const sql = `${SELECT} WHERE d.at < ? AND (d.at, d.id) > (?, ?)${
    conditions.map((condition) => ` AND ${condition}`).join("")
  } ORDER BY d.at, d.id LIMIT ${PAGE}`;
  for (let [at, id] = [filter.period.from, -1];;) {
    const rows = journal.all<HistoryRow>(sql, filter.period.to, at, id, ...values);
    for (const row of rows) yield pastDecision(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [at, id] = [last.at, last.id];
  }
}

/**
 * The latest decisions of a journal, the newest first.
 * @throws {JournalError}
 */
export function latestOf(
  journal: JournalReader,
  filter: HistoryFilter,
  limit: number,
): readonly PastDecision[] {
  const { conditions, values } = conditionsOf(filter);
  const sql = `${SELECT} WHERE d.at < ? AND d.at >= ?${
    conditions.map((condition) => ` AND ${condition}`).join("")
  } ORDER BY d.at DESC, d.id DESC LIMIT ${Math.trunc(limit)}`;
  const { from, to } = filter.period;
  return journal.all<HistoryRow>(sql, to, from, ...values).map(pastDecision);
}

/** The decisions of several journals, in the order of time. */
export function* mergedHistory(
  journals: readonly JournalReader[],
  filter: HistoryFilter,
): Generator<PastDecision> {
  const sources = journals.map((journal) => historyOf(journal, filter));
  const heads = sources.map((source) => source.next().value as PastDecision | undefined);
  for (;;) {
    let next = -1;
    for (const [index, head] of heads.entries()) {
      if (head !== undefined && (next < 0 || head.at < heads[next]!.at)) next = index;
    }
    if (next < 0) return;
    yield heads[next]!;
    heads[next] = sources[next]!.next().value as PastDecision | undefined;
  }
}

function conditionsOf(filter: HistoryFilter): {
  readonly conditions: readonly string[];
  readonly values: readonly SqlValue[];
} {
  const { database, policy, digest, user, outcome, session } = filter;
  const given: readonly (readonly [string, SqlValue | undefined])[] = [
    ["b.name = ?", database],
    ["p.name = ?", policy],
    ["substr(q.digest, 1, length(?)) = ?", digest],
    ["c.user = ?", user],
    [`ifnull(o.text, '${OPEN}') = ?`, outcome],
    ["d.session = ?", session],
  ];
  const used = given.flatMap(([condition, value]) => value === undefined ? [] : [{ condition, value }]);
  return {
    conditions: used.map(({ condition }) => condition),
    values: used.flatMap(({ condition, value }) => condition.split("?").slice(1).map(() => value)),
  };
}

function pastDecision(row: HistoryRow): PastDecision {
  const isMatch = row.outcome === "match";
  const outcome = row.outcome ?? OPEN;
  return {
    at: new Date(row.at).toISOString(),
    level: isMatch || outcome === OPEN ? "info" : levelOf({ event: "kill", outcome } as PublicEvent),
    event: isMatch ? "match" : "kill",
    database: row.database,
    policy: row.policy,
    ...row.mode !== null && { mode: row.mode },
    action: row.action,
    ...row.escalation === 1 && { escalation: true },
    ...!isMatch && { outcome },
    ...row.reason !== null && { reason: row.reason },
    ...row.took_ms !== null && { took_ms: row.took_ms },
    ...row.note !== null && { note: row.note },
    because: clausesOf(row),
    session: sessionOf(row),
    ...row.digest !== null && { statement: statementOf({ ...row, digest: row.digest }) },
  };
}

function sessionOf(row: HistoryRow): PastDecision["session"] {
  const { definer, waits_for, client } = moreOf(row);
  const time = row.idle === 1 ? "idle_time_ms" : "time_ms";
  return {
    id: row.session,
    user: row.user === "" ? null : row.user,
    host: row.host === "" ? null : row.host,
    ...definer !== undefined && { definer },
    db: row.db,
    ...row.program !== "" && { program: row.program },
    ...row.command !== null && { command: row.command },
    ...waits_for !== undefined && { waits_for },
    ...row.time_ms !== null && { [time]: row.time_ms },
    ...client !== undefined && { client },
  };
}

/** What few sessions have. */
function moreOf(
  { session_more: text }: HistoryRow,
): Pick<PastDecision["session"], "definer" | "waits_for" | "client"> {
  try {
    return text === null ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

function statementOf(row: HistoryRow & { readonly digest: string }): NonNullable<PastDecision["statement"]> {
  return {
    digest: row.digest,
    digest_text: row.digest_text,
    ...row.server_digest !== null && { server_digest: row.server_digest },
    ...row.verb !== null && { verb: row.verb },
    tables: listOf(row.tables).map(String),
    tags: row.tags === null ? {} : tagsOf(row.tags),
  };
}

/** The expressions with what they came to. */
function clausesOf({ expressions, evidence }: HistoryRow): readonly Clause[] {
  const values = listOf(evidence);
  return listOf(expressions).map((expression, index) => {
    const value = values[index];
    const known = typeof value === "object" && value !== null ? value as Partial<Clause> : {};
    return { expression: String(expression), left: "", ...known };
  });
}

function listOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** A past decision for people, in one line: when, where, what, whom, and why. */
export function decisionText(decision: PastDecision): string {
  const { at, database, policy, session, statement, because, note } = decision;
  const { id, user, host, db, program, client, time_ms = session.idle_time_ms } = session;
  const whose = `${user ?? "an unknown user"}${host === null ? "" : `@${host}`}${
    db === "" ? "" : ` in ${db}`
  }`;
  const why = because.map((clause) => `; ${clauseText(clause)}`).join("");
  return [
    `${at.slice(0, 19).replace("T", " ")} ${database}: ${verdictText(decision)} session ${id} of ${whose}`,
    program === undefined ? "" : ` by ${program}`,
    client === undefined ? "" : `, ${clientText(client)}`,
    time_ms === undefined ? "" : `, after ${durationWords(time_ms)}`,
    statement === undefined ? "" : `: ${statement.digest_text}`,
    ` (${policy}${why})`,
    note === undefined ? "" : `: ${note}`,
    statement === undefined ? "" : ` [${statement.digest}]`,
  ].join("");
}

function verdictText({ event, action, outcome = "", reason, took_ms }: PastDecision): string {
  if (event === "match") return "matched";
  if (outcome === "skipped") return `spared, ${reason ?? "for an unknown reason"}:`;
  if (outcome === "would-kill") return `would ${action}`;
  if (outcome === OPEN) return `${action}, outcome not known yet:`;
  return `${action}, ${outcome}${took_ms === undefined ? "" : ` in ${Math.round(took_ms)} ms`}:`;
}
