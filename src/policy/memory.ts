import type { Gate } from "./gate.ts";

/**
 * What the policy engine knows from earlier looks at one database. It is forgotten as a whole when the
 * connection is, since executions are known by what one server process counts.
 */
export interface Memory {
  readonly gates: Readonly<Record<string, Gate>>;
  /** When kills were decided, by the clock's `now`: those that still count for the budget. */
  readonly spent: readonly number[];
  /** A kill was held back because the budget is spent, and it has not recovered since. */
  readonly exhausted: boolean;
  /** Executions that a policy has decided over: they are not selected again. */
  readonly settled: readonly string[];
  /** What was already told, as `POLICY REASON EXECUTION`, so that it is told once. */
  readonly told: readonly string[];
}

/** A memory of nothing. */
export const NO_MEMORY: Memory = { gates: {}, spent: [], exhausted: false, settled: [], told: [] };

/** After a decision came to nothing (`gone`, `denied`): its unit of the budget is free again. */
export function refund(memory: Memory, spentAt: number): Memory {
  const index = memory.spent.indexOf(spentAt);
  return index < 0 ? memory : { ...memory, spent: memory.spent.toSpliced(index, 1) };
}

/** After a decision was not carried out: the execution may be selected again. */
export function release(memory: Memory, execution: string, spentAt: number): Memory {
  const refunded = refund(memory, spentAt);
  return { ...refunded, settled: refunded.settled.filter((settled) => settled !== execution) };
}

/** After a look at which no sessions were read. */
export function rememberGates(memory: Memory, gates: readonly Gate[]): Memory {
  return { ...memory, gates: Object.fromEntries(gates.map((gate) => [gate.policy, gate])) };
}
