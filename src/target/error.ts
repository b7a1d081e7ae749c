/** Why a target could not be read, in words for people. */
export class TargetError extends Error {
  /** What a person can do about it, where that is known. */
  readonly advice: string | undefined;

  constructor(message: string, { advice }: { readonly advice?: string | undefined } = {}) {
    super(message);
    this.advice = advice;
  }

  /** The message, with the advice if there is any. */
  get withAdvice(): string {
    return this.advice === undefined ? this.message : `${this.message}: ${this.advice}`;
  }
}

/** A proxy refuses to do what it is asked for: it was not done. */
export class ProxyRefusal extends TargetError {}
