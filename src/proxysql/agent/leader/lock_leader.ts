import type { Clock } from "../../../clock.ts";
import { messageOf } from "../../../text/message.ts";
import type { Leader, Leading } from "../leader.ts";
import { longestSince, type Moment, momentOf } from "./moment.ts";
import type { NamedLock } from "./named_lock.ts";

/** Between two questions to the database, in milliseconds. */
const EVERY = 3000;
/** How long a holder acts on an answer, in milliseconds. */
export const LOCK_VALID = 7000;
/**
 * How long who has got the lock waits before it acts, in milliseconds. The database gives a lock on at once when it ends a
 * connection, and the one who had it may be cut off and not know: it knows by its own clock by then.
 */
const DELAY = LOCK_VALID;
/** After how long without a question the database is to end the connection, in milliseconds. */
export const LOCK_IDLE = 9000;
/** For connecting and for each answer, in milliseconds. */
export const LOCK_TIMEOUT = 3000;

/** The election by a named lock on one database: whoever has it leads, a while after it got it. */
export class LockLeader implements Leader {
  readonly every = EVERY;
  readonly #lock: NamedLock;
  readonly #clock: Clock;
  /** When it was got, and when the question began that was last answered with that it is held. */
  #held: { readonly got: number; readonly since: Moment } | undefined;
  #finding: Leading = { state: "unknown", reason: "the database was not asked yet", isFirst: true };
  #isReleased = false;
  #renewal: Promise<void> | undefined;

  constructor(lock: NamedLock, { clock }: { readonly clock: Clock }) {
    this.#lock = lock;
    this.#clock = clock;
  }

  get leading(): Leading {
    if (this.leads()) return { state: "leads" };
    if (this.#finding.state !== "leads") return this.#finding;
    return this.#isFresh()
      ? { state: "nobody" }
      : { state: "unknown", reason: "the connection with the lock was lost, or did not answer in time" };
  }

  leads(): boolean {
    return this.#isFresh() && this.#clock.now() - this.#held!.got >= DELAY;
  }

  renew(): Promise<void> {
    if (this.#isReleased) return Promise.resolve();
    return this.#renewal ??= this.#renew().finally(() => this.#renewal = undefined);
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    this.#held = undefined;
    await this.#renewal;
    this.#held = undefined;
    this.#finding = { state: "nobody" };
    await this.#lock[Symbol.asyncDispose]();
  }

  /** Whether the lock is held, as far as this host can know now. */
  #isFresh(): boolean {
    return !this.#isReleased && this.#held !== undefined && this.#lock.isConnected &&
      longestSince(this.#held.since, this.#clock) < LOCK_VALID;
  }

  async #renew(): Promise<void> {
    const since = momentOf(this.#clock);
    // On another connection it was another one's meanwhile.
    const before = this.#lock.isConnected ? this.#held : undefined;
    this.#held = before;
    try {
      const lock = await this.#lock.take();
      if (lock.state === "held") {
        this.#held = {
          got: before !== undefined && !lock.isNew ? before.got : this.#clock.now(),
          since,
        };
        this.#finding = { state: "leads" };
      } else {
        this.#held = undefined;
        this.#finding = lock.state === "free"
          ? { state: "nobody" }
          : { state: "follows", holder: lock.holder };
      }
    } catch (error) {
      this.#held = undefined;
      this.#finding = { state: "unknown", reason: messageOf(error) };
    }
  }
}
