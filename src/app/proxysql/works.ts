import type { Clock } from "../../clock.ts";
import type { Begun, Work, WorkState } from "../../http/proxysql/mod.ts";
import { messageOf } from "../../text/message.ts";

/** What cannot run at once. */
const GROUPS: Readonly<Record<Work, string>> = {
  drain: "drain",
  resume: "drain",
  shutdown: "drain",
  dump: "dump",
  resync: "cluster",
  stamp: "cluster",
};

interface Running {
  readonly state: WorkState;
  readonly stop: AbortController;
  readonly ended: Promise<WorkState>;
}

export interface WorksOptions {
  readonly clock: Pick<Clock, "wall">;
  newId(): string;
}

/** What takes a while: one of each kind at a time, and what became of the last of each. */
export class Works {
  readonly #options: WorksOptions;
  readonly #running = new Map<string, Running>();
  readonly #last = new Map<Work, WorkState>();

  constructor(options: WorksOptions) {
    this.#options = options;
  }

  /** What is under way, and the last of each that has ended. */
  get states(): readonly WorkState[] {
    const running = [...this.#running.values()].map(({ state }) => state);
    return [...running, ...this.#last.values()];
  }

  /** What runs beside which a work cannot be begun. */
  running(work: Work): WorkState | undefined {
    return this.#running.get(GROUPS[work])?.state;
  }

  /**
   * Begins something, unless something runs that it cannot run beside. `run` returns what became of it in words, and is
   * told by the signal when it is not wanted any more.
   */
  begin(
    work: Work,
    run: (signal: AbortSignal) => Promise<string>,
  ): Exclude<Begun, { readonly kind: "refused" }> {
    const group = GROUPS[work];
    const before = this.#running.get(group);
    if (before !== undefined && !supersedes(work, before.state.work)) {
      return { kind: "busy", running: before.state };
    }
    before?.stop.abort();
    const state: WorkState = {
      ...{ id: this.#options.newId(), work, state: "running" as const },
      ...{ since: this.#now(), ended: null, reason: null },
    };
    const stop = new AbortController();
    const after = before?.ended ?? Promise.resolve();
    const ended = after.then(() => run(stop.signal)).then(
      (reason) => this.#end(group, { ...state, state: "done", reason }),
      (error) => this.#end(group, { ...state, state: "failed", reason: messageOf(error) }),
    );
    this.#running.set(group, { state, stop, ended });
    return { kind: "begun", id: state.id, ended };
  }

  /** Waits until nothing of a kind runs, or nothing at all. */
  async idle(work?: Work): Promise<void> {
    const all = work === undefined ? [...this.#running.values()] : [this.#running.get(GROUPS[work])];
    await Promise.all(all.map((running) => running?.ended));
  }

  /** Tells all that they are not wanted any more. */
  stop(): void {
    for (const { stop } of this.#running.values()) stop.abort();
  }

  #end(group: string, state: WorkState): WorkState {
    const ended = { ...state, ended: this.#now() };
    if (this.#running.get(group)?.state.id === state.id) this.#running.delete(group);
    this.#last.set(state.work, ended);
    return ended;
  }

  #now(): string {
    return new Date(this.#options.clock.wall()).toISOString();
  }
}

/**
 * Whoever wants ProxySQL to take connections again does not want the drain to go on; and a hook that shuts it down goes on
 * with a drain that somebody else has begun, since its container ends when the hook does.
 */
function supersedes(work: Work, running: Work): boolean {
  return (work === "resume" && running !== "resume") || (work === "shutdown" && running === "drain");
}
