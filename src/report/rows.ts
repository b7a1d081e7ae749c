import type { EntryPoint, Exemption, OutcomeCounts, Row, RowExecutions } from "./model.ts";
import type { Exemptions } from "./exemptions.ts";
import { iso } from "./period.ts";
import type { EntryNames, Numbering, Tallies, Tally } from "./tally.ts";

/** How many entry points a row lists. */
const MOST_ENTRIES = 20;

/** What rows are made of besides their tallies. */
export interface RowSources {
  readonly tallies: Pick<Tallies, "entries" | "databases" | "places" | "outcomes" | "exemptions">;
  readonly bars: number;
  /** Kills in the period before, by key; null: no data. */
  readonly before: ReadonlyMap<string, Tally> | null;
  /** Kills as a part of all executions; null: unknown. */
  shareOf(tally: Tally): number | null;
  /** The same by dumps of ProxySQL's digests; absent: there are none. */
  byProxy?(tally: Tally): RowExecutions | null;
}

/** The rows of a report, in the order of their ranks. */
export function rowsOf(tallies: readonly Tally[], sources: RowSources): readonly Row[] {
  const { databases, outcomes } = sources.tallies;
  const known = { ...sources, databases: sortedNames(databases), outcomes: sortedNames(outcomes) };
  const rows = tallies.filter(({ decisions }) => decisions > 0).map((tally) => rowOf(tally, known));
  const byKills = ranksOf(rows, (a, b) => b.kills - a.kills || b.would_kill - a.would_kill);
  const byWaste = ranksOf(rows, (a, b) => b.wasted_ms - a.wasted_ms);
  const shared = rows.filter(({ share }) => share !== null);
  const byShare = ranksOf(shared, (a, b) => b.share! - a.share!);
  return rows
    .map((row) => ({
      ...row,
      ranks: { kills: byKills.get(row)!, share: byShare.get(row) ?? null, wasted_ms: byWaste.get(row)! },
    }))
    .toSorted((a, b) =>
      a.ranks.kills - b.ranks.kills || a.ranks.wasted_ms - b.ranks.wasted_ms || compareTexts(a.key, b.key)
    );
}

/** Names in order, each with its number: sorted once for all rows. */
interface SortedNames {
  readonly databases: readonly NumberedName[];
  readonly outcomes: readonly NumberedName[];
}

interface NumberedName {
  readonly name: string;
  readonly id: number;
}

function sortedNames({ names }: Numbering): readonly NumberedName[] {
  return names.map((name, id) => ({ name, id })).toSorted((a, b) => compareTexts(a.name, b.name));
}

function countsOf(counts: readonly number[], names: readonly NumberedName[]): OutcomeCounts {
  return Object.fromEntries(names.flatMap(({ name, id }) => counts[id] ? [[name, counts[id]]] : []));
}

/** The outcomes of all tallies together. */
export function outcomesOf(tallies: readonly Tally[], numbering: Numbering): OutcomeCounts {
  const sums: number[] = [];
  for (const { outcomes } of tallies) {
    outcomes.forEach((count, id) => sums[id] = (sums[id] ?? 0) + count);
  }
  return countsOf(sums, sortedNames(numbering));
}

type Unranked = Omit<Row, "ranks">;

function rowOf(tally: Tally, sources: RowSources & SortedNames): Unranked {
  const { tallies: { entries, exemptions, places }, databases, outcomes, bars, before, shareOf } = sources;
  const { key, text, kills, would_kill, skipped, timed, time_ms, worst_ms } = tally;
  return {
    key,
    digest_text: text,
    kills,
    would_kill,
    skipped,
    outcomes: countsOf(tally.outcomes, outcomes),
    mean_ms: timed === 0 ? null : Math.round(time_ms / timed),
    worst_ms: timed === 0 ? null : worst_ms,
    wasted_ms: time_ms,
    databases: databases.filter(({ id }) => places.get(tally.number, id) !== undefined).map(({ name }) =>
      name
    ),
    entry_points: entryPoints(tally, entries),
    entry_points_total: tally.entries.size,
    first_seen: iso(tally.first),
    last_seen: iso(tally.last),
    before: before === null ? null : before.get(key)?.kills ?? 0,
    share: shareOf(tally),
    ...sources.byProxy && { by_proxy: sources.byProxy(tally) },
    exempt: exemptionOf(tally, exemptions),
    same_as: [...tally.sameAs].toSorted(compareTexts),
    trend: Array.from({ length: bars }, (_, bar) => tally.bars[bar] ?? 0),
  };
}

function entryPoints({ entries }: Tally, names: EntryNames): readonly EntryPoint[] {
  return [...entries]
    .toSorted(([a, first], [b, second]) =>
      second.kills + second.would_kill - first.kills - first.would_kill || a - b
    )
    .slice(0, MOST_ENTRIES)
    .map(([id, { kills, would_kill }]) => {
      const { actor: { user, host, program }, tags } = names.entry(id);
      return { user, host, program, tags, kills, would_kill };
    });
}

/** A row is exempt where all that it counts is, by one exemption. */
function exemptionOf({ exempt, decisions }: Tally, exemptions: Exemptions): Exemption | null {
  const [first] = exempt;
  return first !== undefined && first[1] === decisions ? exemptions.exemption(first[0]) : null;
}

/** The places of rows, from 1; equal ones share a place. */
function ranksOf<T>(rows: readonly T[], compare: (a: T, b: T) => number): ReadonlyMap<T, number> {
  const sorted = rows.toSorted(compare);
  const ranks = new Map<T, number>();
  for (const [index, row] of sorted.entries()) {
    const previous = sorted[index - 1];
    ranks.set(row, previous !== undefined && compare(previous, row) === 0 ? ranks.get(previous)! : index + 1);
  }
  return ranks;
}

/** The order of code units: the same everywhere. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
