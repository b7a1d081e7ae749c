import type { JournalReader } from "../journal/mod.ts";
import { CoverageReader } from "./coverage.ts";
import { countWords } from "./duration.ts";
import type { HistoryFilter } from "./history.ts";
import { Names } from "./names.ts";
import { beginOf, notesOf, shortTime } from "./notes.ts";
import { iso } from "./period.ts";
import { gapsText } from "./text/sections.ts";

/**
 * What a history covers, in lines.
 * @param known `now`: milliseconds since 1970; `count`: how many decisions there are.
 */
export function coverageOf(
  journals: readonly JournalReader[],
  { period, database }: HistoryFilter,
  { now, count }: { readonly now: number; readonly count: number },
): readonly string[] {
  const reader = new CoverageReader([period]);
  for (const journal of journals) {
    const names = new Names(journal);
    reader.add(journal, names, database === undefined ? undefined : names.idOf("database", database));
  }
  const coverage = reader.result();
  const looks = coverage.looks[0] ?? 0;
  const begin = Math.min(...journals.map(beginOf));
  return [
    `${countWords(count)} ${count === 1 ? "decision" : "decisions"} from ${shortTime(period.from)} to ${
      shortTime(period.to)
    } UTC; ${countWords(looks)} looks at ${countWords(coverage.databases.size)} ${
      coverage.databases.size === 1 ? "database" : "databases"
    }`,
    ...looks === 0 ? [] : [
      gapsText(
        coverage.gaps.map(({ from, to, databases }) => ({ from: iso(from), to: iso(to), databases })),
      ),
    ],
    ...notesOf({ period, coverage, decisions: count, begin, now, exemptions: [] }).map((note) =>
      `note: ${note}`
    ),
  ];
}
