import { PairCounts } from "./pair_counts.ts";

/** How often queries were executed, over several journals, and which part of that was killed. By the numbers of tallies. */
export class Shares {
  readonly #executions = new PairCounts();

  /**
   * Adds what one journal has, by tally and database. Two programs that watch one database read the same summary: the larger
   * count is nearer the truth.
   */
  add(found: PairCounts): void {
    found.forEach((tally, database, count) => {
      const known = this.#executions.get(tally, database) ?? 0;
      this.#executions.add(tally, database, Math.max(count - known, 0));
    });
  }

  /**
   * Of each tally: kills where executions are known, as a part of those; null where they are not known.
   * @param kills By tally and database.
   */
  of(kills: PairCounts): (tally: number) => number | null {
    const [executed, killed]: [number[], number[]] = [[], []];
    this.#executions.forEach((tally, database, count) => {
      executed[tally] = (executed[tally] ?? 0) + count;
      killed[tally] = (killed[tally] ?? 0) + (kills.get(tally, database) ?? 0);
    });
    return (tally) => {
      const [all, part] = [executed[tally] ?? 0, killed[tally] ?? 0];
      return all > 0 && part <= all ? part / all : null;
    };
  }
}
