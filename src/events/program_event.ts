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

/**
 * The HTTP server: it listens; it cannot, and whatever listened before goes on; it has stopped, at a reload.
 * Emitted when that changes.
 */
export interface HttpEvent {
  readonly event: "http";
  readonly state: "listening" | "refused" | "stopped";
  readonly address: string;
  /** How those who ask are told apart: `open` is anybody who can reach the address. */
  readonly access?: "open" | "token" | "certificate" | "certificate and token";
  readonly tls?: boolean;
  /** How many connections may be open. */
  readonly connections?: number;
  /** Why it cannot listen. */
  readonly reason?: string;
  /** What this runtime cannot keep. */
  readonly caveat?: string;
}
