/** What a reader is told by. */
export interface StreamReaderOptions {
  /** All of it, for one that begins, or has fallen behind. */
  state(): Uint8Array;
  /** It has gone. */
  gone(reader: StreamReader): void;
  /** Ends its connection, where the end of the stream would wait for what was written before. */
  drop?(): void;
}

/** So many bytes may wait for a reader beside one state; one that is behind for so long is dropped, in milliseconds. */
const WAITING = 65_536;
const PATIENCE = 10_000;

/**
 * One who reads the stream, at its own speed: nothing is kept for one that is slow. What does not fit is left out, and when
 * it has read what was there it gets the whole state instead.
 */
export class StreamReader {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #options: StreamReaderOptions;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Since when something is left out for it, by the clock's `now`. */
  #behind: number | undefined;
  #hasEnded = false;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        controller.enqueue(options.state());
      },
      pull: () => this.#catchUp(),
      cancel: () => this.#end(),
    }, { highWaterMark: WAITING, size: ({ byteLength }) => byteLength });
  }

  /** @param now Of the clock's `now`, in milliseconds. */
  send(frame: Uint8Array, now: number): void {
    if (this.#hasEnded) return;
    if (this.#behind === undefined && (this.#controller.desiredSize ?? 0) > 0) {
      this.#controller.enqueue(frame);
      return;
    }
    this.#behind ??= now;
    if (now - this.#behind > PATIENCE) this.drop();
  }

  /** Ends it. */
  drop(): void {
    if (this.#hasEnded) return;
    this.#end();
    if (this.#options.drop === undefined) this.#controller.error(new Error("Too slow to read"));
    else this.#options.drop();
  }

  #catchUp(): void {
    if (this.#behind === undefined || this.#hasEnded) return;
    this.#behind = undefined;
    this.#controller.enqueue(this.#options.state());
  }

  #end(): void {
    this.#hasEnded = true;
    this.#options.gone(this);
  }
}
