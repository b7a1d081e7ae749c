import { type Clause, explain, type Expression, type Subject } from "../language/mod.ts";

export const GATE_STATES = ["open", "closed", "unknown"] as const;
/** Whether the `when` of a policy holds, within the hours of its `during`. */
export type GateState = typeof GATE_STATES[number];

/** The state of one policy's gate at one look. */
export interface GateReading {
  readonly policy: string;
  readonly state: GateState;
  /** Which of the policy's keys decided that. */
  readonly by: "during" | "when" | "until";
  /** Since when it has been open at every look, by the clock's `now`; undefined while it is not open. */
  readonly since?: number;
  /** For how many looks in a row it has been open. */
  readonly looks: number;
  /** It has been open for as long as the policy asks, so the policy may act. */
  readonly ready: boolean;
}

/** A remembered gate, with the clauses that decided. */
export interface PastGate extends GateReading {
  readonly because: readonly Clause[];
}

/** The clauses that decided, or the expression and the values to find them from. */
type Why = readonly Clause[] | { readonly expression: Expression | undefined; readonly subject: Subject };

/**
 * The gate of one policy at one look. The clauses that decided are worked out only on request: that takes longer
 * than the decision, and is rarely needed.
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

  /** The same gate; if it is open, as if it had been open for long enough. */
  asReady(): Gate {
    return new Gate({ ...this as GateReading, ready: this.state === "open" }, this.#why);
  }
}
