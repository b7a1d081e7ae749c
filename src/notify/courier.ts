import type { Clock } from "../clock.ts";
import { Bundle } from "./bundle.ts";
import type { Channel } from "./channel.ts";
import type { Notice } from "./notice.ts";
import type { Post } from "./post.ts";
import { PostError } from "./post_error.ts";

/** Where and how often a courier goes. */
export interface Round {
  readonly channel: Channel;
  /** The least time between two messages, in milliseconds. */
  readonly every: number;
}

/** What a courier needs. */
export interface CourierOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly post: Post;
  /** Is told when messages no longer arrive, or arrive again (`reason` undefined), and how many notices wait. */
  told(reason: string | undefined, waiting: number): void;
}

/** How long it waits for more after something happened, in milliseconds. */
const GATHER = 1000;
/** The longest wait before it tries again, in milliseconds; and where the other side asks for it. */
const LONGEST_RETRY = 300_000;
const LONGEST_ASKED = 3_600_000;

/**
 * Takes what happens to one channel: many notices in one message, one message at a time. What could not be told goes
 * into the next message. Whoever adds to it never waits.
 */
export class Courier {
  #round: Round;
  readonly #options: CourierOptions;
  #bundle = new Bundle();
  #wake: (() => void) | undefined;
  /** No message before this, of the clock's `now`. */
  #notBefore = -Infinity;
  #failures = 0;
  readonly #ending = new AbortController();
  readonly #cut = new AbortController();
  /** Ends the wait for the next try. */
  #impatience = new AbortController();
  readonly #ended: Promise<void>;

  constructor(round: Round, options: CourierOptions) {
    this.#round = round;
    this.#options = options;
    this.#ended = this.#run();
  }

  add(notice: Notice): void {
    this.#bundle.add(notice);
    this.#wake?.();
  }

  /** Some events were lost on the way. */
  miss(count: number): void {
    this.#bundle.miss(count);
    this.#wake?.();
  }

  /** Goes another way from now on, with all that still waits, and at once if it did not arrive. */
  adopt(round: Round): void {
    this.#round = round;
    if (this.#failures === 0) return;
    this.#notBefore = -Infinity;
    this.#impatience.abort();
  }

  /**
   * Tries once more to tell what waits, for at most `milliseconds`.
   * @returns How many notices were not told.
   */
  async end(milliseconds: number): Promise<number> {
    this.#ending.abort();
    this.#impatience.abort();
    this.#wake?.();
    const { clock } = this.#options;
    const inTime = new AbortController();
    await Promise.race([this.#ended, clock.sleep(milliseconds, inTime.signal)]);
    inTime.abort();
    this.#cut.abort();
    await this.#ended;
    return this.#bundle.total;
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isEnding) {
      if (this.#bundle.isEmpty) await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
      await this.#wait();
      if (!this.#bundle.isEmpty) await this.#tell();
    }
    // What came while the last message was under way.
    if (!this.#bundle.isEmpty && this.#failures === 0 && !this.#cut.signal.aborted) await this.#tell();
  }

  async #wait(): Promise<void> {
    const { clock } = this.#options;
    const now = clock.now();
    const milliseconds = Math.max(GATHER, this.#notBefore - now);
    if (this.#impatience.signal.aborted && !this.#isEnding) this.#impatience = new AbortController();
    await clock.sleep(milliseconds, this.#impatience.signal);
  }

  async #tell(): Promise<void> {
    const { clock, told } = this.#options;
    const bundle = this.#bundle;
    this.#bundle = new Bundle();
    try {
      await this.#send(bundle);
      this.#notBefore = clock.now() + this.#round.every;
      if (this.#failures > 0) told(undefined, 0);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#notBefore = clock.now() + Math.max(this.#round.every, this.#retryWait(error));
      // A message that was cut off did not fail: whoever ends this tells what was not sent.
      const wasCut = this.#cut.signal.aborted;
      if (this.#failures === 1 && !wasCut) told(wordsOf(error), bundle.total + this.#bundle.total);
    }
    // What was not told goes first, so that what came meanwhile has the last word.
    bundle.append(this.#bundle);
    this.#bundle = bundle;
  }

  /** Takes out of the bundle what has been told. */
  async #send(bundle: Bundle): Promise<void> {
    const { clock, post } = this.#options;
    for (const letter of this.#round.channel.letters(bundle, clock.wall())) {
      await post(letter, this.#cut.signal);
      bundle.drop(letter.subjects ?? bundle.tallies.map(({ subject: { key } }) => key));
    }
    bundle.dropRest();
  }

  #retryWait(error: unknown): number {
    const { isFinal = true, retryAfter } = error instanceof PostError ? error : {};
    if (retryAfter !== undefined) return Math.min(retryAfter, LONGEST_ASKED);
    if (isFinal) return LONGEST_RETRY;
    const full = Math.min(LONGEST_RETRY, 1000 * 2 ** Math.min(this.#failures, 16));
    return full / 2 * (1 + this.#options.random());
  }
}

/** Other errors are faults of a channel, whose message may hold what must not be told. */
function wordsOf(error: unknown): string {
  return error instanceof PostError ? error.message : "the message could not be made";
}
