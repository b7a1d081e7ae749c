import type { AgentOptions } from "./options.ts";
import type { AgentAct, AgentStatus } from "./status.ts";

/** Looks after one ProxySQL, as its role says. */
export class Agent {
  readonly #options: AgentOptions;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** One look, once an interval. It never overlaps with another one, and never fails for what ProxySQL does. */
  look(): Promise<void> {
    return Promise.resolve();
  }

  /** Loads a core's configuration from its file so that the others copy it; `force`: also where others have newer. */
  stamp(_options: { readonly force?: boolean } = {}): Promise<AgentAct> {
    return Promise.reject(new TypeError("not yet"));
  }

  /** Takes a satellite's list of cores from its file anew, also where that was tried a moment ago. */
  resync(): Promise<AgentAct> {
    return Promise.reject(new TypeError("not yet"));
  }

  status(): AgentStatus {
    const { config, admin, leader } = this.#options;
    return {
      role: config.role,
      state: admin.state,
      version: null,
      leader: leader?.leading ?? null,
      peers: [],
      last_look: null,
      last_acts: [],
      reasons: [],
    };
  }
}
