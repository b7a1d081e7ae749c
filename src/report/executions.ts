import type { JournalReader } from "../journal/mod.ts";
import { DAY, overlap, type Period } from "./period.ts";

/** How often a query was executed on a database in a period, as the server's own summary counts. */
export interface Executions {
  /** Ids of the journal. */
  readonly digest: number;
  readonly database: number;
  readonly count: number;
}

/**
 * Calls `use` for the executions of killed queries, day by day. Of a day that is only partly in the period the same part
 * counts, except of the one that has only begun. As text, since there may be hundreds of thousands.
 * @param now Milliseconds since 1970.
 */
export function eachExecutions(
  journal: JournalReader,
  period: Period,
  now: number,
  use: (executions: Executions) => void,
): void {
  const sql =
    "SELECT group_concat(printf('%d,%d,%d', digest, database, count)) AS numbers FROM executions WHERE day = ?";
  for (let day = Math.floor(period.from / DAY); day * DAY < period.to; day++) {
    const part = overlap(
      { from: day * DAY, to: Math.min((day + 1) * DAY, Math.max(now, period.to)) },
      period,
    );
    const text = journal.first<{ readonly numbers: string | null }>(sql, day)?.numbers ?? "";
    const numbers = JSON.parse(`[${text}]`) as readonly number[];
    for (let at = 0; at < numbers.length; at += 3) {
      use({ digest: numbers[at]!, database: numbers[at + 1]!, count: part * numbers[at + 2]! });
    }
  }
}
