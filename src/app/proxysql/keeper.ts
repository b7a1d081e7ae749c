import type { Clock } from "../../clock.ts";
import { addressText, type Config, type ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import {
  type ActRecord,
  type Admin,
  AdminError,
  adminWords,
  readReadiness,
  STATEMENTS,
} from "../../proxysql/mod.ts";
import { Agent, type AgentStatus, selfOf } from "../../proxysql/agent/mod.ts";
import { BackendChanges } from "./backends.ts";
import { Dumper } from "./dumper.ts";
import { HeardAdmin } from "./heard_admin.ts";
import { LeftDrain } from "./left_drain.ts";
import { Orders } from "./orders.ts";
import type { Parts } from "./parts.ts";
import { Rights } from "./rights.ts";
import { Rehearsal } from "./rehearsal.ts";
import type { Found, Vitals } from "./vitals.ts";
import type { Works } from "./works.ts";

export interface KeeperOptions {
  readonly config: Pick<Config, "tags"> & { readonly proxysql: ProxysqlConfig };
  readonly clock: Clock;
  readonly parts: Parts;
  readonly record: Pick<ActRecord, "intend">;
  readonly vitals: Vitals;
  readonly works: Works;
  /** What is counted, whatever the configuration. */
  readonly counts: { looks: number; errors: number; closed_sessions: number };
  readonly isDryRun: boolean;
  /** Whether a drain that is found begun goes on: at the start of the program only, not after a reload. */
  readonly goesOnDraining: boolean;
  environment(name: string): string | undefined;
  tell(event: ProxysqlEvent): void;
  /** Is told when it has stopped to look, by a mistake of this program: the program is to end then. */
  failed(reason: string): void;
}

/** Between two looks there is a rest, however slowly ProxySQL answers, in milliseconds. */
const LEAST_REST = 500;

/** Looks after one ProxySQL under one configuration: looks at it, dumps, and does what it is told to, until it ends. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #proxysql: string;
  readonly #admin: Admin;
  readonly #agent: Agent;
  readonly #backends = new BackendChanges();
  readonly #stop = new AbortController();
  readonly dumper: Dumper;
  readonly orders: Orders;
  readonly #leftDrain: LeftDrain;
  readonly #rights: Rights;
  #loops: readonly Promise<void>[] = [];
  #renewals: Promise<void> | undefined;
  /** Settles once ProxySQL has been seen to answer. */
  readonly #seen = Promise.withResolvers<void>();
  /** What the last look found; undefined where ProxySQL did not answer. */
  #found: Found | undefined;
  /** What plugins said when they answered last; undefined until they have. */
  #said: readonly string[] | undefined;
  #isAsking = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    if (options.parts.plugins === undefined) this.#said = [];
    const { config: { proxysql, tags }, clock, parts, environment, tell, isDryRun } = options;
    this.#proxysql = addressText(proxysql.address);
    const rehearsal = new Rehearsal(this.#proxysql, tell);
    const account = proxysql.admin ?? proxysql.stats;
    if (account === undefined) throw new TypeError("there is no account");
    // A look is an attempt to connect: so it is back at the first one after ProxySQL is.
    this.#admin = new HeardAdmin({ ...proxysql, account }, {
      ...{ clock, longestWait: 0, hasQueue: true },
      heard: () => options.vitals.heard(),
    });
    this.#agent = new Agent({
      ...{ admin: this.#admin, config: proxysql, clock, self: selfOf(environment) },
      tell: (event) => {
        const isExpected = event.event === "proxysql-unreachable" &&
          options.vitals.shutDownOver !== undefined;
        if (!isExpected) tell(event);
      },
      ...parts.leader !== undefined && { leader: parts.leader },
      ...parts.discovery !== undefined && { discovery: parts.discovery },
      ...isDryRun
        ? { rehearse: (act: Parameters<Rehearsal["tell"]>[0]) => rehearsal.tell(act) }
        : { intend: options.record.intend },
    });
    this.dumper = new Dumper({
      ...{ config: proxysql, clock, tags, tell },
      intend: options.record.intend,
      pod: environment("POD_NAME") ?? environment("HOSTNAME") ?? null,
      ...parts.plugins !== undefined && { plugins: parts.plugins },
    });
    const { record, vitals, works, counts } = options;
    this.orders = new Orders({
      ...{
        proxysql: this.#proxysql,
        config: proxysql,
        admin: this.#admin,
        agent: this.#agent,
        dumper: this.dumper,
      },
      ...{ rehearsal, clock, record, vitals, works, counts, isDryRun, tell },
    });
    this.#rights = new Rights({
      ...{ proxysql: this.#proxysql, config: proxysql, admin: this.#admin, isDryRun, tell },
    });
    this.#leftDrain = new LeftDrain({
      ...{ proxysql: this.#proxysql, config: proxysql, admin: this.#admin, clock, vitals, works, isDryRun },
      ...{ tell, goesOn: options.goesOnDraining, goOn: () => void this.orders.ask("drain") },
    });
  }

  /** Begins to look. */
  begin(): void {
    const { leader } = this.#options.parts;
    this.#renewals = leader && this.#guarded(this.#every(() => leader.renew(), leader.every));
    this.#loops = [
      this.#guarded(this.#look()),
      ...this.#proxysqlConfig.digests.every === undefined ? [] : [this.#guarded(this.#dumpOnSchedule())],
    ];
  }

  /** A loop that ends by a mistake ends the program, in order and with a reason. */
  async #guarded(loop: Promise<void>): Promise<void> {
    try {
      await loop;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.failed(adminWords(error));
    }
  }

  get #proxysqlConfig(): ProxysqlConfig {
    return this.#options.config.proxysql;
  }

  status(): AgentStatus {
    return this.#agent.status();
  }

  /** Ends all that it does by itself. What it was told to do is to have ended before. */
  async end(): Promise<void> {
    const { leader, discovery, plugins } = this.#options.parts;
    this.#stop.abort();
    this.#seen.resolve();
    // Given up before all else, so that another agent can have it; a renewal that is under way might take it again.
    await this.#renewals;
    await leader?.release();
    await Promise.all(this.#loops);
    await Promise.all([
      this.#admin[Symbol.asyncDispose](),
      discovery?.[Symbol.asyncDispose](),
      plugins?.[Symbol.asyncDispose](),
    ]);
  }

  async #look(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const { interval } = this.#proxysqlConfig;
    while (!signal.aborted) {
      const began = clock.now();
      await this.#lookOnce();
      const rest = interval - (clock.now() - began);
      await clock.sleep(Math.max(rest, Math.min(interval, LEAST_REST)), signal);
    }
  }

  /** Never fails: what is wrong is counted, and is why ProxySQL is not ready. */
  async #lookOnce(): Promise<void> {
    const { counts, vitals } = this.#options;
    counts.looks++;
    try {
      await this.#agent.look();
      if (this.#stop.signal.aborted) return;
      const { state, reasons } = this.#agent.status();
      // One attempt to connect is enough for a look.
      if (state === "wedged" || state === "down") {
        throw new AdminError("unreachable", reasons[0] ?? "it cannot be reached");
      }
      await this.#readVitals();
    } catch (error) {
      counts.errors++;
      this.#found = undefined;
      vitals.failed(adminWords(error));
    }
  }

  async #readVitals(): Promise<void> {
    const { clock, vitals, tell } = this.#options;
    const { role, backends } = this.#proxysqlConfig;
    const wall = clock.wall();
    const found = await readReadiness(this.#admin, { role, backends });
    const pool = found.backends ?? await this.#admin.rows(STATEMENTS.backends());
    this.#found = { ...found, reasons: [...found.reasons, ...this.#rights.reasons()], backends: pool };
    if (this.#said !== undefined) vitals.answered(this.#judged(this.#found, this.#said));
    this.#askPlugins();
    for (const event of this.#backends.take(pool, this.#proxysql)) tell(event);
    this.#seen.resolve();
    await this.#leftDrain.look({ ...found, wall });
  }

  #judged(found: Found, said: readonly string[]): Found {
    return { ...found, reasons: [...found.reasons, ...said] };
  }

  /** A look waits for no plugin, which may be at something else: until they answer, what they said before counts. */
  #askPlugins(): void {
    const { parts: { plugins }, vitals } = this.#options;
    if (plugins === undefined || this.#isAsking) return;
    this.#isAsking = true;
    const asked = async () => {
      const said = await plugins.health({ proxysql: this.#proxysql, health: await vitals.health("ready") });
      const before = this.#said;
      this.#said = said;
      // Where ProxySQL has not answered since, there is nothing to judge.
      if (this.#found === undefined || this.#stop.signal.aborted) return;
      const judged = this.#judged(this.#found, said);
      if (before === undefined) vitals.answered(judged);
      else vitals.judged(judged.reasons);
    };
    void asked().catch((error) => vitals.failed(adminWords(error))).finally(() => this.#isAsking = false);
  }

  async #dumpOnSchedule(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const every = this.#proxysqlConfig.digests.every!;
    await this.#seen.promise;
    const ago = clock.wall() - (this.dumper.lastSample() ?? -Infinity);
    // A clock that was set back must not put the next dump off.
    let wait = ago >= 0 && ago < every ? every - ago : 0;
    for (;;) {
      await clock.sleep(wait, signal);
      if (signal.aborted) return;
      const began = clock.now();
      const begun = this.orders.ask("dump");
      if (begun.kind === "begun") await begun.ended;
      wait = Math.max(0, every - (clock.now() - began));
    }
  }

  async #every(work: () => Promise<void>, rest: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await work();
      await this.#options.clock.sleep(rest, signal);
    }
  }
}
