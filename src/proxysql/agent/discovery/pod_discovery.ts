import type { Clock } from "../../../clock.ts";
import type { PodSource } from "../../kubernetes/pods.ts";
import { messageOf } from "../../../text/message.ts";
import { DeadlineError, withDeadline } from "../deadline.ts";
import type { DesiredPeer, Discovered, Discovery } from "../discovery.ts";
import { PodSet } from "./pod_set.ts";

/** After so long the whole list is read again, in milliseconds, whatever the watch has told. */
const LIST_EVERY = 300_000;
/** For all pages of a list, in milliseconds. */
const LIST_TIME = 10_000;
/** Until a watch begins, in milliseconds. */
const BEGIN_TIME = 10_000;
/** A watch that tells nothing for so long is broken, in milliseconds: a bookmark comes each minute. */
const SILENCE = 90_000;
/** How long the first reading waits for the first list, in milliseconds. */
const FIRST_READ = 4000;
/** Between two lists where the first one failed, in milliseconds. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

export interface PodDiscoveryOptions {
  readonly port: number;
  readonly clock: Clock;
}

/**
 * Cores that are pods: a list, and then a watch that tells what has changed. They are known as long as the last list was
 * read, and nothing is known from the moment when one could not be read until the next one is.
 */
export class PodDiscovery implements Discovery {
  readonly #source: PodSource;
  readonly #options: PodDiscoveryOptions;
  readonly #stop = new AbortController();
  #pods: PodSet | undefined;
  #reason = "Kubernetes has not answered yet";
  #running: Promise<void> | undefined;
  /** Settles once the first list was read, or could not be. */
  readonly #first = Promise.withResolvers<void>();

  constructor(source: PodSource, options: PodDiscoveryOptions) {
    this.#source = source;
    this.#options = options;
  }

  async read(): Promise<Discovered> {
    this.#running ??= this.#run();
    await withDeadline({ clock: this.#options.clock, time: FIRST_READ }, () => this.#first.promise)
      .catch((error) => {
        if (!(error instanceof DeadlineError)) throw error;
      });
    if (this.#pods === undefined) return { state: "unknown", reason: this.#reason };
    const peers = this.#pods.running.map(({ name, ip }): DesiredPeer => ({
      host: ip,
      port: this.#options.port,
      comment: name,
    }));
    return peers.length === 0
      ? { state: "unknown", reason: "no pod with these labels runs" }
      : { state: "known", peers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#source[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let wait = 0;
    while (!signal.aborted) {
      try {
        await this.#list();
        wait = 0;
        await this.#follow();
      } catch {
        // The list is read again, and tells what is wrong.
      }
      this.#first.resolve();
      // Also when a watch ends at once again and again, the list is not read all the time.
      wait = this.#pods === undefined ? Math.min(LONGEST_WAIT, Math.max(FIRST_WAIT, wait * 2)) : FIRST_WAIT;
      await this.#options.clock.sleep(wait, signal);
    }
  }

  async #list(): Promise<void> {
    try {
      const list = await this.#within(LIST_TIME, (signal) => this.#source.list(signal));
      this.#pods = new PodSet(list);
      this.#first.resolve();
    } catch (error) {
      this.#pods = undefined;
      this.#reason = error instanceof DeadlineError ? "Kubernetes did not answer in time" : messageOf(error);
      throw error;
    }
  }

  /** Takes what the watch tells, until the list is due again. A watch that ends goes on where it was. */
  async #follow(): Promise<void> {
    const { clock } = this.#options;
    const until = clock.now() + LIST_EVERY;
    while (!this.#stop.signal.aborted) {
      const left = until - clock.now();
      if (left <= 0) return;
      const begun = clock.now();
      await this.#watch(left);
      // One that ends as soon as it begins must not be begun all the time.
      await clock.sleep(Math.max(0, FIRST_WAIT - (clock.now() - begun)), this.#stop.signal);
    }
  }

  async #watch(left: number): Promise<void> {
    const pods = this.#pods!;
    const ending = new AbortController();
    const end = () => ending.abort();
    this.#stop.signal.addEventListener("abort", end);
    try {
      const events = await this.#within(
        Math.min(BEGIN_TIME, left),
        () => this.#source.watch(pods.version, left, ending.signal),
      );
      const until = this.#options.clock.now() + left;
      while (true) {
        const time = Math.min(SILENCE, until - this.#options.clock.now());
        if (time <= 0) return;
        const { clock } = this.#options;
        const { done, value } = await withDeadline({ clock, time }, () => events.next());
        if (done === true) return;
        pods.take(value);
      }
    } finally {
      this.#stop.signal.removeEventListener("abort", end);
      end();
    }
  }

  /** Like {@linkcode withDeadline}, and ends when all of this ends. */
  async #within<T>(time: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal: stop } = this.#stop;
    return await withDeadline({ clock: this.#options.clock, time }, (signal) => {
      if (stop.aborted) throw new DeadlineError("it was stopped");
      return work(AbortSignal.any([signal, stop]));
    });
  }
}
