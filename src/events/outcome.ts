import type { Decision } from "../policy/mod.ts";

/**
 * What became of a kill. `killed`: the server ended it · `gone`: it had ended by itself · `changed`:
 * something else runs there by now, and was spared · `denied`: a privilege is missing · `rolling-back`:
 * killed, and the server undoes its changes · `survived`: the server accepted the kill, to no effect
 * yet · `unconfirmed`: the answer never came. Not tried, after all: `stale`, decided too long ago ·
 * `journal`, which could not be written.
 */
export type OutcomeKind =
  | "killed"
  | "gone"
  | "changed"
  | "denied"
  | "rolling-back"
  | "survived"
  | "unconfirmed"
  | "stale"
  | "journal";

/** A decision that was acted on, and what became of it. */
export interface Outcome {
  readonly decision: Decision;
  readonly outcome: OutcomeKind;
  /** From the kill to the moment its effect was seen, or looking for it ended, in milliseconds. */
  readonly took_ms: number;
  /** What the server said, or what to do, where that helps. */
  readonly note?: string;
  /** It was refused for the account of the session, whose next statement would be as well. */
  readonly shielded?: boolean;
}
