import type { Lease, SessionlessTransaction, TargetConnection, TargetError } from "../target/mod.ts";
import { decisionEvent, type Event } from "../events/mod.ts";
import type { Decision, Hold, Memory } from "../policy/mod.ts";
import type { Look } from "../look/mod.ts";
import type { WatchOptions } from "./options.ts";
import { QueueHeads } from "./queue_heads.ts";
import { forgetServer, noteServer } from "./same_server.ts";
import type { WatchCounters } from "./watch_counters.ts";
import type { DatabaseConfig } from "../config/mod.ts";

/** Tells what befalls one database, each thing once: when it begins, and when it changes. */
export class Announcer {
  #database: Pick<DatabaseConfig, "name" | "rules">;
  readonly #options: Pick<WatchOptions, "emit" | "entries">;
  readonly #counters: WatchCounters;
  /** Why it could not be looked at, since it was last. */
  readonly #unreachable = new Set<string>();
  /** Whether the connection that there is was told of. */
  #isTold = false;
  #lease = "";
  /** Remedies of gaps that were told. */
  #gaps = new Set<string>();
  /** Transactions without a session that were told of. */
  #sessionless: ReadonlySet<number> = new Set();
  #heads: QueueHeads;

  constructor(
    database: Pick<DatabaseConfig, "name" | "rules">,
    options: Pick<WatchOptions, "emit" | "entries">,
    counters: WatchCounters,
  ) {
    this.#database = database;
    this.#options = options;
    this.#counters = counters;
    this.#heads = new QueueHeads(database.rules.domain);
  }

  /** Goes on under other rules. */
  update(database: Pick<DatabaseConfig, "name" | "rules">): void {
    this.#database = database;
  }

  /** A connection was made; whether it is of any use, a look will show. */
  connected(): void {
    this.#isTold = false;
    this.#lease = "";
    this.#heads = new QueueHeads(this.#database.rules.domain);
  }

  /** A look has succeeded: of each connection the first is told. */
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

  /** What the account lacks there of what the policies need, each once for a connection. */
  gaps(connected: TargetConnection): void {
    const { name: database, rules } = this.#database;
    for (const gap of connected.gapsFor(rules)) {
      if (this.#gaps.has(gap.remedy)) continue;
      this.#gaps.add(gap.remedy);
      if (gap.tolerable !== true) this.#counters.add({ errors: 1 });
      this.#emit({ event: "privilege", database, ...gap });
    }
  }

  /** There is no connection, or none any more, or no look; each reason is told once until there is one. */
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

  /** The connection is left: what it led to is nobody's now. */
  left(): void {
    forgetServer(this.#options.entries, this.#database.name);
  }

  /** Who may kill there. */
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

  /** Who the server is: another entry may lead to it as well. */
  server(before: Memory, { server }: Memory): void {
    if (server === undefined || before.server?.identity.started === server.identity.started) return;
    const { name: database } = this.#database;
    const other = noteServer(this.#options.entries, database, server.identity);
    if (other !== undefined) this.#emit({ event: "same-server", database, other });
  }

  /** What may be the cause, and nobody may end, by a look that has read transactions or locks. */
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

  /** A decision that nothing came of; an error where that is for want of a journal. */
  notActedOn(decision: Decision): void {
    if (decision.verdict === "skip" && decision.reason === "journal") this.#counters.add({ errors: 1 });
    this.#emit(decisionEvent(this.#database.name, decision));
  }

  /** What was done since the last heartbeat, where it is time for the next; a warning while kills are paused. */
  heartbeat(now: number, hold: Hold | undefined): void {
    const counts = this.#counters.heartbeat(now);
    if (counts === undefined) return;
    const paused = hold?.reason === "paused" ? { paused: hold.note ?? hold.reason } : {};
    this.#emit({ event: "heartbeat", database: this.#database.name, ...counts, ...paused });
  }

  #emit(event: Event): void {
    this.#options.emit(event);
  }
}
