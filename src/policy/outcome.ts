import type { Decision } from "./decision.ts";
import type { Level } from "./level.ts";

/** Everything the program has to know about an outcome. */
interface OutcomeRow {
  readonly meaning: string;
  /** The level of the event that reports it. */
  readonly level: Level;
  /**
   * What happens to the unit of the budget. `kept`: it counts until the budget's window is over · `refunded`: it is
   * free again · `released`: it is free again, and the execution may be selected again since nothing was done;
   * events report it as `skipped`, with the outcome as the reason.
   */
  readonly spends: "kept" | "refunded" | "released";
  /** Nothing more is done about the execution, for example because it ended by itself. */
  readonly final: boolean;
  /** How heartbeats and the `stop` event count it; null: not at all. */
  readonly counts_as: "kill" | "error" | null;
  /** Whether a session may have been affected, so that the looks before it are saved as evidence. */
  readonly keeps_evidence: boolean;
}

const TABLE = {
  killed: {
    meaning: "the server ended it",
    level: "warning",
    spends: "kept",
    final: false,
    counts_as: "kill",
    keeps_evidence: true,
  },
  gone: {
    meaning: "it had ended by itself",
    level: "info",
    spends: "refunded",
    final: true,
    counts_as: null,
    keeps_evidence: false,
  },
  changed: {
    meaning: "something else runs there by now, and was spared",
    level: "info",
    spends: "refunded",
    final: true,
    counts_as: null,
    keeps_evidence: false,
  },
  denied: {
    meaning: "the account may not kill it, or the program cannot: `note` says why",
    level: "error",
    spends: "refunded",
    final: true,
    counts_as: "error",
    keeps_evidence: false,
  },
  "rolling-back": {
    meaning: "it was killed, and the server undoes its changes",
    level: "warning",
    spends: "kept",
    final: true,
    counts_as: "kill",
    keeps_evidence: true,
  },
  retried: {
    meaning:
      "the server ended it, and behind its proxy the same client runs it again: `note` says who sent it",
    level: "warning",
    spends: "kept",
    final: true,
    counts_as: "kill",
    keeps_evidence: true,
  },
  survived: {
    meaning: "the server accepted the kill, and it still runs; `escalate` may follow",
    level: "error",
    spends: "kept",
    final: false,
    counts_as: "error",
    keeps_evidence: true,
  },
  unconfirmed: {
    meaning: "the answer never came",
    level: "error",
    spends: "kept",
    final: false,
    counts_as: "error",
    keeps_evidence: true,
  },
  stale: {
    meaning: "not tried after all: decided too long ago",
    level: "info",
    spends: "released",
    final: false,
    counts_as: null,
    keeps_evidence: false,
  },
  paused: {
    meaning: "not tried after all: kills were paused meanwhile",
    level: "info",
    spends: "released",
    final: false,
    counts_as: null,
    keeps_evidence: false,
  },
  proxied: {
    meaning: "not tried after all: the proxy, which alone could end it without harm, did not answer",
    level: "info",
    spends: "released",
    final: false,
    counts_as: null,
    keeps_evidence: false,
  },
  journal: {
    meaning: "not tried after all: the journal could not be written",
    level: "info",
    spends: "released",
    final: false,
    counts_as: "error",
    keeps_evidence: false,
  },
} as const;

/** What came of a decision to act. */
export type OutcomeKind = keyof typeof TABLE;

/** Every outcome. A new one is a new row here. */
export const OUTCOMES: Readonly<Record<OutcomeKind, OutcomeRow>> = TABLE;

/** An outcome that is reported as `skipped`, because nothing was tried after all. */
export type ReleasedOutcome = {
  [K in OutcomeKind]: typeof TABLE[K]["spends"] extends "released" ? K : never;
}[OutcomeKind];

export function isReleased(outcome: OutcomeKind): outcome is ReleasedOutcome {
  return OUTCOMES[outcome].spends === "released";
}

/** The outcomes that spend a unit of the budget in this way. */
export function outcomesThat(spends: OutcomeRow["spends"]): readonly OutcomeKind[] {
  return (Object.keys(OUTCOMES) as OutcomeKind[]).filter((kind) => OUTCOMES[kind].spends === spends);
}

/** A decision that was acted on, and what became of it. */
export interface Outcome {
  readonly decision: Decision;
  readonly outcome: OutcomeKind;
  /** From the kill until its effect was seen, or until the wait for it ended, in milliseconds. */
  readonly took_ms: number;
  /** The server's message, or advice, if there is any. */
  readonly note?: string;
  /** Its intent is in the journal, and so is what became of it. */
  readonly intended?: true;
  /** The server refused because of the session's account, so it would refuse the next kill too. */
  readonly shielded?: boolean;
}
