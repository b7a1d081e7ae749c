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

/** Only decisions with these ids. */
export interface IdFilter {
  readonly database?: number;
  readonly policies?: readonly number[];
}

/** The ids, with the dictionary of each; a slice has the moment before these, and the time behind them. */
const DICTIONARIES = [
  ["ifnull(digest, 0)", "digest"],
  ["database", "database"],
  ["policy", "policy"],
  ["ifnull(outcome, 0)", "word"],
  ["actor", "actor"],
  ["ifnull(tags, 0)", "tags"],
] as const;

/** A character has a number below this, as its code is one more: no text has a zero, or half of a pair of codes. */
const BASE = 2 ** 15;

/**
 * Calls `use` for every decision of a period, in no order within a day. A day comes as one text, with a character for each
 * small number and several for a larger one: two million rows would take much longer one by one, or in decimals.
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
  const columns = [["since", 2], ...idColumns(journal), ["(ifnull(time_ms, -1) + 1)", 3]] as const;
  const codes = columns.flatMap(([number, width]) => codesOf(number, width));
  const widths = columns.map(([, width]) => width);
  const sql = `SELECT group_concat(char(${codes.join(", ")}), '') AS text ` +
    "FROM (SELECT *, at - ? AS since FROM decision WHERE at >= ? AND at < ?)" +
    (conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`);
  const decision = { at: 0, digest: 0, database: 0, policy: 0, outcome: 0, actor: 0, tags: 0, time_ms: 0 };
  for (let start = from; start < to;) {
    const end = Math.min(start - start % DAY + DAY, to);
    const text = journal.first<{ readonly text: string | null }>(sql, start, start, end)?.text;
    eachOf(text ?? "", { start, widths, decision }, use);
    start = end;
  }
}

/** The ids, each with how many characters the largest one of its dictionary has. */
function idColumns(journal: JournalReader): readonly (readonly [column: string, width: number])[] {
  return DICTIONARIES.map(([column, table]) => {
    const most = journal.first<{ readonly id: number | null }>(`SELECT max(id) AS id FROM ${table}`)?.id ?? 0;
    return [column, most < BASE ? 1 : 2];
  });
}

/** The codes of a number of so many characters, the highest part first. */
function codesOf(number: string, characters: number): readonly string[] {
  return Array.from({ length: characters }, (_, index) => {
    const shift = 15 * (characters - 1 - index);
    const part = shift === 0 ? number : `(${number} >> ${shift})`;
    return `${index === 0 ? part : `(${part} & ${BASE - 1})`} + 1`;
  });
}

/** Calls `use` for each decision of a slice. `widths`: of each number, how many characters it has. */
function eachOf(
  text: string,
  { start, widths, decision }: {
    readonly start: number;
    readonly widths: readonly number[];
    readonly decision: NarrowDecision;
  },
  use: (decision: NarrowDecision) => void,
): void {
  const numbers = widths.map(() => 0);
  for (let place = 0; place < text.length;) {
    for (let column = 0; column < widths.length; column++) {
      let number = text.charCodeAt(place++) - 1;
      for (let more = widths[column]!; more > 1; more--) {
        number = number * BASE + text.charCodeAt(place++) - 1;
      }
      numbers[column] = number;
    }
    decision.at = start + numbers[0]!;
    decision.digest = numbers[1]!;
    decision.database = numbers[2]!;
    decision.policy = numbers[3]!;
    decision.outcome = numbers[4]!;
    decision.actor = numbers[5]!;
    decision.tags = numbers[6]!;
    decision.time_ms = numbers[7]! - 1;
    use(decision);
  }
}
