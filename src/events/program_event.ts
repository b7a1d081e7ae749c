/** The looks before a kill were written to a file for `replay`, or could not be. */
export interface EvidenceEvent {
  readonly event: "evidence";
  readonly database: string;
  readonly file: string;
  readonly looks?: number;
  /** Why it could not be written. */
  readonly reason?: string;
}

/** Kills are paused, or go on, on one database or on all. Emitted at once, also when the time of a pause is over. */
export interface PauseEvent {
  readonly event: "pause";
  readonly state: "paused" | "resumed";
  /** Absent: all databases. */
  readonly database?: string;
  /** `file`: the pause file; `request`: somebody asked for it. */
  readonly source: "file" | "request";
  /** Why they are paused, or why not any more. */
  readonly reason: string;
  /** Who asked. */
  readonly by?: string;
  /** ISO, in UTC; absent: until somebody resumes. */
  readonly until?: string;
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
