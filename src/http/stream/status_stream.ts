import type { TimedEvent } from "../../events/mod.ts";
import { Board, type BoardOptions, isShown, shownEvent } from "./board.ts";
import { type Frame, StreamReader } from "./stream_reader.ts";
import type { Streams } from "../server/bounded_stream.ts";

/** What is streamed. */
export interface StatusStreamOptions extends BoardOptions {
  /** Stands in every state; a page that has another one loads itself again. */
  readonly build: string;
  readonly version: string;
  /** All responses that go on. */
  readonly streams: Streams;
}

/** Between two changes, and from an event until it is sent with those that came meanwhile; in milliseconds. */
const TURN = 500;
const GATHERING = 50;

/** Something is sent at least once in so many turns. */
const QUIET_TURNS = 2;

/** So many events are sent at once, the latest of them. */
const EVENTS_AT_ONCE = 50;

/**
 * The fleet as server-sent events: a `state`, then each `change`, `events` at once, and a change at least once a second,
 * be it an empty one. Everything is rendered once for all readers, and nothing while there are none.
 */
export class StatusStream {
  readonly #options: StatusStreamOptions;
  readonly #board: Board;
  readonly #readers = new Set<StreamReader>();
  #state: Frame | undefined;
  /** The latest of those that are still to be sent, and how many there are. */
  #gathered: TimedEvent[] = [];
  #unsent = 0;
  #id = 0;
  /** Aborted when the last reader goes. */
  #end = new AbortController();

  constructor(options: StatusStreamOptions) {
    this.#options = options;
    this.#board = new Board(options);
  }

  /** What one more reader gets; undefined: there are too many. */
  open(): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    const stream = this.#options.streams.open();
    if (stream === undefined) return undefined;
    if (this.#readers.size === 0) this.#begin();
    const reader = new StreamReader(stream, () => this.#stateFrame());
    this.#readers.add(reader);
    stream.ended.then(() => this.#forget(reader));
    return stream.body;
  }

  #begin(): void {
    const { signal } = this.#end = new AbortController();
    this.#board.refresh();
    this.#state = undefined;
    [this.#gathered, this.#unsent] = [[], 0];
    const stop = this.#options.fleet.listen((event) => this.#gather(event, signal));
    signal.addEventListener("abort", stop, { once: true });
    this.#watch(signal).catch(() => this.#dropAll());
  }

  #gather(event: TimedEvent, signal: AbortSignal): void {
    if (!isShown(event)) return;
    this.#gathered.push(event);
    if (this.#gathered.length > EVENTS_AT_ONCE) this.#gathered.shift();
    if (this.#unsent++ > 0) return;
    this.#options.clock.sleep(GATHERING, signal)
      .then(() => signal.aborted || this.#tellEvents())
      .catch(() => this.#dropAll());
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (let quiet = 1;; quiet++) {
      await this.#options.clock.sleep(TURN, signal);
      if (signal.aborted) return;
      const change = this.#board.change();
      this.#state = undefined;
      if (change === undefined) this.#send(this.#stateFrame());
      else if (change.databases.length > 0 || quiet >= QUIET_TURNS) this.#send(this.#frame("change", change));
      else continue;
      quiet = 0;
    }
  }

  #tellEvents(): void {
    const events = this.#gathered.map(shownEvent);
    const left_out = this.#unsent - events.length;
    [this.#gathered, this.#unsent] = [[], 0];
    // The one that was rendered before lacks them.
    this.#state = undefined;
    this.#send(this.#frame("events", { events, left_out }));
  }

  #send(frame: Frame): void {
    const now = this.#options.clock.now();
    for (const reader of this.#readers) reader.send(frame, now);
  }

  #stateFrame(): Frame {
    const { build, version } = this.#options;
    return this.#state ??= this.#frame("state", { build, version, ...this.#board.state(this.#unsent) });
  }

  #frame(event: string, data: object): Frame {
    return new TextEncoder().encode(`event: ${event}\nid: ${++this.#id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** They come back, and begin anew. */
  #dropAll(): void {
    for (const reader of this.#readers) reader.end();
  }

  #forget(reader: StreamReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#end.abort();
  }
}
