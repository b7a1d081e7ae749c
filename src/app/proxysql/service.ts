import type { Clock } from "../../clock.ts";
import type { ServedConfig } from "./served_config.ts";
import type { Event, EventStream, Subscription } from "../../events/mod.ts";
import type { AgentState, Begun, Work } from "../../http/proxysql/mod.ts";
import { newUuid } from "../../proxysql/mod.ts";
import type { HttpListener } from "../http_listener.ts";
import { ActRecords } from "./act_records.ts";
import { agentListener } from "./agent_server.ts";
import { agentState, statusEvent } from "./agent_state.ts";
import { drainBeforeEnd, withLimit } from "./end_drain.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import { disposeOf, partsOf } from "./parts.ts";
import { isSameConfig } from "./same_config.ts";
import { Vitals } from "./vitals.ts";
import { Works } from "./works.ts";

export interface ProxysqlServiceOptions {
  readonly version: string;
  readonly clock: Clock;
  /** The stream that gets all events. */
  readonly stream: EventStream;
  /** Nothing is sent that changes something: it is told in its place. */
  readonly isDryRun: boolean;
  /** Aborted when the program is told to end, also while it starts. */
  readonly told?: AbortSignal;
  environment(name: string): string | undefined;
  /** Is told in words what is no event. */
  warn(text: string): void;
  /** Is told when it cannot go on: the program is to end. */
  fail(reason: string): void;
}

/** How long the end may take after that, in milliseconds. */
const STOP_TIME = 3000;
/** How long to wait for the address to be free again, in milliseconds. */
const LAST_ANSWERS = 100;
/** How many events may wait for plugins. */
const CAPACITY = 1000;

/** The agent of a ProxySQL as a service. */
export class ProxysqlService {
  readonly #options: ProxysqlServiceOptions;
  readonly #started: number;
  readonly #vitals: Vitals;
  readonly #works: Works;
  readonly #server: HttpListener;
  readonly #records: ActRecords;
  readonly #counts = { looks: 0, errors: 0, closed_sessions: 0 };
  /** Of keepers that have ended. */
  #past = { dumps: 0, failed_dumps: 0, purges: 0 };
  #config: ServedConfig;
  #keeper: Keeper | undefined;
  /** Settles once there is a keeper. */
  #kept = Promise.withResolvers<void>();
  #hasBegun = false;
  #subscription: Subscription | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Aborted when the program is about to end: no other configuration is taken any more. */
  readonly #ending = new AbortController();
  #isStopping = false;

  private constructor(config: ServedConfig, options: ProxysqlServiceOptions) {
    const { clock, stream } = options;
    this.#options = options;
    this.#records = new ActRecords(options);
    this.#config = config;
    this.#started = clock.wall();
    this.#vitals = new Vitals(config.proxysql, clock);
    const newId = () => newUuid(clock);
    this.#works = new Works({ clock, newId });
    const context = {
      ...{ version: options.version, clock, started: this.#started },
      health: (probe: "live" | "ready" | "started") => this.#vitals.health(probe),
      state: () => this.state(),
      begin: (work: Work) => this.ask(work),
      drainsByGet: () => this.#config.proxysql.drainsByGet,
      dropped: () => stream.dropped,
    };
    this.#server = agentListener({ context, clock, stream });
  }

  /**
   * Listens, tells that it starts, and begins to look after ProxySQL.
   * @throws {StartError} It cannot listen where it should.
   */
  static async start(config: ServedConfig, options: ProxysqlServiceOptions): Promise<ProxysqlService> {
    const service = new ProxysqlService(config, options);
    const { http } = config.proxysql;
    if (http !== undefined) await service.#server.start(http);
    options.stream.emit({
      ...{ event: "start", version: options.version, config: config.file },
      ...{ databases: 0, armed: 0, sql: config.sql },
    });
    service.#server.tell();
    if (!options.isDryRun) await service.#records.tellAbandoned(config.proxysql);
    await service.#begin({ goesOnDraining: true });
    return service;
  }

  /** Begins what somebody asks for. A shutdown waits for an agent that starts, or reads its configuration anew. */
  async ask(work: Work): Promise<Begun> {
    if (work === "shutdown" && this.#keeper === undefined) {
      await withLimit(Promise.race([this.#kept.promise, abortOf(this.#ending.signal)]), this.#options.clock);
    }
    if (this.#isStopping) return refused("This program is about to end");
    if (work === "resume" && this.#isEnding) return refused(ENDING);
    return this.#keeper?.orders.ask(work) ?? refused(this.#hasBegun ? RELOADING : STARTING);
  }

  async state(): Promise<AgentState> {
    return await agentState({
      ...{ config: this.#config.proxysql, keeper: this.#keeper, vitals: this.#vitals, works: this.#works },
      counts: { ...this.#counts, ...this.#dumpCounts() },
      isDryRun: this.#options.isDryRun,
    });
  }

  /** Tells how it is, to the log. */
  async tellStatus(): Promise<void> {
    this.#emit(statusEvent(await this.state()));
  }

  /**
   * Goes on under a new, valid configuration, once what is under way has ended. What has not changed goes on as before.
   */
  reload(next: ServedConfig): Promise<void> {
    // One that has failed was told by whoever asked for it.
    return this.#last = this.#last.catch(() => {}).then(() => this.#reload(next));
  }

  /**
   * Drains ProxySQL before the program ends, where that is configured. Never fails, and ends in time: at the latest
   * 15 s after what is configured for a drain, or when the signal is aborted.
   */
  async drainAtEnd(signal: AbortSignal): Promise<void> {
    this.#ending.abort();
    const { clock } = this.#options;
    // A reload in the middle has no keeper, and is to have one again.
    await withLimit(this.#last.catch(() => {}), clock);
    const { proxysql } = this.#config;
    if (!proxysql.drainsAtEnd || proxysql.admin === undefined || this.#keeper === undefined) return;
    await drainBeforeEnd(this.#keeper.orders, {
      ...{ config: proxysql.drain, works: this.#works, vitals: this.#vitals, clock, signal },
    });
  }

  /** Ends all, and tells so. HTTP is the last thing to end. */
  async stop(reason: string): Promise<void> {
    this.#isStopping = true;
    this.#ending.abort();
    this.#works.stop();
    const { clock, stream } = this.#options;
    await Promise.race([this.#keeper?.end(), clock.sleep(STOP_TIME)]);
    const { looks, errors } = this.#counts;
    stream.emit({ event: "stop", reason, looks, kills: 0, errors });
    this.#subscription?.end();
    await Promise.race([this.#server.end(), clock.sleep(LAST_ANSWERS)]);
    this.#records[Symbol.dispose]();
  }

  /** How many looks there were, for whoever watches over the program. */
  get counts(): { readonly looks: number; readonly errors: number } {
    return this.#counts;
  }

  /** How ProxySQL is, in a word. */
  get summary(): string {
    return this.#keeper?.status().state ?? "read anew";
  }

  get config(): ServedConfig {
    return this.#config;
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  /** @throws {StartError} */
  async #begin(how: Pick<KeeperOptions, "goesOnDraining">, config = this.#config): Promise<void> {
    const { clock, environment, isDryRun, stream, told } = this.#options;
    const tell = (event: Event) => this.#emit(event);
    const hurry = AbortSignal.any([this.#ending.signal, ...told === undefined ? [] : [told]]);
    const parts = await partsOf(config, { clock, isDryRun, hurry, environment, tell });
    const { plugins } = parts;
    if (this.#isEnding || this.#isStopping) return await disposeOf(parts);
    await this.#leave();
    if (this.#isStopping) return await disposeOf(parts);
    this.#config = config;
    this.#subscription = plugins && stream.subscribe({
      capacity: CAPACITY,
      receive: (events) => Promise.resolve(events.forEach(({ event }) => plugins.event(event))),
    });
    this.#keeper = new Keeper({
      ...{
        clock,
        environment,
        isDryRun,
        tell,
        config,
        parts,
        record: this.#records.of(config.proxysql),
        ...how,
      },
      ...{ vitals: this.#vitals, works: this.#works, counts: this.#counts },
      failed: (reason) => this.#options.fail(reason),
    });
    this.#keeper.begin();
    this.#hasBegun = true;
    this.#kept.resolve();
  }

  /** Ends what looks after ProxySQL under the configuration until now. */
  async #leave(): Promise<void> {
    const before = this.#keeper;
    this.#keeper = undefined;
    if (before !== undefined) this.#kept = Promise.withResolvers();
    this.#subscription?.end();
    if (before === undefined) return;
    await before.end();
    this.#past = this.#dumpCounts(before);
  }

  async #reload(next: ServedConfig): Promise<void> {
    if (this.#isEnding || this.#isStopping) return;
    const isSame = isSameConfig(this.#config, next);
    if (!isSame) {
      await Promise.race([this.#works.idle(), abortOf(this.#ending.signal)]);
      if (this.#isEnding || this.#isStopping) return;
      await this.#begin({ goesOnDraining: false }, next);
      if (this.#config !== next) return;
    }
    this.#emit({
      ...{ event: "config", state: "reloaded", file: next.file, databases: 0, armed: 0 },
      changed: isSame ? 0 : 1,
    });
    this.#options.stream.sql = next.sql;
    if (isSame) return;
    this.#vitals.adopt(next.proxysql);
    await this.#server.adopt(next.proxysql.http);
  }

  #dumpCounts(keeper = this.#keeper): { dumps: number; failed_dumps: number; purges: number } {
    const { dumps, failed_dumps, purges } = this.#past;
    const now = keeper?.dumper.counts ?? { dumps: 0, failed_dumps: 0, purges: 0 };
    return {
      dumps: dumps + now.dumps,
      failed_dumps: failed_dumps + now.failed_dumps,
      purges: purges + now.purges,
    };
  }

  #emit(event: Event): void {
    this.#options.stream.emit(event);
  }
}

const STARTING = "This program starts, and does not look after ProxySQL yet: ask again in a moment";
const RELOADING = "This program reads its configuration anew: ask again in a moment";
const ENDING = "This program was told to end, and drains ProxySQL before that: " +
  "`query-sniper proxysql drain --resume` undoes it once this program has ended";

function refused(reason: string): Begun {
  return { kind: "refused", reason };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
