/**
 * A text that must not be seen: a password, or the raw text of a statement. However it is printed, it
 * prints as `***`; whoever needs the text has to say so with `reveal()`.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Called where it is used, never where it is passed on. */
  reveal(): string {
    return this.#text;
  }

  /** Whether two texts are the same, without showing either. */
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
