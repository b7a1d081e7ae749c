import { printable } from "../text/control.ts";
import { DAY } from "./day.ts";
import { JournalError } from "./error.ts";
import { SIZES, type Sizes } from "./purge.ts";
import type { JournalReader } from "./reader.ts";
import { isDamage } from "./trouble.ts";

/** What a journal is like. JSON-able; times are ISO texts, or null where there is nothing. */
export interface Inspection {
  readonly version: number;
  /** What its data take, and its file without the log, in bytes. */
  readonly used: number;
  readonly size: number;
  readonly decisions: number;
  readonly first: string | null;
  readonly last: string | null;
  /** Kills without an outcome. */
  readonly unfinished: number;
  /** Looks that were counted. */
  readonly looks: number;
  /** What is wrong with it, in words; none: it is sound. */
  readonly problems: readonly string[];
}

/**
 * Reads the whole journal, and tells what is wrong with it. It takes seconds for each gigabyte.
 * @throws {JournalError} If it cannot be read, with what is damaged.
 */
export function inspectJournal(journal: JournalReader): Inspection {
  // One moment for all of it: a program may be writing.
  return journal.atOnce(() => {
    const damage = damageOf(journal);
    try {
      const { user_version } = journal.first<{ readonly user_version: number }>("PRAGMA user_version")!;
      return {
        version: user_version,
        ...journal.first<Sizes>(SIZES)!,
        ...counts(journal),
        // What is damaged is not read any further.
        problems: damage.length > 0 ? damage : [...lostReferences(journal), ...wrongSums(journal)],
      };
    } catch (error) {
      if (damage.length === 0 || !(error instanceof JournalError) || !isDamage(error.cause)) throw error;
      throw new JournalError(`${printable(journal.file)}: ${damage.join("; ")}`, { cause: error });
    }
  });
}

function counts(
  journal: JournalReader,
): Pick<Inspection, "decisions" | "first" | "last" | "unfinished" | "looks"> {
  const row = journal.first<{
    readonly decisions: number;
    readonly first: number | null;
    readonly last: number | null;
    readonly unfinished: number;
    readonly looks: number;
  }>(
    "SELECT count(*) AS decisions, min(at) AS first, max(at) AS last, count(*) - count(outcome) AS unfinished, " +
      "(SELECT ifnull(sum(looks), 0) FROM coverage) AS looks FROM decision",
  )!;
  return { ...row, first: isoOf(row.first), last: isoOf(row.last) };
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** How many problems of one kind are named. */
const NAMED = 5;

function damageOf(journal: JournalReader): readonly string[] {
  return journal.all<{ readonly integrity_check: string }>(`PRAGMA integrity_check(${NAMED})`)
    .map(({ integrity_check }) => integrity_check).filter((text) => text !== "ok")
    .map((text) => `the file is damaged: ${text}`);
}

function lostReferences(journal: JournalReader): readonly string[] {
  const lost = journal.all<{ readonly table: string; readonly parent: string }>("PRAGMA foreign_key_check");
  const kinds = Map.groupBy(
    lost,
    ({ table, parent }) => `a row of ${table} names one of ${parent} that is not there`,
  );
  return [...kinds].map(([text, rows]) => `${text}, ${rows.length} of them do`);
}

/** The sums by day have to be those of the decisions. The oldest day may be half purged. */
function wrongSums(journal: JournalReader): readonly string[] {
  const counted =
    `SELECT at / ${DAY} AS day, ifnull(digest, 0), policy, outcome, count(*), sum(ifnull(time_ms, 0)) ` +
    "FROM decision WHERE outcome IS NOT NULL GROUP BY 1, 2, 3, 4";
  const sums = "SELECT day, digest, policy, outcome, count, time_ms FROM day_digest WHERE count <> 0";
  const days = journal.all<{ readonly day: number }>(
    `SELECT DISTINCT day FROM (SELECT * FROM (${counted} EXCEPT ${sums}) ` +
      `UNION ALL SELECT * FROM (${sums} EXCEPT ${counted})) ` +
      `WHERE day > (SELECT min(at) / ${DAY} FROM decision) ORDER BY day`,
  );
  if (days.length === 0) return [];
  const named = days.slice(0, NAMED).map(({ day }) => isoOf(day * DAY)!.slice(0, 10)).join(", ");
  const more = days.length - NAMED;
  return [
    `the sums of a day are not those of its decisions: ${named}${more > 0 ? `, and ${more} more` : ""}`,
  ];
}
