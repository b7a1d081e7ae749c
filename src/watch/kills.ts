import type { Executor } from "../target/mod.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { outcomeEvent } from "../events/mod.ts";
import { type Decision, type Memory, type Outcome, OUTCOMES, settle } from "../policy/mod.ts";
import type { DatabaseEvidence } from "./evidence_store.ts";
import type { WatchOptions } from "./options.ts";
import type { WatchCounters } from "./watch_counters.ts";
import { verifyTime } from "./verify_time.ts";

/** Who is notified of the outcomes of kills. */
export interface KillObservers {
  readonly counters: WatchCounters;
  readonly evidence: DatabaseEvidence | undefined;
}

/**
 * Carries out the kills of one database and collects their outcomes. This runs beside the looks, so that waiting for
 * a kill does not delay the next look.
 */
export class Kills {
  #database: Pick<DatabaseConfig, "name" | "rules">;
  readonly #options: Pick<WatchOptions, "signal" | "journal" | "pause" | "chronicle" | "emit">;
  #observers: KillObservers;
  readonly #running = new Set<Promise<void>>();
  /** The sessions that something is being done to, by connection id: until it is known what came of it. */
  readonly #victims = new Map<number, PromiseWithResolvers<void>>();
  /**
   * Outcomes that the memory does not have yet. They are applied between two looks, since each look returns a new
   * memory.
   */
  #outcomes: Outcome[] = [];

  constructor(
    database: Pick<DatabaseConfig, "name" | "rules">,
    options: Pick<WatchOptions, "signal" | "journal" | "pause" | "chronicle" | "emit">,
    observers: KillObservers,
  ) {
    this.#database = database;
    this.#options = options;
    this.#observers = observers;
  }

  /** Continues under new rules. */
  update(database: Pick<DatabaseConfig, "name" | "rules">, evidence: DatabaseEvidence | undefined): void {
    this.#database = database;
    this.#observers = { ...this.#observers, evidence };
  }

  /**
   * Carries out decisions in the background. The next step against a session waits until it is known what came of the
   * one before: what is then too old is decided again.
   */
  begin(executor: Executor | undefined, decisions: readonly Decision[]): void {
    if (decisions.length === 0 || executor === undefined) return;
    const isBusy = ({ session }: Decision) => this.#victims.has(session.id);
    const [next, first] = [decisions.filter(isBusy), decisions.filter((each) => !isBusy(each))];
    for (const decision of next) {
      this.#carryOut(executor, [decision], this.#victims.get(decision.session.id)!.promise);
    }
    if (first.length > 0) this.#carryOut(executor, first);
  }

  #carryOut(executor: Executor, decisions: readonly Decision[], before?: Promise<void>): void {
    const { signal, journal, pause } = this.#options;
    const { rules, name } = this.#database;
    const own = new Map(decisions.map(({ session }) => [session.id, Promise.withResolvers<void>()]));
    for (const [id, done] of own) this.#victims.set(id, done);
    const release = (id: number) => {
      own.get(id)?.resolve();
      if (this.#victims.get(id) === own.get(id)) this.#victims.delete(id);
    };
    const begin = () =>
      executor.carryOut(decisions, {
        journal,
        signal,
        paused: () => pause.reasonNow(name),
        verify: (policy) => verifyTime(rules, policy),
        report: (outcome) => {
          this.#settle(outcome);
          release(outcome.decision.session.id);
        },
      });
    const work = before === undefined ? begin() : before.then(begin);
    this.#run(work.finally(() => [...own.keys()].forEach(release)));
  }

  /** The memory with all outcomes since the last call applied. */
  applyTo(memory: Memory): Memory {
    return this.#outcomes.splice(0).reduce(settle, memory);
  }

  /** Drops pending outcomes, which are about a server that is no longer connected. */
  forget(): void {
    this.#outcomes = [];
  }

  /** Waits for the kills under way, and for their evidence to be written. */
  async end(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(work: Promise<void>): void {
    const running = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #settle(outcome: Outcome): void {
    const { counters, evidence } = this.#observers;
    const { counts_as: counted } = OUTCOMES[outcome.outcome];
    if (counted !== null) counters.add(counted === "kill" ? { kills: 1 } : { errors: 1 });
    this.#outcomes.push(outcome);
    const event = outcomeEvent(this.#database.name, outcome);
    this.#options.emit(event);
    if (outcome.intended !== true) this.#options.chronicle?.untried(event);
    const writing = evidence?.settled(outcome.outcome);
    if (writing === undefined) return;
    this.#run(writing.then((event) => {
      if (event !== undefined) this.#options.emit(event);
    }));
  }
}
