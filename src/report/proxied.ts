import type { Period } from "./period.ts";
import type { Tally } from "./tally.ts";
import type { ReportedExecutions, RowExecutions } from "./model.ts";
import { iso } from "./period.ts";

/** How often queries were executed by way of ProxySQL, as dumps of its digests say. */
export interface ProxiedExecutions {
  /** How many dumps count. */
  readonly dumps: number;
  /** Files that count what others count as well. */
  readonly leftOut: readonly string[];
  /** Which ProxySQL they are of, sorted. */
  readonly proxies: readonly string[];
  /** In how many dumps ProxySQL was started again, so that some executions are in none. */
  readonly restarts: number;
  /** The times of dumps, in no order. */
  readonly covered: readonly Period[];
  /** By digest, in the period only. */
  readonly counts: ReadonlyMap<string, number>;
  /** Executions of statements whose digest is not sure. */
  readonly unsure: number;
}

/** Joins executions with kills: only those kills count that came while dumps were made. */
export class Proxied {
  readonly #executions: ProxiedExecutions;
  readonly #spans: readonly Period[];
  readonly #counts = new Map<string, number>();

  /** @param aliases By digest: the one that it counts as. */
  constructor(executions: ProxiedExecutions, period: Period, aliases: ReadonlyMap<string, string>) {
    this.#executions = executions;
    this.#spans = joined(executions.covered, period);
    for (const [digest, count] of executions.counts) {
      const key = aliases.get(digest) ?? digest;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    }
  }

  /** Whether dumps tell of a moment. */
  covers = (at: number): boolean => {
    const spans = this.#spans;
    let [first, end] = [0, spans.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (spans[middle]!.to <= at) first = middle + 1;
      else end = middle;
    }
    return first < spans.length && spans[first]!.from <= at;
  };

  /** Null where no dump has this query. */
  of({ key, coveredKills: kills }: Tally): RowExecutions | null {
    const executions = this.#counts.get(key) ?? 0;
    if (executions === 0) return null;
    // Whoever went past the proxies is not in the dumps.
    const share = kills <= executions ? kills / executions : null;
    return { executions: Math.round(executions), kills, share };
  }

  get reported(): ReportedExecutions {
    const { dumps, proxies, restarts, unsure } = this.#executions;
    return {
      ...{ dumps, proxies, restarts, unsure: Math.round(unsure) },
      covered: this.#spans.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
      covered_ms: this.#spans.reduce((sum, { from, to }) => sum + to - from, 0),
      left_out: this.#executions.leftOut,
    };
  }
}

/** What any of the times has of the period, in order. */
function joined(times: readonly Period[], period: Period): readonly Period[] {
  const spans: Period[] = [];
  for (const time of times.toSorted((a, b) => a.from - b.from)) {
    const [from, to] = [Math.max(time.from, period.from), Math.min(time.to, period.to)];
    if (from >= to) continue;
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) {
      spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    } else spans.push({ from, to });
  }
  return spans;
}
