import type { Lease, SessionlessTransaction, TargetConnection, TargetError } from "../target/mod.ts";
import { decisionEvent, type Event } from "../events/mod.ts";
import type { Decision, Hold, Memory } from "../policy/mod.ts";
import type { Look } from "../look/mod.ts";
import type { WatchOptions } from "./options.ts";
import { QueueHeads } from "./queue_heads.ts";
import { forgetServer, noteServer } from "./same_server.ts";
import type { WatchCounters } from "./watch_counters.ts";
import type { DatabaseConfig } from "../config/mod.ts";

/** Emits the events of one database: each condition once when it begins, and again when it changes. */
export class Announcer {
  #database: Pick<DatabaseConfig, "name" | "rules">;
  readonly #options: Pick<WatchOptions, "emit" | "entries" | "chronicle">;
  readonly #counters: WatchCounters;
  /** The reasons why looks failed since the last one that succeeded. */
  readonly #unreachable = new Set<string>();
  /** Whether the current connection has been announced. */
  #isTold = false;
  #lease = "";
  /** Remedies of the gaps that have been reported. */
  #gaps = new Set<string>();
  /** Transactions without a session that have been reported. */
  #sessionless: ReadonlySet<number> = new Set();
  #heads: QueueHeads;

  constructor(
    database: Pick<DatabaseConfig, "name" | "rules">,
    options: Pick<WatchOptions, "emit" | "entries" | "chronicle">,
    counters: WatchCounters,
  ) {
    this.#database = database;
    this.#options = options;
    this.#counters = counters;
    this.#heads = new QueueHeads(database.rules.domain);
  }

  /** Continues under new rules. */
  update(database: Pick<DatabaseConfig, "name" | "rules">): void {
    this.#database = database;
  }

  /** A connection was made. It is announced once a look on it has succeeded. */
  connected(): void {
    this.#isTold = false;
    this.#lease = "";
    this.#heads = new QueueHeads(this.#database.rules.domain);
  }

  /** A look has succeeded. The first one on a connection announces the connection. */
  looked(connected: TargetConnection): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const { name, rules } = this.#database;
    this.#unreachable.clear();
    const { flavor, version, encrypted } = connected.identity;
    this.#emit({ event: "connected", database: name, flavor, version, mode: rules.mode, encrypted });
    this.#gaps = new Set();
    this.gaps(connected);
  }

  /** Reports what the policies need and the account lacks, each gap once per connection. */
  gaps(connected: TargetConnection): void {
    const { name: database, rules } = this.#database;
    for (const gap of connected.gapsFor(rules)) {
      if (this.#gaps.has(gap.remedy)) continue;
      this.#gaps.add(gap.remedy);
      if (gap.tolerable !== true) this.#counters.add({ errors: 1 });
      this.#emit({ event: "privilege", database, ...gap });
    }
  }

  /** The connection or the look failed. Each reason is reported once until a look succeeds. */
  lost({ message, advice }: TargetError): void {
    this.#counters.add({ errors: 1 });
    if (this.#unreachable.has(message)) return;
    this.#unreachable.add(message);
    this.#emit({
      event: "unreachable",
      database: this.#database.name,
      reason: message,
      ...advice !== undefined && { advice },
    });
  }

  /** The connection was closed: this entry no longer leads to a server. */
  left(): void {
    forgetServer(this.#options.entries, this.#database.name);
    this.#options.chronicle?.left(this.#database.name);
  }

  /** Reports who may kill on the server. */
  async lease(connected: TargetConnection, lease: Lease): Promise<void> {
    const told = JSON.stringify(lease);
    if (told === this.#lease) return;
    this.#lease = told;
    const { name: database } = this.#database;
    this.#emit(
      lease.state === "elsewhere"
        ? { event: "lease", database, ...lease, holder: await connected.describeHolder(lease.holder) }
        : { event: "lease", database, ...lease },
    );
  }

  /** Reports if another entry leads to the same server. */
  server(before: Memory, { server }: Memory): void {
    if (server === undefined || before.server?.identity.started === server.identity.started) return;
    const { name: database } = this.#database;
    const other = noteServer(this.#options.entries, database, server.identity);
    if (other !== undefined) this.#emit({ event: "same-server", database, other });
  }

  /** Reports blockers that no policy can kill, after a look that has read transactions or locks. */
  async unkillable(connected: TargetConnection, look: Look): Promise<void> {
    this.#tellSessionless(look.sessionless);
    const { name: database } = this.#database;
    for (const found of await this.#heads.find(connected, look)) {
      this.#emit({ event: "unkillable", database, ...found });
    }
  }

  #tellSessionless(transactions: readonly SessionlessTransaction[]): void {
    const told = this.#sessionless;
    if (told.size === 0 && transactions.length === 0) return;
    this.#sessionless = new Set(transactions.map(({ trx }) => trx));
    const { name: database } = this.#database;
    for (const { trx, transaction_time, rows_modified } of transactions) {
      if (told.has(trx)) continue;
      this.#emit({ event: "unkillable", database, trx, time_ms: transaction_time, rows_modified });
    }
  }

  /** Reports a decision not to act. It counts as an error if the journal could not be written. */
  notActedOn(decision: Decision): void {
    if (decision.verdict === "skip" && decision.reason === "journal") this.#counters.add({ errors: 1 });
    this.#emit(decisionEvent(this.#database.name, decision));
  }

  /** Emits a heartbeat if one is due, and returns whether it was. It is a warning while kills are paused. */
  heartbeat(now: number, hold: Hold | undefined): boolean {
    const counts = this.#counters.heartbeat(now);
    if (counts === undefined) return false;
    const { name: database } = this.#database;
    const paused = hold?.reason === "paused" ? { paused: hold.note ?? hold.reason } : {};
    this.#options.chronicle?.counted(database, counts);
    this.#emit({ event: "heartbeat", database, ...counts, ...paused });
    return true;
  }

  /** The watch ends: what was counted since the last heartbeat is kept. */
  end(now: number): void {
    this.#options.chronicle?.counted(this.#database.name, this.#counters.rest(now));
  }

  #emit(event: Event): void {
    this.#options.emit(event);
  }
}
