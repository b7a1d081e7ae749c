import type { Clock } from "../../../clock.ts";
import type { LeaseStore } from "../../kubernetes/lease.ts";
import { messageOf } from "../../../text/message.ts";
import { DeadlineError, withDeadline } from "../deadline.ts";
import type { Leader, Leading } from "../leader.ts";
import { DURATION } from "./lease_leader.ts";
import type { SeenLock } from "./named_lock.ts";

/** Between two questions, in milliseconds. */
const EVERY = 5000;
/** For one of them, in milliseconds. */
const DEADLINE = 3000;

/** Who keeps the lead, for one that does not take part. */
export interface Watched {
  find(signal: AbortSignal): Promise<Leading>;
  dispose(): Promise<void>;
}

/**
 * An agent in a dry run: it takes part in no election, and reads who leads. Where nobody does it may tell what it would do,
 * so there it says that it leads, although `leading` does not.
 */
export class WatchedLeader implements Leader {
  readonly every = EVERY;
  readonly #watched: Watched;
  readonly #clock: Clock;
  #finding: Leading = { state: "unknown", reason: "nobody was asked yet", isFirst: true };
  #isReleased = false;

  constructor(watched: Watched, { clock }: { readonly clock: Clock }) {
    this.#watched = watched;
    this.#clock = clock;
  }

  get leading(): Leading {
    return this.#finding;
  }

  leads(): boolean {
    return !this.#isReleased && this.#finding.state === "nobody";
  }

  async renew(): Promise<void> {
    if (this.#isReleased) return;
    try {
      this.#finding = await withDeadline(
        { clock: this.#clock, time: DEADLINE },
        (signal) => this.#watched.find(signal),
      );
    } catch (error) {
      const reason = error instanceof DeadlineError
        ? "whoever keeps the lead did not answer in time"
        : messageOf(error);
      this.#finding = { state: "unknown", reason };
    }
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#watched.dispose();
  }
}

/** The Lease, which is only read: a holder who writes nothing for its duration leads no more. */
export function watchedLease(store: LeaseStore, clock: Pick<Clock, "now">): Watched {
  let seen: { readonly version: string; readonly since: number } | undefined;
  return {
    async find(signal) {
      const lease = await store.read(signal);
      if (lease === undefined || lease.holder === "") return { state: "nobody" };
      if (seen?.version !== lease.version) seen = { version: lease.version, since: clock.now() };
      return clock.now() - seen.since < Math.max(DURATION, lease.duration)
        ? { state: "follows", holder: lease.holder }
        : { state: "nobody" };
    },
    dispose: () => Promise.resolve(store[Symbol.dispose]()),
  };
}

/** The lock, which is asked for and not taken. */
export function watchedLock(lock: SeenLock): Watched {
  return {
    async find() {
      const state = await lock.look();
      return state.state === "elsewhere" ? { state: "follows", holder: state.holder } : { state: "nobody" };
    },
    dispose: async () => await lock[Symbol.asyncDispose](),
  };
}
