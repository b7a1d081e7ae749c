import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import { type Look, look } from "../look/mod.ts";
import { everyNeed, type Memory, NO_MEMORY } from "../policy/mod.ts";
import type { Target, TargetConnection } from "../target/mod.ts";

/** How an observer looks. */
export interface ObserverOptions {
  readonly clock: Clock;
  /** What to go on from, as in a rehearsal: each look remembers what it decided. Absent: none does. */
  readonly memory?: Memory;
}

/** Looks at one target as a watcher does, but at all of it; it takes no lease and kills nothing. */
export class Observer<C extends TargetConnection = TargetConnection> {
  readonly #rules: WatchedDatabase["rules"];
  readonly #clock: Clock;
  readonly connected: C;
  readonly #rehearses: boolean;
  #memory: Memory;

  private constructor(connected: C, rules: WatchedDatabase["rules"], { clock, memory }: ObserverOptions) {
    this.connected = connected;
    this.#rules = rules;
    this.#clock = clock;
    this.#rehearses = memory !== undefined;
    this.#memory = memory ?? NO_MEMORY;
  }

  /** @throws {TargetError} */
  static async connect<C extends TargetConnection>(
    target: Target<C>,
    { rules }: Pick<WatchedDatabase, "rules">,
    options: ObserverOptions,
  ): Promise<Observer<C>> {
    return new Observer(await target.connect(), rules, options);
  }

  /** What is known since the last look: for how long gates are open, and in a rehearsal all else. */
  get memory(): Memory {
    return this.#memory;
  }

  /**
   * One reading of everything that policies can ask about, and the decisions that would follow.
   * @throws {TargetError}
   */
  async look(): Promise<Look> {
    const rules = this.#rules;
    const options = { rules, needs: everyNeed(rules), hold: undefined, everything: true };
    const found = await look(this.connected.source, options, this.#memory, this.#clock);
    this.#memory = this.#rehearses ? found.memory : withoutDecisions(found.memory);
    return found;
  }

  /** Takes leave. Never fails. */
  async close(): Promise<void> {
    await this.connected.close();
  }
}

/** Of what was decided nothing is done, and so nothing is remembered. */
function withoutDecisions({ gates, server, holdUntil }: Memory): Memory {
  return { ...NO_MEMORY, gates, holdUntil, ...server && { server } };
}
