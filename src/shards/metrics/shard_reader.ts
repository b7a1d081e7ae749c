import type { Clock } from "../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError, type Row } from "../../connection/mod.ts";
import { isUnknown, type Reading, type Unknown } from "../../language/mod.ts";
import type { SelfReport } from "../../policy/mod.ts";
import { type Target, type TargetConnection, TargetError } from "../../target/mod.ts";
import { type Ownership, readOwnership } from "../check/ownership.ts";
import type { ShardMetrics } from "../policy/snapshot.ts";
import { SHARD_NAME_LIST, type ShardName } from "../policy/vocabulary.ts";
import { openSession } from "../router/session.ts";
import { readColumns } from "../schema/columns.ts";
import { type HostValues, NodeExporter, percent } from "./node_exporter.ts";
import { QuestionRate } from "./question_rate.ts";
import { countRows, type RowCounts } from "./row_counts.ts";

export interface ShardReaderOptions {
  readonly clock: Clock;
  readonly sharding: ShardingConfig;
  /** For the names of databases that policies use; undefined: there are none. */
  readonly target: Target | undefined;
  /** These names. */
  readonly needs: ReadonlySet<string>;
}

/** What was read of a shard, and what it says that it owns. */
export interface ShardReading {
  readonly metrics: ShardMetrics;
  /** Absent where the shard cannot be reached. */
  readonly ownership?: Ownership;
}

/** How long the server works on one statement, in milliseconds: less than the wait for its answer. */
const PATIENCE = 3_500;

/** Measures one shard, over one connection; a second one for the names of databases, where policies use these. */
export class ShardReader {
  readonly #database: WatchedDatabase;
  readonly #options: ShardReaderOptions;
  readonly #exporter: NodeExporter | undefined;
  readonly #rate: QuestionRate;
  #connection: Connection | undefined;
  #watching: TargetConnection | undefined;

  constructor(database: WatchedDatabase, options: ShardReaderOptions) {
    this.#database = database;
    this.#options = options;
    this.#rate = new QuestionRate(options.clock);
    const url = options.sharding.growth.metrics.exporters[database.name];
    this.#exporter = url === undefined ? undefined : new NodeExporter(url, options);
  }

  /** Never fails: a shard that cannot be read is not reachable. */
  async look(): Promise<ShardReading> {
    const at = this.#options.clock.now();
    try {
      return await this.#read(at);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.#connection?.drop();
      this.#connection = undefined;
      return { metrics: unreachable(this.#database.name, at, error.message) };
    }
  }

  async #read(at: number): Promise<ShardReading> {
    const { sharding, clock } = this.#options;
    const connection = await this.#open();
    const [qps, status] = await this.#rate.begin(connection);
    const self = await readSelf(connection);
    const ownership = await readOwnership(connection);
    const [host, health] = await Promise.all([this.#host(connection, self.datadir), this.#health()]);
    const counts = await countRows(connection, {
      sharding,
      columns: await readColumns(connection, sharding),
      slots: ownership.epoch === undefined ? undefined : new Set(ownership.slots),
      exactUpTo: sharding.growth.metrics.exactUpTo,
      clock,
    });
    await this.#rate.end(connection);
    const { rows, size } = counts;
    const own: OwnValues = { ...host.values, rows, size, qps, connections: connectionsOf(status) };
    const values = { ...health, ...own };
    return {
      ownership,
      metrics: {
        shard: this.#database.name,
        at,
        values,
        sources: sourcesOf(own, counts, host.source),
        unknown: unknownOf(values),
        table_counts: counts.tables,
        rows_exact: counts.exact,
        reachable: true,
        report: self.report,
        slots: ownership.slots.length,
        ...counts.slotRows && { slot_rows: counts.slotRows },
        ...counts.hotKey && { hot_key: counts.hotKey },
      },
    };
  }

  async #open(): Promise<Connection> {
    const { schema } = this.#options.sharding;
    const known = this.#connection;
    if (known !== undefined && known.lost === undefined) return known;
    const made = await openSession(this.#database, { schema, milliseconds: PATIENCE });
    // Where a server keeps old estimates for a day; elsewhere there is no such variable.
    await attempt(made, "SET SESSION information_schema_stats_expiry = 0");
    return this.#connection = made;
  }

  /** What is known of the host. Nothing of this program's own host is taken for it. */
  async #host(connection: Connection, datadir: string | undefined): Promise<{
    readonly values: HostValues;
    readonly source: string;
  }> {
    if (this.#exporter !== undefined) {
      return { values: await this.#exporter.read(datadir), source: "node_exporter" };
    }
    const none = { unknown: "there is no source: `metrics.node_exporter` can name one for this shard" };
    return {
      values: { cpu: none, memory: none, disk: await diskByPlugin(connection, datadir) ?? none },
      source: "the plugin DISKS of the server",
    };
  }

  async #health(): Promise<Readonly<Record<string, Reading>>> {
    const { target, needs } = this.#options;
    if (target === undefined || needs.size === 0) return {};
    try {
      this.#watching ??= await target.connect();
      const { health } = await this.#watching.source.health({ needs, lease: false });
      return Object.fromEntries(
        [...needs].map((name) => [name, health[name] ?? { unknown: "the server does not tell it" }]),
      );
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      await this.#watching?.close();
      this.#watching = undefined;
      return Object.fromEntries([...needs].map((name) => [name, { unknown: error.message }]));
    }
  }

  /** Ends its connections. Never fails. */
  async close(): Promise<void> {
    await Promise.all([this.#connection?.close(), this.#watching?.close()]);
    this.#connection = undefined;
    this.#watching = undefined;
  }
}

/** What is told of a shard that cannot be reached. */
export function unreachable(shard: string, at: number, reason: string): ShardMetrics {
  const unknown = { unknown: `the shard cannot be reached: ${reason}` };
  const values = Object.fromEntries(SHARD_NAME_LIST.map((name) => [name, unknown]));
  return {
    shard,
    at,
    values,
    sources: {},
    unknown: unknownOf(values),
    table_counts: {},
    rows_exact: false,
    reachable: false,
  };
}

type OwnValues = Readonly<Record<ShardName, number | Unknown>>;

function connectionsOf(status: ReadonlyMap<string, string>): number | Unknown {
  const text = status.get("threads_connected");
  return text === undefined ? { unknown: "the server does not tell it" } : Number(text);
}

function sourcesOf(own: OwnValues, counts: RowCounts, host: string): Readonly<Record<string, string>> {
  const all: Readonly<Record<ShardName, string>> = {
    cpu: host,
    memory: host,
    disk: host,
    rows: counts.exact
      ? "COUNT(*) of owned slots"
      : "information_schema.TABLES, estimated, where not counted",
    size: "information_schema.TABLES, estimated",
    qps: "the status Questions, between two looks",
    connections: "the status Threads_connected",
  };
  const known = SHARD_NAME_LIST.filter((name) => !isUnknown(own[name]));
  return Object.fromEntries(known.map((name) => [name, all[name]]));
}

function unknownOf(values: Readonly<Record<string, Reading>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => isUnknown(value) ? [[name, value.unknown]] : []),
  );
}

/** Who a server says that it is, and where its data is. Throws DatabaseError. */
async function readSelf(
  connection: Connection,
): Promise<{ readonly report: SelfReport; readonly datadir: string | undefined }> {
  const [row] = await connection.query(
    "SELECT @@hostname AS h, @@port AS p, @@server_id AS i, @@global.read_only AS r, @@datadir AS d, UNIX_TIMESTAMP() AS n",
  );
  const [status] = await connection.query("SHOW GLOBAL STATUS LIKE 'Uptime'");
  const uptime = Number(Object.values(status ?? {}).at(-1));
  const started = Number(row?.["n"]) - uptime;
  if (row === undefined || !Number.isSafeInteger(started)) {
    throw new DatabaseError("statement", "the server does not say who it is");
  }
  const datadir = typeof row["d"] === "string" && row["d"].startsWith("/") ? row["d"] : undefined;
  return {
    report: {
      identity: { server: `${row["h"]}:${row["p"]}:${row["i"]}`, started },
      uptime: uptime * 1000,
      readOnly: isOn(row["r"]),
    },
    datadir,
  };
}

function isOn(value: Row[string] | undefined): boolean {
  return value !== 0 && value !== "0" && value !== "OFF" && value !== null && value !== undefined;
}

/** What a plugin of some servers tells, where it is there and the account may use it. */
async function diskByPlugin(
  connection: Connection,
  datadir: string | undefined,
): Promise<number | Unknown | undefined> {
  const rows = await attempt(
    connection,
    "SELECT Path AS p, Used AS u, Available AS a FROM information_schema.DISKS",
  );
  if (rows instanceof DatabaseError || datadir === undefined) return undefined;
  const mounts = rows.filter(({ p }) => `${datadir}/`.startsWith(String(p) === "/" ? "/" : `${p}/`));
  const [found] = mounts.toSorted((a, b) => String(b["p"]).length - String(a["p"]).length);
  if (found === undefined) return undefined;
  const [used, available] = [Number(found["u"]), Number(found["a"])];
  return percent(used, used + available);
}
