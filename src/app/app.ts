import type { Clock } from "../clock.ts";
import type { EventStream } from "../events/mod.ts";
import { Pauses, reasonOf, type WatchCounts } from "../watch/mod.ts";
import type { AppConfig } from "./app_config.ts";
import { keepChronicle } from "./keep_chronicle.ts";
import { KeptHttp } from "./keep_http.ts";
import { Notices } from "./keep_notices.ts";
import { KeptProxies } from "./keep_proxies.ts";
import { adoptPolicies, openShared, sharedKey, type SharedState } from "./shared.ts";
import { armedOf, type Step, stepsFor } from "./step.ts";
import { type DatabaseStatus, Watches } from "./watches.ts";

/** What the program needs to start. */
export interface AppOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The stream that gets all events. */
  readonly stream: EventStream;
  /** Whether to look once at each database instead of watching it. */
  readonly once: boolean;
}

/** The state of the program. JSON-able. */
export interface Status {
  readonly version: string;
  readonly file: string;
  /** In milliseconds since 1970. */
  readonly started: number;
  readonly databases: readonly DatabaseStatus[];
}

/** What stays while the program runs. */
interface Kept {
  readonly shared: SharedState;
  readonly notices: Notices;
  readonly http: KeptHttp;
  readonly proxies: KeptProxies;
}

/** How long a look waits for a proxy, in milliseconds: one that hangs delays one look by this, and no other. */
const PROXY_PATIENCE = 100;

/** How long kills under way, and closing connections, may take when the program stops, in milliseconds. */
const STOP_TIME = 1500;

/** How long the last messages may take then; with `once`, which sends all of its at the end, longer. */
const LAST_MESSAGES = 1500;
const ONLY_MESSAGES = 5000;

/** The running program: the journal, the event stream, what all watchers share, and a watcher for each database. */
export class App {
  readonly #options: AppOptions;
  readonly #started: number;
  readonly #watches: Watches;
  #shared: SharedState;
  #running: AppConfig;
  /** What reloads still do, by database: one thing after the other. */
  readonly #pending = new Map<string, Promise<void>>();

  readonly #notices: Notices;
  readonly #http: KeptHttp;
  readonly #proxies: KeptProxies;

  private constructor(running: AppConfig, { shared, notices, http, proxies }: Kept, options: AppOptions) {
    this.#options = options;
    this.#notices = notices;
    this.#http = http;
    this.#proxies = proxies;
    this.#running = running;
    this.#started = options.clock.wall();
    this.#shared = shared;
    this.#watches = new Watches({ ...options, proxies, observer: http.observer });
  }

  /**
   * Emits the `start` event and begins to watch the databases.
   * @throws {StartError} If it cannot listen where it should.
   */
  static async start(running: AppConfig, options: AppOptions): Promise<App> {
    const { config, databases } = running;
    const { version, clock, stream } = options;
    const http = new KeptHttp(options);
    await http.start(running);
    const kept = keepChronicle(running, options);
    const notices = new Notices(options);
    await notices.adopt(config.notify, databases);
    const paused = reasonOf(await new Pauses(config.pause, { clock }).state(), undefined);
    stream.emit({
      event: "start",
      version,
      config: config.file,
      databases: databases.length,
      armed: armedOf(databases),
      sql: config.sql,
      ...paused !== undefined && { paused },
    });
    http.tell();
    const shared = openShared(running, options, kept);
    http.use(shared);
    adoptPolicies(shared, running);
    // Who looks once has the time to wait for an answer.
    const proxies = await KeptProxies.open(running, {
      clock,
      ...!options.once && { patience: PROXY_PATIENCE },
    });
    const app = new App(running, { shared, notices, http, proxies }, options);
    for (const database of databases) app.#watches.start(database, shared);
    return app;
  }

  /** The total counts of all watchers. */
  get counts(): WatchCounts {
    return this.#watches.counts;
  }

  /** Settles when every watcher has ended by itself, as with `once`. */
  get ended(): Promise<void> {
    return this.#watches.ended;
  }

  status(): Status {
    return {
      version: this.#options.version,
      file: this.#running.config.file,
      started: this.#started,
      databases: this.#watches.status(),
    };
  }

  /**
   * Continues with a new, valid configuration. Unchanged databases are not touched. If only the rules of one
   * changed, its connection, memory and kills under way are kept. All others reconnect. A database whose server hangs
   * holds up no other, nor the next reload. Settles when everything is done.
   */
  async reload(next: AppConfig): Promise<void> {
    if (this.#watches.isStopping) return;
    const before = this.#running;
    this.#running = next;
    this.#options.stream.sql = next.config.sql;
    const isOther = sharedKey(before) !== sharedKey(next);
    const steps = stepsFor(before.databases, next.databases, isOther);
    this.#tell(steps);
    await this.#proxies.adopt(next.config.proxies, next.databases);
    // Rules first: one of them may be to protect somebody, and the code of notices may still have to be loaded.
    await Promise.all([
      this.#take(steps, isOther),
      this.#notices.adopt(next.config.notify, next.databases),
      this.#http.adopt(next),
    ]);
  }

  #tell(steps: readonly Step[]): void {
    const { stream } = this.#options;
    const { config: { file }, databases } = this.#running;
    stream.emit({
      event: "config",
      state: "reloaded",
      file,
      databases: databases.length,
      armed: armedOf(databases),
      changed: steps.length,
    });
    for (const { change, database: { name }, keys } of steps) {
      const changed = keys.length > 0 ? { keys } : {};
      stream.emit({ event: "config", state: "changed", file, database: name, change, ...changed });
    }
  }

  async #take(steps: readonly Step[], isOther: boolean): Promise<void> {
    const before = this.#shared;
    if (isOther) {
      const kept = keepChronicle(this.#running, this.#options);
      this.#shared = openShared(this.#running, this.#options, kept);
      this.#http.use(this.#shared);
    }
    adoptPolicies(this.#shared, this.#running);
    await Promise.all(steps.map((step) => this.#takeInTurn(step)));
    if (isOther) await before.close();
  }

  async #takeInTurn(step: Step): Promise<void> {
    const { name } = step.database;
    const before = this.#pending.get(name);
    const taken = before === undefined ? this.#takeStep(step) : before.then(() => this.#takeStep(step));
    this.#pending.set(name, taken);
    await taken;
    if (this.#pending.get(name) === taken) this.#pending.delete(name);
  }

  async #takeStep({ change, database }: Step): Promise<void> {
    const watches = this.#watches;
    if (change === "rules") return watches.update(database);
    if (change !== "added") await watches.stop(database.name);
    if (change !== "removed" && !watches.isStopping) watches.start(database, this.#shared);
  }

  /**
   * Finishes the kills under way and ends all watchers, within the time that a user who stops a program expects. Then
   * emits the `stop` event.
   */
  async stop(reason: string): Promise<WatchCounts> {
    const { clock, stream, once } = this.#options;
    const stopping = this.#watches.stopAll(reason);
    await Promise.race([stopping, clock.sleep(STOP_TIME)]);
    await this.#shared.settle();
    this.#http.end();
    const { counts } = this;
    stream.emit({ event: "stop", reason, ...counts });
    await this.#notices.end(once ? ONLY_MESSAGES : LAST_MESSAGES);
    await this.#shared.close();
    await this.#proxies[Symbol.asyncDispose]();
    return counts;
  }
}
