/** The looks before a kill were written to a file for `replay`, or could not be. */
export interface EvidenceEvent {
  readonly event: "evidence";
  readonly database: string;
  readonly file: string;
  readonly looks?: number;
  /** Why it could not be written. */
  readonly reason?: string;
}

/** Messages of a channel do not arrive, or arrive again. Emitted when that changes. */
export interface NotifyEvent {
  readonly event: "notify";
  readonly channel: string;
  readonly state: "failed" | "recovered";
  readonly reason?: string;
  /** How much waits for it, or at the end of the program is lost. */
  readonly waiting?: number;
}
