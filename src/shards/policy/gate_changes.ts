import type { Clause } from "../../language/mod.ts";
import type { GateState } from "../../policy/mod.ts";
import type { GroupGate } from "./gates.ts";
import type { GroupMemory } from "./memory.ts";

/** A gate that is in another state than at the look before. */
export interface GateChange {
  readonly policy: string;
  /** Absent of a policy about the whole group. */
  readonly shard?: string;
  readonly state: GateState;
  /** The clauses that decided. */
  readonly because: readonly Clause[];
}

/**
 * What became of gates since the look before: opened, closed, or not known any more. A gate that is closed at its first
 * look is as everybody expects.
 * @param before The memory that the look was decided with.
 */
export function gateChanges(
  gates: readonly GroupGate[],
  { shards, group }: Pick<GroupMemory, "shards" | "group">,
): readonly GateChange[] {
  return gates.flatMap(({ policy: { name }, shard, gate: { state, because } }): GateChange[] => {
    const known = (shard === undefined ? group : shards[shard])?.gates[name];
    if ((known?.state ?? "closed") === state) return [];
    return [{ policy: name, ...shard !== undefined && { shard }, state, because }];
  });
}
