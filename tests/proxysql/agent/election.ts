import type { Clock } from "../../../src/clock.ts";
import type { Leader } from "../../../src/proxysql/agent/leader.ts";
import { VirtualTime } from "../../lab/kubernetes/virtual_time.ts";

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What becomes of a question on the way to who keeps the lead, and of its answer on the way back. */
export type Fate = "answered" | "lost" | "answer-lost";

/**
 * One process of an agent: a clock that is wrong by a constant, runs a little too fast or too slow, and a network that may be
 * cut. While it is frozen, nothing of it goes on but its clock.
 */
export class Host implements Clock {
  readonly name: string;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #skew: number;
  readonly #rate: number;
  #jumps = 0;
  #thaw: PromiseWithResolvers<void> | undefined;
  #isDead = false;
  /** How likely a question or its answer is lost. */
  loss = 0;
  isCut = false;
  /** Of the way there and of the way back, at most, in milliseconds. */
  latency = 50;

  constructor(name: string, time: VirtualTime, random: () => number) {
    this.name = name;
    this.#time = time;
    this.#random = random;
    this.#skew = (random() - 0.5) * 7_200_000;
    this.#rate = 1 + (random() - 0.5) * 0.02;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isFrozen(): boolean {
    return this.#thaw !== undefined;
  }

  now(): number {
    return this.#time.now() * this.#rate + Math.abs(this.#skew);
  }

  wall(): number {
    return this.#time.wall() + this.#skew + this.#jumps;
  }

  /** Somebody sets its clock. */
  jump(by: number): void {
    this.#jumps += by;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await this.#time.sleep(milliseconds / this.#rate, signal);
    await this.going();
  }

  freeze(): void {
    this.#thaw ??= Promise.withResolvers();
  }

  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  /** As kill -9 does. */
  kill(): void {
    this.#isDead = true;
    this.freeze();
  }

  /** Resolves once it is not frozen; a dead one stays. */
  async going(): Promise<void> {
    while (this.#thaw !== undefined) await this.#thaw.promise;
  }

  /** Sends a question, which is asked when it arrives, and comes back with the answer; or never does. */
  async send<T>(ask: () => T): Promise<T> {
    await this.#way();
    const answer = ask();
    await this.#way();
    await this.going();
    return answer;
  }

  async #way(): Promise<void> {
    if (this.isCut || this.#random() < this.loss) return await new Promise(() => {});
    await this.#time.sleep(this.#random() * this.latency);
    if (this.isCut) await new Promise(() => {});
  }
}

/** An agent that does nothing but try to lead. */
export interface Candidate {
  readonly host: Host;
  readonly leader: Leader;
}

/** Renews as often as the leader wants, until its host is dead or it was stopped. */
export async function campaign({ host, leader }: Candidate, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    await leader.renew();
    await host.sleep(leader.every);
  }
}
