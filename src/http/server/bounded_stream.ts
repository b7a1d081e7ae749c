import { LIMITS } from "./limits.ts";

const ENCODER = new TextEncoder();

/** The body of a response that goes on. Its reader is dropped when it does not keep up. */
export class BoundedStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Settles when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  readonly #limit: number;
  #isOpen = true;
  #end!: () => void;

  /** @param limit How many bytes may wait for the reader. */
  constructor(limit: number) {
    this.#limit = limit;
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.body = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      cancel: () => this.#ended(),
    }, { highWaterMark: limit, size: (chunk) => chunk!.byteLength });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many bytes wait for the reader. */
  get waiting(): number {
    return this.#isOpen ? this.#limit - (this.#controller.desiredSize ?? 0) : 0;
  }

  /**
   * Sends a text, or its bytes, without waiting; returns false where the stream has ended, or ends now since too much waits.
   * Where nothing waits, it may be of any length.
   */
  send(text: string | Uint8Array<ArrayBuffer>): boolean {
    if (!this.#isOpen) return false;
    const bytes = typeof text === "string" ? ENCODER.encode(text) : text;
    const { waiting } = this;
    if (waiting > 0 && waiting + bytes.byteLength > this.#limit) {
      this.end();
      return false;
    }
    this.#controller.enqueue(bytes);
    return true;
  }

  /** Ends it, after what waits. It never fails: an error would be printed, and told to the reader. */
  end(): void {
    if (!this.#isOpen) return;
    this.#ended();
    this.#controller.close();
  }

  #ended(): void {
    this.#isOpen = false;
    this.#end();
  }
}

/** All responses that go on. */
export class Streams {
  readonly #open = new Set<BoundedStream>();
  readonly #most: number;
  readonly #unread: number;

  constructor({ streams, unread }: { readonly streams: number; readonly unread: number } = LIMITS) {
    this.#most = streams;
    this.#unread = unread;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins one; undefined if there are as many as there may be. */
  open(): BoundedStream | undefined {
    if (this.#open.size >= this.#most) return undefined;
    const stream = new BoundedStream(this.#unread);
    this.#open.add(stream);
    stream.ended.then(() => this.#open.delete(stream));
    return stream;
  }

  /** Ends all. */
  end(): void {
    for (const stream of this.#open) stream.end();
  }
}
