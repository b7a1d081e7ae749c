/** What lines are written to. */
export interface LineSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Lines that wait to be written; beyond that a reader that does not read costs events, never kills. */
const MAX_WAITING = 10_000;

/** Writes lines in order, without ever making the caller wait. */
export class LineWriter {
  readonly #sink: LineSink;
  readonly #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;
  #failure: unknown;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** How many lines were given up because nobody read them, or may not have been written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why nothing more can be written, once that is so. */
  get failure(): unknown {
    return this.#failure;
  }

  push(line: string): void {
    if (this.#failure !== undefined || this.#waiting.length >= MAX_WAITING) this.#dropped++;
    else this.#waiting.push(line);
    this.#writing ??= this.#drain();
  }

  /** Waits until everything is written, for `milliseconds` at most. */
  async flush(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
    await Promise.race([this.#writing, timeout]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    let lines: readonly string[] = [];
    try {
      // After this turn, so that lines of one moment become one write.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        lines = this.#waiting.splice(0);
        await this.#writeAll(new TextEncoder().encode(`${lines.join("\n")}\n`));
      }
    } catch (error) {
      this.#failure = error;
      this.#dropped += lines.length + this.#waiting.splice(0).length;
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#sink.write(bytes.subarray(at));
  }
}
