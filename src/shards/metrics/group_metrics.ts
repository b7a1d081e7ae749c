import type { Clock } from "../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError } from "../../connection/mod.ts";
import type { Target } from "../../target/mod.ts";
import type { GroupSnapshot, MapState } from "../policy/snapshot.ts";
import { SHARD_NAME_LIST } from "../policy/vocabulary.ts";
import { type Member, readMembers } from "../members/member.ts";
import { mapOver, mapProblem } from "../router/open_router.ts";
import { RouterProblem } from "../router/problem.ts";
import { openSession } from "../router/session.ts";
import { fitsEpoch, hasSlotsOf, type SlotMap, slotsOf } from "../slots/slot_map.ts";
import { ShardReader, type ShardReading, unreachable } from "./shard_reader.ts";

/** A group as it is now: what is configured, and what was added. */
export interface MeasuredGroup {
  readonly sharding: ShardingConfig;
  readonly databases: readonly WatchedDatabase[];
}

export interface GroupMetricsOptions {
  readonly clock: Clock;
  /** Asked before each look. */
  group(): MeasuredGroup | Promise<MeasuredGroup>;
  /** A shard as a database, for the names of databases that policies use. */
  target(database: WatchedDatabase): Target;
}

/** A reader, and what it was made for. */
interface KnownReader {
  readonly reader: ShardReader;
  readonly place: string;
  readonly growth: ShardingConfig["growth"];
}

/** How long a statement at the metadata may take, in milliseconds. */
const PATIENCE = 3_500;

/** Measures the shards of a group: one connection each, and one to the metadata. */
export class GroupMetrics {
  readonly #options: GroupMetricsOptions;
  readonly #readers = new Map<string, KnownReader>();
  #metadata: Connection | undefined;
  #looking: Promise<GroupSnapshot> | undefined;

  constructor(options: GroupMetricsOptions) {
    this.#options = options;
  }

  /** Looks at all shards at once. Never fails: what cannot be read is unknown. One look at a time. */
  look(): Promise<GroupSnapshot> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<GroupSnapshot> {
    const group = await this.#options.group();
    const at = this.#options.clock.now();
    const map = await this.#map(group);
    const names = [...new Set([...group.sharding.shards, ...typeof map === "string" ? [] : map.owners])];
    const [readings, moving] = await Promise.all([
      Promise.all(names.map((name) => this.#reading(name, group, at))),
      this.#isMoving(group),
    ]);
    const isFrozen = readings.some(({ ownership }) => (ownership?.frozen ?? 0) > 0);
    return {
      at,
      shards: readings.map(({ metrics }) => metrics),
      map: typeof moving === "string"
        ? { version: 0, agrees: false, reason: moving }
        : mapState(map, readings),
      moving: moving === true || isFrozen,
    };
  }

  async #reading(name: string, { sharding, databases }: MeasuredGroup, at: number): Promise<ShardReading> {
    const database = databases.find((database) => database.name === name);
    if (database === undefined) return { metrics: unreachable(name, at, "its address is not known here") };
    const place = JSON.stringify(database.address);
    let known = this.#readers.get(name);
    const { growth } = sharding;
    if (known?.place !== place || known.growth !== growth) {
      await known?.reader.close();
      const needs = databaseNames(sharding);
      const target = needs.size === 0 ? undefined : this.#options.target(database);
      known = {
        place,
        growth,
        reader: new ShardReader(database, { clock: this.#options.clock, sharding, target, needs }),
      };
      this.#readers.set(name, known);
    }
    return await known.reader.look();
  }

  /** Whether a move is under way; a text says why that is not known. */
  async #isMoving({ sharding, databases }: MeasuredGroup): Promise<boolean | string> {
    const database = databases.find(({ name }) => name === sharding.metadata);
    // The map tells that.
    if (database === undefined) return false;
    try {
      const rows = await this.#ask(
        { sharding, databases },
        (session) => attempt(session, "SELECT COUNT(*) AS n FROM qs_move WHERE active = 1"),
      );
      if (!(rows instanceof DatabaseError)) return Number(rows[0]?.["n"]) > 0;
      // Before the first move there may be no journal of moves.
      return rows.errno === NO_TABLE ? false : `the journal of moves cannot be read: ${rows.message}`;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return `the metadata cannot be read: ${error.message}`;
    }
  }

  /** The servers that were added, over the connection of looks. Throws DatabaseError. */
  async members(): Promise<readonly Member[]> {
    return await this.#ask(await this.#options.group(), readMembers);
  }

  /** The map, or why it cannot be used. */
  async #map(group: MeasuredGroup): Promise<SlotMap | string> {
    const { metadata, shards } = group.sharding;
    if (!group.databases.some(({ name }) => name === metadata)) {
      return `the metadata database is not known here: "${metadata}"`;
    }
    try {
      return await this.#ask(group, (session) => mapOver(session, shards));
    } catch (error) {
      const problem = mapProblem(error, metadata);
      if (problem instanceof RouterProblem) return problem.message;
      throw problem;
    }
  }

  /** Asks the metadata over the one connection that looks keep; a lost one is made again. Throws DatabaseError. */
  async #ask<T>(
    { sharding: { metadata, schema }, databases }: MeasuredGroup,
    use: (session: Connection) => Promise<T>,
  ): Promise<T> {
    const known = this.#metadata;
    if (known !== undefined && known.lost === undefined) {
      try {
        return await use(known);
      } catch (error) {
        this.#leave(known);
        if (!(error instanceof DatabaseError) || error.kind !== "lost") throw error;
      }
    }
    const database = databases.find(({ name }) => name === metadata)!;
    const made = await openSession(database, { schema, milliseconds: PATIENCE });
    this.#metadata = made;
    try {
      return await use(made);
    } catch (error) {
      this.#leave(made);
      throw error;
    }
  }

  /** After an error it may be in a transaction. */
  #leave(session: Connection): void {
    session.drop();
    if (this.#metadata === session) this.#metadata = undefined;
  }

  /** Ends all connections. Never fails. */
  async close(): Promise<void> {
    await this.#looking?.catch(() => {});
    await Promise.all([
      ...[...this.#readers.values()].map(({ reader }) => reader.close()),
      this.#metadata?.close(),
    ]);
    this.#readers.clear();
    this.#metadata = undefined;
  }
}

const NO_TABLE = 1146;

/** The names in policies that are those of databases. */
function databaseNames({ growth: { policies } }: ShardingConfig): ReadonlySet<string> {
  const named = policies.flatMap(({ when, until }) => [...when.needs, ...until?.needs ?? []]);
  const own: readonly string[] = SHARD_NAME_LIST;
  return new Set(named.filter((name) => !own.includes(name)));
}

/** Whether all shards that can be reached own what the map says. */
export function mapState(map: SlotMap | string, readings: readonly ShardReading[]): MapState {
  if (typeof map === "string") return { version: 0, agrees: false, reason: map };
  for (const { metrics: { shard }, ownership } of readings) {
    const reason = ownership && difference(shard, ownership, map);
    if (reason !== undefined) return { version: map.version, agrees: false, reason };
  }
  return { version: map.version, agrees: true };
}

function difference(
  shard: string,
  { epoch, slots }: NonNullable<ShardReading["ownership"]>,
  map: SlotMap,
): string | undefined {
  const expected = slotsOf(map, shard);
  if (expected.length === 0 && slots.length === 0) return undefined;
  if (epoch === undefined || !fitsEpoch(map, shard, epoch)) {
    return `${shard} has epoch ${epoch ?? "none"}, and in the map ${map.epochs.get(shard) ?? "none"}`;
  }
  return hasSlotsOf(map, shard, slots)
    ? undefined
    : `${shard} owns ${slots.length} slots, and in the map ${expected.length} or others`;
}
