import type { Alias, Exempt } from "../config/mod.ts";
import type { JournalReader } from "../journal/mod.ts";
import { comparisonOf } from "./comparison.ts";
import type { Coverage } from "./coverage.ts";
import type { IdFilter } from "./decisions.ts";
import { eachExecutions } from "./executions.ts";
import {
  type Mark,
  type Proposal,
  type Report,
  REPORT_VERSION,
  type ReportKey,
  type Totals,
} from "./model.ts";
import { Names } from "./names.ts";
import { beginOf, notesOf } from "./notes.ts";
import { barsOf, before, iso, type Period } from "./period.ts";
import { PairCounts } from "./pair_counts.ts";
import { PeriodCount, sum } from "./period_count.ts";
import { Proxied, type ProxiedExecutions } from "./proxied.ts";
import { proposalsOf } from "./proposals.ts";
import { outcomesOf, rowsOf } from "./rows.ts";
import { GateTimes, HealthSeries, marksOf } from "./series.ts";
import { Shares } from "./shares.ts";
import { aliasesOf, type Counter } from "./tally.ts";

/** What to report. */
export interface ReportOptions {
  readonly period: Period;
  readonly by: ReportKey;
  /** Only this database, or this policy, by name. */
  readonly database?: string | undefined;
  readonly policy?: string | undefined;
  readonly exempt: readonly Exempt[];
  readonly aliases: readonly Alias[];
  /** Another period to compare with. */
  readonly compare?: Period | undefined;
  /** What dumps of ProxySQL's digests tell of the period; absent: there are none. */
  readonly executions?: ProxiedExecutions | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Reports what the journals of one or more programs have of a period.
 * @throws {JournalError}
 */
export function makeReport(journals: readonly JournalReader[], options: ReportOptions): Report {
  const maker = new ReportMaker(options);
  for (const journal of journals) journal.atOnce(() => maker.add(journal));
  return maker.report();
}

class ReportMaker {
  readonly #options: ReportOptions;
  readonly #now: PeriodCount;
  readonly #before: PeriodCount;
  readonly #compared: PeriodCount | undefined;
  readonly #health: HealthSeries;
  readonly #gates: GateTimes;
  readonly #marks: Mark[] = [];
  readonly #proposals: Proposal[] = [];
  readonly #shares = new Shares();
  readonly #proxied: Proxied | undefined;
  #begin = Infinity;

  constructor(options: ReportOptions) {
    const { period, compare } = options;
    const earlier = before(period);
    this.#options = options;
    const { executions } = options;
    this.#proxied = executions && new Proxied(executions, period, aliasesOf(options.aliases));
    const covers = this.#proxied && { covers: this.#proxied.covers };
    this.#now = new PeriodCount(period, barsOf(period), { ...options, ...covers, isBrief: false });
    this.#before = new PeriodCount(earlier, [earlier], { ...options, isBrief: true });
    this.#compared = compare && new PeriodCount(compare, [compare], { ...options, isBrief: true });
    this.#health = new HealthSeries(period);
    this.#gates = new GateTimes(period);
  }

  add(journal: JournalReader): void {
    const { period, database, policy } = this.#options;
    const names = new Names(journal);
    const ids = idsOf(journal, names, this.#options);
    const counter = this.#now.add(journal, names, ids, (at) => this.#health.addKill(at));
    this.#before.add(journal, names, ids);
    this.#compared?.add(journal, names, ids);
    this.#health.add(journal, ids.database);
    this.#gates.add(
      journal,
      names,
      (name, by) => (database ?? name) === name && (policy ?? by) === by,
    );
    this.#marks.push(
      ...marksOf(journal, names, period).filter((mark) =>
        database === undefined || mark.database === null || mark.database === database
      ),
    );
    const { aliases } = this.#now.tallies;
    const countsAs = (digest: string) => aliases.get(digest) ?? digest;
    this.#proposals.push(
      ...proposalsOf(journal, names, { period, isKnown: (a, b) => countsAs(a) === countsAs(b) }),
    );
    if (this.#options.by === "digest" || this.#options.by === "shape") {
      this.#addExecutions(journal, counter, ids.database);
    }
    this.#begin = Math.min(this.#begin, beginOf(journal));
  }

  #addExecutions(journal: JournalReader, counter: Counter, only: number | undefined): void {
    const { period, now } = this.#options;
    const found = new PairCounts();
    eachExecutions(journal, period, now, ({ digest, database, count }) => {
      if (only !== undefined && database !== only) return;
      const tally = counter.tallyOf({ digest, database, policy: 0, actor: 0, tags: 0 });
      found.add(tally.number, counter.databaseOf(database), count);
    });
    this.#shares.add(found);
  }

  report(): Report {
    const { period, by, database, policy } = this.#options;
    const { bars, hits, decisions, tallies } = this.#now;
    const coverage = this.#now.coverage.result();
    const looks = sum(coverage.looks, (count) => count);
    const earlier = this.#before.coverage.result();
    const hasBefore = this.#before.decisions > 0 || sum(earlier.looks, (count) => count) > 0;
    const compared = this.#compared?.coverage.result();
    const proxied = this.#proxied;
    const shareOf = this.#shares.of(tallies.places);
    const comparison = compared && this.#comparison(coverage, compared);
    return {
      version: REPORT_VERSION,
      from: iso(period.from),
      to: iso(period.to),
      by,
      ...(database !== undefined || policy !== undefined) &&
        { filter: { ...database !== undefined && { database }, ...policy !== undefined && { policy } } },
      looks,
      errors: coverage.errors,
      databases: coverage.databases.size,
      last_look: coverage.lastLook === undefined ? null : iso(coverage.lastLook),
      gaps: coverage.gaps.map(({ from, to, databases }) => ({ from: iso(from), to: iso(to), databases })),
      no_data: looks === 0 && decisions === 0,
      marks: this.#marks.toSorted((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0),
      totals: this.#totals(hasBefore),
      rows: rowsOf(this.#now.all, {
        tallies,
        bars: bars.length,
        before: hasBefore ? this.#before.tallies.tallies : null,
        shareOf: ({ number }) => shareOf(number),
        ...proxied && { byProxy: (tally) => proxied.of(tally) },
      }),
      proposals: this.#proposals,
      periods: bars.map(({ from, to }, bar) => ({
        from: iso(from),
        to: iso(to),
        ...hits[bar]!,
        looks: coverage.looks[bar]!,
      })),
      health: this.#health.points(),
      gates: this.#gates.list(),
      notes: notesOf({
        period,
        coverage,
        decisions,
        begin: this.#begin,
        now: this.#options.now,
        exemptions: tallies.exemptions.notes(),
        ...compared !== undefined && { compared: comparison !== undefined },
        ...proxied && { executions: proxied.reported },
      }),
      ...comparison !== undefined && { compare: comparison },
      ...proxied && { executions: proxied.reported },
    };
  }

  #totals(hasBefore: boolean): Totals {
    return {
      ...this.#now.counts(),
      skipped: sum(this.#now.all, ({ skipped }) => skipped),
      outcomes: outcomesOf(this.#now.all, this.#now.tallies.outcomes),
      before: hasBefore ? this.#before.counts() : null,
    };
  }

  /** Undefined where nothing was looked at in either period. */
  #comparison(now: Coverage, other: Coverage) {
    if (this.#compared === undefined || now.minutes === 0 || other.minutes === 0) return undefined;
    const { tallies } = this.#now.tallies;
    const { tallies: others } = this.#compared.tallies;
    return comparisonOf(
      this.#compared.observation(other.minutes),
      this.#now.observation(now.minutes),
      (key) => (tallies.get(key) ?? others.get(key))?.text ?? key,
    );
  }
}

function idsOf(journal: JournalReader, names: Names, { database, policy }: ReportOptions): IdFilter {
  return {
    ...database !== undefined && { database: names.idOf("database", database) },
    ...policy !== undefined && {
      policies: journal.all<{ readonly id: number }>("SELECT id FROM policy WHERE name = ?", policy)
        .map(({ id }) => id),
    },
  };
}
