import type { Clause } from "../language/mod.ts";

/** Whether the `when` of a policy holds, within the hours of its `during`. */
export type GateState = "open" | "closed" | "unknown";

/** The gate of one policy at one look. */
export interface Gate {
  readonly policy: string;
  readonly state: GateState;
  readonly because: readonly Clause[];
  /** When it was first seen open without a break, by the clock's `now`; undefined while it is not open. */
  readonly since?: number;
  /** At how many looks in a row it was open. */
  readonly looks: number;
  /** Open for as long as the policy asks: it may act. */
  readonly ready: boolean;
}
