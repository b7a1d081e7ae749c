import type { Clock } from "../../../clock.ts";
import { KubernetesError } from "../../kubernetes/kubernetes_error.ts";
import type { Lease, LeaseStore } from "../../kubernetes/lease.ts";
import { messageOf } from "../../../text/message.ts";
import { DeadlineError, withDeadline } from "../deadline.ts";
import type { Leader, Leading } from "../leader.ts";
import { longestSince, type Moment, momentOf } from "./moment.ts";

/** A holder that has written nothing for so long has lost the Lease to whoever takes it first, in milliseconds. */
export const DURATION = 15_000;
/** How long a holder acts on a renewal, in milliseconds; the rest of the duration is for the statement under way. */
export const VALID = 10_000;
/** Between two renewals, in milliseconds. */
const EVERY = 5000;
/** After one that failed, in milliseconds. */
const AGAIN = 1000;
/** The duration that who gives a Lease up leaves in it, in milliseconds: the least that Kubernetes takes. */
const RELEASED = 1000;
/** For one renewal, in milliseconds: when one gets no answer, the next one may still come in time. */
const DEADLINE = 3000;

export interface LeaseLeaderOptions {
  readonly clock: Clock;
  /** Of this process alone. */
  readonly identity: string;
}

/** The election by a Lease: its holder leads. Two never lead at once, as long as nobody deletes the Lease. */
export class LeaseLeader implements Leader {
  readonly every = EVERY;
  readonly #store: LeaseStore;
  readonly #clock: Clock;
  readonly #identity: string;
  /** What this agent wrote last, and when it began to; absent: it does not hold the Lease, or does not know that. */
  #held: { readonly lease: Lease; readonly since: Moment } | undefined;
  /** What another one wrote last, or that there was nothing, and since when that is known. */
  #seen: { readonly version: string | undefined; readonly since: number } | undefined;
  #finding: Leading = { state: "unknown", reason: "Kubernetes was not asked yet", isFirst: true };
  #mayHold = false;
  #isReleased = false;
  #renewal: Promise<void> | undefined;

  constructor(store: LeaseStore, { clock, identity }: LeaseLeaderOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#identity = identity;
  }

  get leading(): Leading {
    if (this.leads()) return { state: "leads" };
    return this.#finding.state === "leads"
      ? { state: "unknown", reason: `the Lease was not renewed for ${VALID / 1000} s` }
      : this.#finding;
  }

  leads(): boolean {
    return !this.#isReleased && this.#held !== undefined &&
      longestSince(this.#held.since, this.#clock) < VALID;
  }

  renew(): Promise<void> {
    if (this.#isReleased) return Promise.resolve();
    return this.#renewal ??= this.#renew().finally(() => this.#renewal = undefined);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#renewal;
    this.#finding = { state: "nobody" };
    if (this.#mayHold) await this.#try((signal) => this.#giveUp(signal));
    this.#held = undefined;
    this.#store[Symbol.dispose]();
  }

  /** Who leads tries as long as it does, so that one answer that never comes changes nothing. */
  async #renew(): Promise<void> {
    while (true) {
      const reason = await this.#try(async (signal) => {
        this.#finding = await this.#find(signal);
      });
      if (reason === undefined) return;
      this.#finding = { state: "unknown", reason };
      if (this.leads()) await this.#clock.sleep(AGAIN);
      if (!this.leads()) return;
    }
  }

  /** What went wrong, if anything. */
  async #try(work: (signal: AbortSignal) => Promise<void>): Promise<string | undefined> {
    try {
      await withDeadline({ clock: this.#clock, time: DEADLINE }, work);
    } catch (error) {
      return error instanceof DeadlineError ? "Kubernetes did not answer in time" : messageOf(error);
    }
  }

  async #find(signal: AbortSignal): Promise<Leading> {
    if (this.#held !== undefined && await this.#write(this.#held.lease, signal)) return { state: "leads" };
    const lease = await this.#store.read(signal);
    if (!this.#isFree(lease)) {
      this.#held = undefined;
      return { state: "follows", holder: lease?.holder ?? "" };
    }
    if (await this.#write(lease, signal)) return { state: "leads" };
    const other = await this.#store.read(signal);
    return this.#isFree(other) ? { state: "nobody" } : { state: "follows", holder: other?.holder ?? "" };
  }

  /**
   * Whether a Lease may be taken: its holder gave it up, or is this process, which a late answer did not tell, or has written
   * nothing for the whole duration by the clock of this host. From whom a Lease was taken by hand, or deleted, does not know
   * that yet.
   */
  #isFree(lease: Lease | undefined): boolean {
    const version = lease?.version;
    if (this.#seen?.version !== version || this.#seen === undefined) {
      const isFirst = this.#seen === undefined;
      this.#seen = { version, since: this.#clock.now() };
      if (isFirst && lease === undefined) return true;
    }
    if (lease?.holder === this.#identity) return true;
    if (lease?.holder === "" && lease.duration <= RELEASED) return true;
    return this.#clock.now() - this.#seen.since >= Math.max(DURATION, lease?.duration ?? 0);
  }

  /** Writes that this agent holds the Lease. False: somebody else wrote, and this agent does not hold it any more. */
  async #write(lease: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    const since = momentOf(this.#clock);
    const next = { holder: this.#identity, duration: DURATION, at: since.wall };
    this.#mayHold = true;
    try {
      const written = lease === undefined
        ? await this.#store.create(next, signal)
        : await this.#store.replace(lease, next, signal);
      this.#held = { lease: written, since };
      this.#seen = { version: written.version, since: this.#clock.now() };
      return true;
    } catch (error) {
      if (!isLost(error)) throw error;
      this.#held = undefined;
      return false;
    }
  }

  async #giveUp(signal: AbortSignal): Promise<void> {
    const next = () => ({ holder: "", duration: RELEASED, at: this.#clock.wall() });
    if (this.#held !== undefined) {
      try {
        await this.#store.replace(this.#held.lease, next(), signal);
        return;
      } catch (error) {
        if (!isLost(error)) throw error;
      }
    }
    // A renewal whose answer never came may have been written.
    const lease = await this.#store.read(signal);
    if (lease?.holder === this.#identity) await this.#store.replace(lease, next(), signal);
  }
}

function isLost(error: unknown): boolean {
  return error instanceof KubernetesError && (error.kind === "conflict" || error.kind === "missing");
}
