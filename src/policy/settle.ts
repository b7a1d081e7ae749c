import type { Settle } from "./policy.ts";
import type { Gate } from "./gate.ts";

/** The last round of a policy with `settle`, and what came of it. */
export interface RoundProgress {
  /** When the round was, or `when` was last seen to improve since; by the clock's `now`. */
  readonly since: number;
  /** The best that each comparison of `when` has come to since the round; see `pressures`. */
  readonly best: Readonly<Record<string, number>>;
  /** Whether `when` has improved since the round. */
  readonly improved: boolean;
  /** How many rounds in a row were followed by no improvement; the last one is not counted yet. */
  readonly fruitless: number;
}

/** Takes note of what `when` has come to at this look. */
export function observe(
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

/** A round begins: what hurts now is what it is to improve. */
export function beginRound(
  before: RoundProgress | undefined,
  pressures: Readonly<Record<string, number>>,
  now: number,
): RoundProgress {
  const hurting = Object.entries(pressures).filter(([, pressure]) => pressure >= 0);
  const fruitless = before === undefined || before.improved ? 0 : before.fruitless + 1;
  return { since: now, best: Object.fromEntries(hurting), improved: false, fruitless };
}

/** Why a policy starts no round now. */
export function waits(
  { wait, giveUpAfter }: Settle,
  settling: RoundProgress,
  now: number,
): "settle" | "gave-up" | undefined {
  if (now - settling.since < wait) return "settle";
  return hasGivenUp(settling, giveUpAfter) ? "gave-up" : undefined;
}

/** Whether enough rounds have cured nothing; a `when` that compares no amounts does not tell. */
function hasGivenUp({ best, improved, fruitless }: RoundProgress, giveUpAfter: number): boolean {
  return Object.keys(best).length > 0 && !improved && fruitless + 1 >= giveUpAfter;
}

/** What is kept while a gate is open, or nobody knows: a closed one ends it. */
export function whileOpen(
  settling: Readonly<Record<string, RoundProgress>>,
  gates: readonly Gate[],
): Readonly<Record<string, RoundProgress>> {
  const closed = new Set(gates.filter(({ state }) => state === "closed").map(({ policy }) => policy));
  return Object.fromEntries(Object.entries(settling).filter(([policy]) => !closed.has(policy)));
}
