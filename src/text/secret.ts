/**
 * A text that must not be printed: a password, or the raw text of a statement. It always prints as `***`;
 * `reveal()` returns the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call this only where the text is used, and pass the secret on everywhere else. */
  reveal(): string {
    return this.#text;
  }

  /** Compares two secrets without revealing them. */
  equals(other: Secret): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "***";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "***";
  }
}
