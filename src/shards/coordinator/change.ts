import type { SlotTransfer } from "./slot_choice.ts";

/** What changes a group. `drain` is asked for by people only. */
export const CHANGE_ACTIONS = ["split", "add shard", "rebalance", "drain"] as const;

export type ChangeAction = typeof CHANGE_ACTIONS[number];

/**
 * The steps of a change, in their order: a server is chosen, made, looked at and prepared; then slots move; then one that
 * was drained is given back. A step that a change does not need is passed over; `cancelling` takes back what was done before
 * slots move.
 */
export const CHANGE_STEPS = [
  "decided",
  "provisioning",
  "preparing",
  "planning",
  "moving",
  "releasing",
  "cancelling",
  "ended",
] as const;

export type ChangeStep = typeof CHANGE_STEPS[number];

/** A change as it is asked for. */
export interface ChangeRequest {
  readonly action: ChangeAction;
  /** The shard that is split or drained. */
  readonly source?: string;
  /** The shard that is added; absent: whoever carries it out chooses one. */
  readonly shard?: string;
  /** The policy that decided it; absent: somebody asked for it. */
  readonly policy?: string;
  /** Why: what held, or who asked. */
  readonly cause: string;
}

/** A change as its journal has it. JSON-able. */
export interface Change extends ChangeRequest {
  readonly id: string;
  readonly step: ChangeStep;
  /** What became of it; absent while it is under way. */
  readonly outcome?: "done" | "failed" | "cancelled";
  readonly reason?: string;
  /** The moves that it is made of, once they are chosen. */
  readonly transfers: readonly SlotTransfer[];
  /** Whether its shard was asked for by name: no other one takes its place. */
  readonly named: boolean;
  /** In UTC, such as `2026-11-27T18:30:00.123Z`. */
  readonly began: string;
  readonly changed: string;
}

/** A change that is refused: nothing was done. */
export class ChangeError extends Error {
  override readonly name = "ChangeError";
  readonly code: "refused" | "conflict" | "not_found" | "unavailable";
  readonly hint: string | undefined;

  constructor(code: ChangeError["code"], message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Whether an action needs a server that is not a shard yet. */
export function addsShard(action: ChangeAction): boolean {
  return action === "split" || action === "add shard";
}

/** Names of shards: they stand in SQL, in paths of HTTP and in services of the user's. */
export function isShardName(name: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/.test(name);
}

/** What {@linkcode isShardName} takes. */
export const SHARD_NAMES =
  "letters, digits, points, dashes and underscores, 64 at most, the first and the last a letter or a digit";
