import type { Clock } from "../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";

/** What it takes to reach a group. */
export interface GroupAccess {
  readonly sharding: ShardingConfig;
  readonly databases: readonly WatchedDatabase[];
}

/** What is asked for. */
export interface MoveRequest {
  /** The shard that owns the slots. */
  readonly from: string;
  /** A shard that is prepared. */
  readonly to: string;
  readonly slots: readonly number[];
  /** Why: the name of a policy, or who asked. */
  readonly cause: string;
}

/** The steps of a move, in their order. Up to `freeze` it can be aborted; from `flip` on it only goes forward. */
export const MOVE_STEPS = [
  "requested",
  "prepare",
  "copy",
  "catch-up",
  "verify",
  "freeze",
  "flip",
  "keep-old",
  "clean",
  "done",
] as const;

export type MoveStep = typeof MOVE_STEPS[number];

export type MoveState = "running" | "paused" | "aborting" | "aborted" | "done";

/** Whether a move can still be undone at a step. */
export function canAbort(step: MoveStep): boolean {
  return MOVE_STEPS.indexOf(step) < MOVE_STEPS.indexOf("flip");
}

/** A move as its journal has it. */
export interface MoveStatus {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly slots: readonly number[];
  readonly step: MoveStep;
  readonly state: MoveState;
  readonly rows_copied: number;
  /** In UTC, such as `2026-11-27T18:30:00.123Z`. */
  readonly began: string;
  /** When its step or its state last changed. */
  readonly changed: string;
  readonly cause: string;
  /** Why it rests, or was aborted. */
  readonly reason?: string;
  /** For how long nobody could write to its slots, in milliseconds; absent before the flip. */
  readonly frozen_ms?: number;
}

/** What a running move tells. */
export type MoveNews =
  | { readonly kind: "step"; readonly id: string; readonly step: MoveStep }
  | { readonly kind: "copied"; readonly id: string; readonly rows: number }
  /** It waits, and goes on by itself. */
  | { readonly kind: "waiting"; readonly id: string; readonly reason: string }
  /** It was paused, aborted, or is done. */
  | { readonly kind: "end"; readonly id: string; readonly state: MoveState; readonly reason?: string };

/** What running a move needs. */
export interface MoveRun {
  readonly clock: Clock;
  /** Ends it after the statement under way: it can be run again. */
  readonly signal: AbortSignal;
  tell(news: MoveNews): void;
  /** Why the move has to rest now: `pause_when` is true, or unknown; undefined: it may go on. */
  hurts(): Promise<string | undefined>;
}

/** How a run of a move ended. `stopped`: by its signal. */
export type MoveEnd = "done" | "aborted" | "stopped" | "paused";

/** Something that is refused: nothing was changed. */
export class MoveError extends Error {
  override readonly name = "MoveError";
  /** What helps; undefined where nothing is known. */
  readonly advice: string | undefined;
  /** `elsewhere`: another process runs the move; `conflict`: another move is under way. */
  readonly code: "refused" | "elsewhere" | "conflict";

  constructor(message: string, advice?: string, code: MoveError["code"] = "refused") {
    super(message);
    this.advice = advice;
    this.code = code;
  }
}
