import type { GatedPolicy, Settle } from "./policy.ts";

/** The last round of a policy with `settle`, and its effect so far. */
export interface RoundProgress {
  /** When the round was, or when `when` last improved after it; by the clock's `now`. */
  readonly since: number;
  /** The best value of each comparison of `when` since the round; see `pressures`. */
  readonly best: Readonly<Record<string, number>>;
  /** Whether `when` has improved since the round. */
  readonly improved: boolean;
  /** How many rounds in a row brought no improvement, not counting the last one. */
  readonly fruitless: number;
}

/** The rounds of all policies at one look. */
export class Rounds {
  readonly #progress: Map<string, RoundProgress>;
  readonly #gaveUp: Set<string>;
  readonly #now: number;

  constructor(
    { settling, gaveUp }: {
      readonly settling: Readonly<Record<string, RoundProgress>>;
      readonly gaveUp: readonly string[];
    },
    now: number,
  ) {
    this.#progress = new Map(Object.entries(settling));
    this.#gaveUp = new Set(gaveUp);
    this.#now = now;
  }

  get settling(): Readonly<Record<string, RoundProgress>> {
    return Object.fromEntries(this.#progress);
  }

  get gaveUp(): readonly string[] {
    return [...this.#gaveUp];
  }

  observe(policy: string, measured: Readonly<Record<string, number>>): void {
    const progress = this.#progress.get(policy);
    if (progress !== undefined) this.#progress.set(policy, observe(progress, measured, this.#now));
  }

  /** Why a policy does not start a round now. A dry run kills nothing, so a `when` that does not improve proves nothing. */
  reason(
    { name, settle }: Pick<GatedPolicy, "name" | "settle">,
    isDryRun: boolean,
  ): "settle" | "gave-up" | undefined {
    const progress = this.#progress.get(name);
    if (settle === undefined || progress === undefined) return undefined;
    const reason = waits(settle, progress, this.#now);
    if (reason !== "gave-up") return reason;
    if (isDryRun) return undefined;
    this.#gaveUp.add(name);
    return reason;
  }

  begin(policy: string, measured: Readonly<Record<string, number>>): void {
    this.#progress.set(policy, beginRound(this.#progress.get(policy), measured, this.#now));
  }
}

/** Records the values of `when` at this look. */
function observe(
  settling: RoundProgress,
  pressures: Readonly<Record<string, number>>,
  now: number,
): RoundProgress {
  const better = Object.entries(settling.best).filter(([clause, best]) => (pressures[clause] ?? best) < best);
  if (better.length === 0) return settling;
  const best = {
    ...settling.best,
    ...Object.fromEntries(better.map(([clause]) => [clause, pressures[clause]!])),
  };
  return { ...settling, best, improved: true, since: now };
}

/** Begins a round: it should improve on the values of now. */
function beginRound(
  before: RoundProgress | undefined,
  pressures: Readonly<Record<string, number>>,
  now: number,
): RoundProgress {
  const hurting = Object.entries(pressures).filter(([, pressure]) => pressure >= 0);
  const fruitless = before === undefined || before.improved ? 0 : before.fruitless + 1;
  return { since: now, best: Object.fromEntries(hurting), improved: false, fruitless };
}

/** Why a policy does not start a round now. */
function waits(
  { wait, giveUpAfter }: Settle,
  settling: RoundProgress,
  now: number,
): "settle" | "gave-up" | undefined {
  if (now - settling.since < wait) return "settle";
  return hasGivenUp(settling, giveUpAfter) ? "gave-up" : undefined;
}

/** Whether enough rounds have failed to help. A `when` that compares no amounts cannot tell. */
function hasGivenUp({ best, improved, fruitless }: RoundProgress, giveUpAfter: number): boolean {
  return Object.keys(best).length > 0 && !improved && fruitless + 1 >= giveUpAfter;
}

/**
 * Keeps the progress while the gate is open or unknown. A closed gate ends the count of rounds, and not the wait: a gate
 * that opens again a moment later has not seen the effect of its last round yet.
 */
export function afterGates(
  settling: Readonly<Record<string, RoundProgress>>,
  { closed, policies, now }: {
    readonly closed: ReadonlySet<string>;
    readonly policies: readonly Pick<GatedPolicy, "name" | "settle">[];
    readonly now: number;
  },
): Readonly<Record<string, RoundProgress>> {
  const waitOf = (policy: string) => policies.find(({ name }) => name === policy)?.settle?.wait ?? 0;
  const kept = Object.entries(settling).flatMap(([policy, progress]): [string, RoundProgress][] => {
    if (!closed.has(policy)) return [[policy, progress]];
    const isWaiting = now - progress.since < waitOf(policy);
    return isWaiting ? [[policy, { since: progress.since, best: {}, improved: true, fruitless: 0 }]] : [];
  });
  return Object.fromEntries(kept);
}
