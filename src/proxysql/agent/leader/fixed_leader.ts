import type { Leader, Leading } from "../leader.ts";

/** Nothing changes, so there is nothing to hurry for, in milliseconds. */
const EVERY = 60_000;

/** An agent that is told whether it leads. */
export class FixedLeader implements Leader {
  readonly every = EVERY;
  #leads: boolean;

  constructor(leads: boolean) {
    this.#leads = leads;
  }

  get leading(): Leading {
    return { state: this.#leads ? "leads" : "nobody" };
  }

  leads(): boolean {
    return this.#leads;
  }

  renew(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    this.#leads = false;
    return Promise.resolve();
  }
}
