import { refuseDebugger } from "../../debugger.ts";

/** What the agent does when a signal asks for it. */
export interface AgentOrders {
  status(): Promise<void>;
  reload(): Promise<void>;
}

/** The signals of the agent, from its very beginning on: one that comes too early does not end it, but is kept. */
export class AgentSignals {
  readonly #stopped = Promise.withResolvers<string>();
  readonly #told = new AbortController();
  readonly #hurry = new AbortController();
  #orders: AgentOrders | undefined;
  #asked = new Set<keyof AgentOrders>();
  #last: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor() {
    for (const name of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(name, () => this.stop(name));
    Deno.addSignalListener("SIGHUP", () => this.#order("reload"));
    Deno.addSignalListener("SIGUSR2", () => this.#order("status"));
    refuseDebugger(() => this.#order("status"));
  }

  /** Settles when the program is told to stop, with why. */
  get stopped(): Promise<string> {
    return this.#stopped.promise;
  }

  /** Aborted at the same moment. */
  get told(): AbortSignal {
    return this.#told.signal;
  }

  /** Aborted when it is told so once more. */
  get hurry(): AbortSignal {
    return this.#hurry.signal;
  }

  stop(reason: string): void {
    if (this.#isStopping) this.#hurry.abort(reason);
    this.#isStopping = true;
    this.#told.abort(reason);
    this.#stopped.resolve(reason);
  }

  /** From now on there is somebody who does what is asked for. */
  serve(orders: AgentOrders): void {
    this.#orders = orders;
    for (const order of this.#asked) this.#order(order);
    this.#asked.clear();
  }

  #order(order: keyof AgentOrders): void {
    const orders = this.#orders;
    if (orders === undefined) return void this.#asked.add(order);
    // A state is told at once, also while a reload waits for a drain to end.
    if (order === "status") return void orders.status();
    this.#last = this.#last.then(() => orders.reload());
  }
}
