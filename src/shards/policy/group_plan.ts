import type { ShardAction } from "../../config/mod.ts";
import { type Clause, explain, type Subject } from "../../language/mod.ts";
import type { GateState, Mode } from "../../policy/mod.ts";
import { decideGroup, type GroupMoment } from "./decide.ts";
import { type GroupGate, membersOf } from "./gates.ts";
import type { GroupMemory } from "./memory.ts";
import { GROUP_REASONS, type GroupReason } from "./reason.ts";
import type { GroupRules } from "./rules.ts";
import type { GroupSnapshot } from "./snapshot.ts";

/** What one policy would do now with the group, or with one of its shards, and why. JSON-able. */
export interface PlannedPolicy {
  readonly policy: string;
  /** Absent of a policy about the whole group. */
  readonly shard?: string;
  readonly mode: Mode;
  readonly action: ShardAction;
  readonly gate: GateState;
  /** How long the gate has to be open before it acts, in milliseconds; absent: it acts at once. */
  readonly for_ms?: number;
  /**
   * `acts`: it would, once its gate has been open for its `for` · `tells`: it only reports · `skipped`: something is in its
   * way · `waits`: its gate is not open.
   */
  readonly verdict: "acts" | "tells" | "skipped" | "waits";
  readonly reason?: GroupReason;
  /** The reason in words. */
  readonly why?: string;
  /** The clauses that decided about the gate, with the values that they compared. */
  readonly because: readonly Clause[];
}

/** What all policies would do now, where their gates stay as they are. Pure. */
export function planGroup(
  snapshot: GroupSnapshot,
  rules: GroupRules,
  memory: GroupMemory,
  moment: GroupMoment,
): readonly PlannedPolicy[] {
  // What was told before is told again.
  const { decisions, gates } = decideGroup(snapshot, rules, { ...memory, told: [] }, moment, { soon: true });
  return gates.map(({ policy, shard, gate }): PlannedPolicy => {
    const decision = decisions.find((each) => each.policy === policy.name && each.shard === shard);
    const base = {
      policy: policy.name,
      ...shard !== undefined && { shard },
      mode: policy.mode === "dry-run" ? "dry-run" : rules.mode,
      action: policy.then,
      gate: gate.state,
      ...policy.for > 0 && { for_ms: policy.for },
    } as const;
    const because = clausesOf({ policy, gate, ...shard !== undefined && { shard } }, snapshot, rules);
    if (decision === undefined) return { ...base, verdict: "waits", because };
    if (decision.outcome === undefined) {
      return { ...base, verdict: policy.then === "log" ? "tells" : "acts", because };
    }
    const { skipped: reason, note } = decision.outcome;
    const why = note === undefined ? GROUP_REASONS[reason] : `${GROUP_REASONS[reason]}: ${note}`;
    return { ...base, verdict: "skipped", reason, why, because };
  });
}

/** The clauses that decided now: a gate keeps those that it was opened with. */
function clausesOf(
  { policy, shard, gate }: GroupGate,
  { shards }: GroupSnapshot,
  { limits }: GroupRules,
): readonly Clause[] {
  if (gate.by === "during") return gate.because;
  const expression = gate.by === "until" && policy.until !== undefined ? policy.until : policy.when;
  const values = shards.find((each) => each.shard === shard)?.values;
  const subject: Subject = values === undefined
    ? { limits, database: {}, members: membersOf(shards) }
    : { limits, database: values };
  return explain(expression, subject).because;
}
