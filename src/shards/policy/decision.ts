import type { ShardAction } from "../../config/mod.ts";
import type { Clause } from "../../language/mod.ts";
import type { Mode } from "../../policy/mod.ts";
import type { GroupReason } from "./reason.ts";

/** What one policy decided about the group, or about one of its shards. JSON-able. */
export interface GroupDecision {
  readonly policy: string;
  readonly action: ShardAction;
  /** Absent of a policy about the whole group. */
  readonly shard?: string;
  readonly mode: Mode;
  /** The clauses of `when` or `until` that hold the gate open. */
  readonly because: readonly Clause[];
  /** By the clock's `now`. */
  readonly decided: number;
  /** Why it is not carried out; absent: it is, or would be if it were no dry run. */
  readonly outcome?: SkippedChange;
}

/** Why a decision is not carried out. */
export interface SkippedChange {
  readonly skipped: GroupReason;
  readonly note?: string;
}

/** Whether a decision is to be carried out. Everything else is only told. */
export function isOrder({ mode, action, outcome }: GroupDecision): boolean {
  return mode === "enforce" && action !== "log" && outcome === undefined;
}

/** What became of a decision that was to be carried out. */
export type GroupOutcome =
  | { readonly outcome: "done"; readonly note?: string }
  /** It was begun, and did not end well. */
  | { readonly outcome: "failed"; readonly reason: string }
  /** Somebody cancelled it. */
  | { readonly outcome: "cancelled"; readonly reason: string }
  /** Nothing was done. */
  | { readonly outcome: "refused"; readonly reason: string };
