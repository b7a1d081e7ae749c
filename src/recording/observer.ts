import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import { type Look, look } from "../look/mod.ts";
import {
  everyNeed,
  gates,
  type Memory,
  needsOf,
  NO_MEMORY,
  recognize,
  rememberGates,
} from "../policy/mod.ts";
import type { Target, TargetConnection } from "../target/mod.ts";

/** How an observer looks. */
export interface ObserverOptions {
  readonly clock: Clock;
  /**
   * The memory to start from for a rehearsal, in which each look remembers its decisions. Absent: looks forget them.
   */
  readonly memory?: Memory;
}

/** Looks at one target like a watcher, but reads everything. It takes no lease and kills nothing. */
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

  /** The memory of the last look: how long gates have been open, and in a rehearsal everything else. */
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

  /**
   * A reading of the database alone, and what the gates are then: no session is read, and nothing decided.
   * @param more Names to read besides those that the policies ask for.
   * @throws {TargetError}
   */
  async glance(more: readonly string[]): Promise<Pick<Look, "moment" | "gates" | "memory" | "report">> {
    const rules = this.#rules;
    const needs = new Set([...needsOf(rules).health, ...more]);
    const report = await this.connected.source.health({ needs, lease: false });
    const moment = { now: this.#clock.now(), wall: this.#clock.wall() };
    const known = recognize(this.#memory, report.report, { now: moment.now, grace: rules.grace });
    const found = gates(report, rules, known, moment);
    this.#memory = rememberGates(known, found, rules, moment.now);
    return { moment, gates: found, memory: this.#memory, report };
  }

  /** Closes the connection. Never fails. */
  async close(): Promise<void> {
    await this.connected.close();
  }
}

/** The decisions were not carried out, so they are forgotten. */
function withoutDecisions({ gates, server, holdUntil }: Memory): Memory {
  return { ...NO_MEMORY, gates, holdUntil, ...server && { server } };
}
