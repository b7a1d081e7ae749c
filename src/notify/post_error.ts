/** An answer that took the letter. */
export interface Answer {
  readonly status: number;
  /** Its beginning. */
  readonly text: string;
}

/** A letter was not taken. The message has no address and no secret. */
export class PostError extends Error {
  override readonly name = "PostError";
  /** Whether it makes no sense to try soon again. */
  readonly isFinal: boolean;
  /** How long the other side wants to be left alone, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { isFinal = false, retryAfter }: {
    readonly isFinal?: boolean;
    readonly retryAfter?: number | undefined;
  } = {}) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfter = retryAfter;
  }
}
