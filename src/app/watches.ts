import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import type { EventStream } from "../events/mod.ts";
import { mysqlTarget } from "../mysql/mod.ts";
import type { Hold, Mode } from "../policy/mod.ts";
import { type LookObserver, type Watch, watch, type WatchCounts } from "../watch/mod.ts";
import type { KeptProxies } from "./keep_proxies.ts";
import type { SharedState } from "./shared.ts";

export interface WatchesOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly stream: EventStream;
  readonly once: boolean;
  readonly proxies: KeptProxies;
  /** Is told of each look; absent: nobody is. */
  readonly observer?: LookObserver | undefined;
}

/** The state of one database's watcher. JSON-able. */
export interface DatabaseStatus extends WatchCounts {
  readonly name: string;
  readonly mode: Mode;
  /** The longest time between two looks, in milliseconds. */
  readonly interval: number;
  readonly connected: boolean;
  /** Whether a gate was open at its last look. */
  readonly hurt: boolean;
  /** Why nothing is killed there now, by what was found outside the database. */
  readonly hold?: Hold;
}

interface Entry {
  readonly database: WatchedDatabase;
  readonly watch: Watch;
  readonly stop: AbortController;
  readonly shared: SharedState;
}

const NO_COUNTS: WatchCounts = { looks: 0, kills: 0, errors: 0 };

/** All watchers, by database name. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #entries = new Map<string, Entry>();
  /** The counts of watchers that have ended. */
  #past = NO_COUNTS;
  #isStopping = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  get counts(): WatchCounts {
    return [...this.#entries.values()].map((entry) => this.#countsOf(entry)).reduce(sum, this.#past);
  }

  /** Settles when every current watcher has ended. */
  get ended(): Promise<void> {
    return Promise.all([...this.#entries.values()].map(({ watch }) => watch.ended)).then(() => {});
  }

  status(): readonly DatabaseStatus[] {
    return [...this.#entries.values()].map(({ database: { name, rules, interval }, watch }) => ({
      name,
      mode: rules.mode,
      interval,
      connected: watch.connected,
      hurt: watch.hurt,
      ...watch.hold !== undefined && { hold: watch.hold },
      ...watch.counts,
    }));
  }

  start(database: WatchedDatabase, shared: SharedState): void {
    const { clock, random, stream, once, observer, proxies } = this.#options;
    const stop = new AbortController();
    const armed = database.rules.mode === "enforce";
    const takesLease = armed && database.rules.lease;
    const target = mysqlTarget(database, {
      ...{ clock, armed, takesLease, sources: shared.sources },
      proxies: proxies.of(database),
    });
    const { signal } = stop;
    const emit = stream.emit.bind(stream);
    const options = { ...shared, clock, random, once, signal, observer, emit };
    this.#entries.set(database.name, { database, watch: watch(target, database, options), stop, shared });
  }

  /** Continues under the new rules of a database. */
  update(database: WatchedDatabase): void {
    const entry = this.#entries.get(database.name);
    if (entry === undefined) return;
    entry.watch.update(database);
    this.#entries.set(database.name, { ...entry, database });
  }

  /** Ends a watcher, after its kills under way are finished. */
  async stop(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.stop.abort("reload");
    await entry.watch.ended;
    this.#past = sum(this.#past, this.#countsOf(entry));
    this.#entries.delete(name);
    entry.shared.sources.forget(name);
    entry.shared.evidence?.forget(name);
  }

  /** Ends all watchers. No new one can start. */
  async stopAll(reason: string): Promise<void> {
    this.#isStopping = true;
    for (const { stop } of this.#entries.values()) stop.abort(reason);
    await this.ended;
  }

  /** `once` has to look at every database: one that it had no time for is an error. */
  #countsOf({ watch: { counts } }: Entry): WatchCounts {
    const isMissed = this.#options.once && counts.looks === 0;
    return isMissed ? { ...counts, errors: Math.max(1, counts.errors) } : counts;
  }
}

function sum(a: WatchCounts, b: WatchCounts): WatchCounts {
  return { looks: a.looks + b.looks, kills: a.kills + b.kills, errors: a.errors + b.errors };
}
