import type { Alias, Exempt } from "../config/mod.ts";
import type { JournalReader } from "../journal/mod.ts";
import type { Observation } from "./comparison.ts";
import { CoverageReader } from "./coverage.ts";
import { eachDecision, type IdFilter } from "./decisions.ts";
import { Exemptions } from "./exemptions.ts";
import type { Counts, ReportKey } from "./model.ts";
import type { Names } from "./names.ts";
import { PairCounts } from "./pair_counts.ts";
import type { Period } from "./period.ts";
import { aliasesOf, Counter, EntryNames, Numbering, type Tallies, type Tally } from "./tally.ts";

/** How to count. */
export interface CountOptions {
  readonly by: ReportKey;
  readonly exempt: readonly Exempt[];
  readonly aliases: readonly Alias[];
  /** Only how often and how long, not where and who. */
  readonly isBrief: boolean;
  /** Whether dumps of ProxySQL's digests tell of a moment. */
  covers?(at: number): boolean;
}

/** What is counted of one period. */
export class PeriodCount {
  readonly period: Period;
  readonly bars: readonly Period[];
  readonly tallies: Tallies;
  readonly coverage: CoverageReader;
  readonly hits: { kills: number; would_kill: number }[];
  readonly #isBrief: boolean;
  decisions = 0;

  constructor(
    period: Period,
    bars: readonly Period[],
    { by, exempt, aliases, isBrief, covers }: CountOptions,
  ) {
    this.period = period;
    this.bars = bars;
    this.#isBrief = isBrief;
    this.coverage = new CoverageReader(bars);
    this.hits = bars.map(() => ({ kills: 0, would_kill: 0 }));
    let bar = 0;
    this.tallies = {
      by,
      tallies: new Map(),
      entries: new EntryNames(),
      databases: new Numbering(),
      places: new PairCounts(),
      outcomes: new Numbering(),
      exemptions: new Exemptions(exempt, period.to),
      aliases: aliasesOf(aliases),
      ...covers && { covers },
      barAt(at) {
        // Decisions of a day come in no order, and those of days in order.
        while (bar > 0 && at < bars[bar]!.from) bar--;
        while (bar < bars.length - 1 && at >= bars[bar]!.to) bar++;
        return bar;
      },
    };
  }

  /** Returns what tells the tally of an id of this journal. */
  add(journal: JournalReader, names: Names, ids: IdFilter, onKill?: (at: number) => void): Counter {
    const counter = new Counter(names, this.tallies);
    eachDecision(journal, this.period, ids, (decision) => {
      this.decisions++;
      const counted = counter.count(decision, this.#isBrief);
      if (counted !== "kill" && counted !== "would-kill") return;
      this.hits[this.tallies.barAt(decision.at)]![counted === "kill" ? "kills" : "would_kill"]++;
      if (counted === "kill") onKill?.(decision.at);
    });
    this.coverage.add(journal, names, ids.database);
    return counter;
  }

  get all(): readonly Tally[] {
    return [...this.tallies.tallies.values()];
  }

  counts(): Counts {
    const { all } = this;
    return {
      kills: sum(all, ({ kills }) => kills),
      would_kill: sum(all, ({ would_kill }) => would_kill),
      wasted_ms: sum(all, ({ time_ms }) => time_ms),
      distinct: all.filter(({ kills, would_kill }) => kills + would_kill > 0).length,
    };
  }

  observation(minutes: number): Observation {
    return {
      period: this.period,
      exposure: minutes,
      hits: new Map(this.all.map(({ key, kills, would_kill }) => [key, kills + would_kill])),
    };
  }
}

/** The sum of what items have. */
export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
