import type { JournalReader } from "../journal/mod.ts";
import { DAY, type Period } from "./period.ts";

/** A decision as the journal has it: ids of its dictionaries, 0 where there is none. One object serves for all. */
export interface NarrowDecision {
  /** Milliseconds since 1970. */
  at: number;
  digest: number;
  database: number;
  policy: number;
  /** 0: not known yet. */
  outcome: number;
  actor: number;
  tags: number;
  /** -1: unknown. */
  time_ms: number;
}

/** In the order of the numbers of a slice. SQLite prints NULL as 0, and takes half as long for it as to join texts. */
const COLUMNS = [
  "at - ?1",
  "digest",
  "database",
  "policy",
  "outcome",
  "actor",
  "tags",
  "ifnull(time_ms, -1)",
];

/** Only decisions with these ids. */
export interface IdFilter {
  readonly database?: number;
  readonly policies?: readonly number[];
}

/**
 * Calls `use` for every decision of a period, in no order within a day. A day comes as one text of numbers: two million
 * rows would take twice as long one by one.
 */
export function eachDecision(
  journal: JournalReader,
  { from, to }: Period,
  { database, policies }: IdFilter,
  use: (decision: NarrowDecision) => void,
): void {
  const conditions = [
    ...database === undefined ? [] : [`database = ${database}`],
    ...policies === undefined ? [] : [`policy IN (${policies.join(", ")})`],
  ];
  const numbers = `printf('${COLUMNS.map(() => "%d").join()}', ${COLUMNS.join(", ")})`;
  const sql = `SELECT group_concat(${numbers}) AS numbers FROM decision ` +
    ["WHERE at >= ?1 AND at < ?2", ...conditions].join(" AND ");
  const decision = { at: 0, digest: 0, database: 0, policy: 0, outcome: 0, actor: 0, tags: 0, time_ms: 0 };
  for (let start = from; start < to;) {
    const end = Math.min(start - start % DAY + DAY, to);
    const text = journal.first<{ readonly numbers: string | null }>(sql, start, end)?.numbers;
    eachOf(text ?? "", start, decision, use);
    start = end;
  }
}

function eachOf(
  text: string,
  start: number,
  decision: NarrowDecision,
  use: (decision: NarrowDecision) => void,
): void {
  const numbers = JSON.parse(`[${text}]`) as readonly number[];
  for (let at = 0; at < numbers.length; at += COLUMNS.length) {
    decision.at = start + numbers[at]!;
    decision.digest = numbers[at + 1]!;
    decision.database = numbers[at + 2]!;
    decision.policy = numbers[at + 3]!;
    decision.outcome = numbers[at + 4]!;
    decision.actor = numbers[at + 5]!;
    decision.tags = numbers[at + 6]!;
    decision.time_ms = numbers[at + 7]!;
    use(decision);
  }
}
