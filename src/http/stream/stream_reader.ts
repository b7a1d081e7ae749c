import type { BoundedStream } from "../server/bounded_stream.ts";

/** A message, as all readers get it. */
export type Frame = Uint8Array<ArrayBuffer>;

/** So many bytes may wait for a reader beside one state; one that is behind for so long is dropped, in milliseconds. */
const WAITING = 65_536;
const PATIENCE = 10_000;

/**
 * One who reads the stream, at its own speed: nothing gathers for one that is slow. What does not fit is left out, and when
 * it has read what was there it gets the whole state instead.
 */
export class StreamReader {
  readonly #stream: BoundedStream;
  readonly #state: () => Frame;
  /** Since when something is left out for it, by the clock's `now`. */
  #behind: number | undefined;

  constructor(stream: BoundedStream, state: () => Frame) {
    this.#stream = stream;
    this.#state = state;
    stream.send(state());
  }

  /** @param now Of the clock's `now`, in milliseconds. */
  send(frame: Frame, now: number): void {
    const { waiting } = this.#stream;
    if (this.#behind !== undefined && waiting === 0) {
      this.#behind = undefined;
      this.#stream.send(this.#state());
    } else if (this.#behind === undefined && (waiting === 0 || waiting + frame.byteLength <= WAITING)) {
      this.#stream.send(frame);
    } else if (now - (this.#behind ??= now) > PATIENCE) {
      this.#stream.end();
    }
  }

  end(): void {
    this.#stream.end();
  }
}
