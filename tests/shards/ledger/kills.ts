import { MOVE_STEPS, type MoveStep } from "../../../src/shards/move/mod.ts";
import { numbersFrom, shuffled } from "./numbers.ts";

/** What is killed, with SIGKILL. */
export const VICTIMS = ["mover", "coordinator", "router", "server"] as const;
export type Victim = typeof VICTIMS[number];

/** A kill that is planned. */
export interface Target {
  readonly victim: Victim;
  /** Absent: at a random time. */
  readonly step: MoveStep | undefined;
  /** How long after that to kill it, from 0 to 1 of what is usual there. */
  readonly delay: number;
  /** Which one of several, from 0 to 1. */
  readonly which: number;
}

/** Steps that last: a kill may come somewhat later. */
const LONG: ReadonlySet<MoveStep> = new Set(["prepare", "copy", "catch-up", "verify"]);

/** How long after a step began to kill, in milliseconds. */
export function delayOf({ step, delay }: Target): number {
  if (step === undefined) return 1200 * delay;
  return LONG.has(step) ? 80 * delay : 0;
}

/** How often a kill of this kind is planned in a move. */
const CHANCES: Readonly<Record<Victim, number>> = {
  mover: 0.9,
  coordinator: 0.9,
  router: 0.55,
  server: 0.25,
};

/**
 * The kills of each move, by the seed alone: all steps come up in turn for each kind of process, in an order that differs,
 * and now and then a random time.
 */
export class KillPlan {
  readonly #next: () => number;
  readonly #steps = new Map<Victim, (MoveStep | undefined)[]>();

  constructor(seed: number) {
    this.#next = numbersFrom(seed * 31 + 7);
  }

  /** Of the next move, in the order in which they are due. */
  draw(victims: readonly Victim[]): Target[] {
    const chosen = victims.filter((victim) => this.#next() < CHANCES[victim]);
    // What carries the move out may be killed again as soon as it is back.
    const again = chosen.filter((victim) => victim !== "server" && this.#next() < 0.3);
    const targets = [...chosen, ...again].map((victim) => ({
      victim,
      step: this.#step(victim),
      delay: this.#next(),
      which: this.#next(),
    }));
    return targets.toSorted((one, other) => placeOf(one) - placeOf(other));
  }

  #step(victim: Victim): MoveStep | undefined {
    let left = this.#steps.get(victim) ?? [];
    if (left.length === 0) left = shuffled([...MOVE_STEPS, undefined, undefined], this.#next);
    const step = left.pop();
    this.#steps.set(victim, left);
    return step;
  }
}

function placeOf({ step }: Target): number {
  return step === undefined ? 0 : MOVE_STEPS.indexOf(step);
}

/** How many kills of each kind hit each step. */
export class KillReport {
  readonly #counts = new Map<string, number>();

  add(victim: Victim, step: MoveStep): void {
    const key = `${victim} ${step}`;
    this.#counts.set(key, this.of(victim, step) + 1);
  }

  /** Of one step, or of all. */
  of(victim: Victim, step?: MoveStep): number {
    if (step !== undefined) return this.#counts.get(`${victim} ${step}`) ?? 0;
    return MOVE_STEPS.reduce((sum, each) => sum + this.of(victim, each), 0);
  }

  /** A table of steps and kinds, and what was never hit. */
  text(victims: readonly Victim[]): string {
    const line = (first: string, cells: readonly (string | number)[]) =>
      [first.padEnd(10), ...cells.map((cell) => String(cell).padStart(12))].join("");
    const missed = victims.flatMap((victim) =>
      MOVE_STEPS.filter((step) => this.of(victim, step) === 0).map((step) => `${victim} at ${step}`)
    );
    return [
      line("step", victims),
      ...MOVE_STEPS.map((step) => line(step, victims.map((victim) => this.of(victim, step)))),
      line("all", victims.map((victim) => this.of(victim))),
      `never hit: ${missed.join(", ") || "none"}`,
    ].join("\n");
  }
}
