import { type Clause, explain, type Expression, type Subject } from "../language/mod.ts";

/** What a gate can be. */
export const GATE_STATES = ["open", "closed", "unknown"] as const;
/** Whether the `when` of a policy holds, within the hours of its `during`. */
export type GateState = typeof GATE_STATES[number];

/** What the gate of one policy was found to be at one look. */
export interface GateReading {
  readonly policy: string;
  readonly state: GateState;
  /** Which of the policy's keys decided that. */
  readonly by: "during" | "when" | "until";
  /** When it was first seen open without a break, by the clock's `now`; undefined while it is not open. */
  readonly since?: number;
  /** At how many looks in a row it was open. */
  readonly looks: number;
  /** Open for as long as the policy asks: it may act. */
  readonly ready: boolean;
}

/** A gate as it is remembered, with why it is so. */
export interface PastGate extends GateReading {
  readonly because: readonly Clause[];
}

/** What a gate is because of: the clauses, or the expression that has some, and what it was evaluated for. */
type Why = readonly Clause[] | { readonly expression: Expression | undefined; readonly subject: Subject };

/**
 * The gate of one policy at one look. Why it is so is found out only when it is asked: seldom does anybody, and that
 * takes longer than to decide.
 */
export class Gate implements PastGate {
  readonly policy: string;
  readonly state: GateState;
  readonly by: GateReading["by"];
  declare readonly since?: number;
  readonly looks: number;
  readonly ready: boolean;
  readonly #why: Why;

  constructor({ policy, state, by, since, looks, ready }: GateReading, why: Why) {
    this.policy = policy;
    this.state = state;
    this.by = by;
    if (since !== undefined) this.since = since;
    this.looks = looks;
    this.ready = ready;
    this.#why = why;
  }

  /** The clauses that decided. */
  get because(): readonly Clause[] {
    if (!("expression" in this.#why)) return this.#why;
    const { expression, subject } = this.#why;
    return expression === undefined ? [] : explain(expression, subject).because;
  }

  /** The same gate, as if it had been open for long enough where it is open. */
  asReady(): Gate {
    return new Gate({ ...this as GateReading, ready: this.state === "open" }, this.#why);
  }
}
