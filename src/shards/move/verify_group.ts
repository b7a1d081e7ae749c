import { DatabaseError } from "../../connection/mod.ts";
import { SLOT_COUNT } from "../slots/key.ts";
import { type GroupAccess, MoveError } from "./contract.ts";
import { spansOf } from "./copy.ts";
import { withMetadata, withSession } from "./group.ts";
import { activeMove, type JournalMove } from "./journal.ts";
import { sumOf } from "./reference.ts";
import type { Session } from "./session.ts";
import { readStanding, type Standing } from "./standing.ts";
import { type MovedTable, readTables, spanSql } from "./table.ts";

/** Something that is not as it has to be. */
export interface GroupProblem {
  /** A shard, or `map`. */
  readonly where: string;
  readonly problem: string;
}

/** What one shard has. */
export interface VerifiedShard {
  readonly shard: string;
  readonly slots: number;
  /** By table: rows of slots that it owns. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What all shards have. */
export interface GroupReport {
  readonly ok: boolean;
  readonly shards: readonly VerifiedShard[];
  readonly problems: readonly GroupProblem[];
  /** The move that is under way: its slots are on two shards, and it compares them itself. */
  readonly move?: string;
}

interface SeenShard extends VerifiedShard {
  readonly standing: Standing | undefined;
  readonly sums: ReadonlyMap<string, string>;
  readonly problems: readonly GroupProblem[];
}

/**
 * Reads all rows of all shards, in parts: each has to be on the shard that owns its slot, each slot on one shard, and what
 * is whole on every shard has to be the same. Throws DatabaseError where a shard is missing: then nothing is certain.
 */
export async function verifyGroup(group: GroupAccess): Promise<GroupReport> {
  const map = await withMetadata(group, readMapped);
  const shards = await shardNames(group);
  const seen: SeenShard[] = [];
  for (const name of shards) {
    seen.push(await withSession(group, name, (session) => see(group, session, map.move)));
  }
  const problems = [
    ...seen.flatMap((each) => each.problems),
    ...ownershipProblems(seen, map),
    ...referenceProblems(seen),
  ];
  return {
    ok: problems.length === 0,
    shards: seen.map(({ shard, slots, rows }) => ({ shard, slots, rows })),
    problems,
    ...map.move && { move: map.move.id },
  };
}

/** The shards of the configuration, and those that the map knows and the configuration has an address for. */
export async function shardNames(group: GroupAccess): Promise<readonly string[]> {
  const served = await withMetadata(group, (metadata) => metadata.rows("SELECT shard FROM qs_serving")).catch(
    (error) => {
      if (error instanceof DatabaseError && error.errno === NO_TABLE) return [];
      throw error;
    },
  );
  const known = new Set(group.databases.map(({ name }) => name));
  return [...new Set([...group.sharding.shards, ...served.map(({ shard }) => shard!)])].filter((name) =>
    known.has(name)
  );
}

const NO_TABLE = 1146;

interface Mapped {
  readonly owners: ReadonlyMap<number, string>;
  readonly serving: ReadonlyMap<string, { readonly since: bigint; readonly epoch: bigint }>;
  readonly move: JournalMove | undefined;
}

async function readMapped(metadata: Session): Promise<Mapped> {
  const move = await activeMove(metadata).catch((error) => {
    if (error instanceof DatabaseError && error.errno === NO_TABLE) return undefined;
    throw error;
  });
  const slots = await metadata.rows("SELECT slot, shard FROM qs_map");
  const serving = await metadata.rows("SELECT * FROM qs_serving");
  return {
    move,
    owners: new Map(slots.map(({ slot, shard }) => [Number(slot), shard!])),
    serving: new Map(serving.map(({ shard, epoch, since }) => {
      const first = BigInt(since ?? "0");
      return [shard!, { epoch: BigInt(epoch!), since: first === 0n ? BigInt(epoch!) : first }];
    })),
  };
}

async function see(group: GroupAccess, session: Session, move: JournalMove | undefined): Promise<SeenShard> {
  const { name } = session;
  const standing = await readStanding(session);
  const problems: GroupProblem[] = [];
  const rows: Record<string, number> = {};
  const moving = move !== undefined && (move.from === name || move.to === name) ? move.slots : [];
  for (const table of await readTables(session, group.sharding, "sharded")) {
    const { own, strange } = await countRows(group, session, { table, moving });
    rows[table.name] = own;
    if (strange > 0) {
      problems.push({
        where: name,
        problem: `"${table.name}" has ${strange} rows of slots that it does not own`,
      });
    }
  }
  const sums = new Map<string, string>();
  for (const table of await readTables(session, group.sharding, "reference")) {
    sums.set(table.name, await sumOf(session, table));
  }
  const slots = [...standing?.states.values() ?? []].filter((state) => state !== "arriving").length;
  return { shard: name, slots, rows, standing, sums, problems };
}

async function countRows(
  { sharding }: GroupAccess,
  session: Session,
  { table, moving }: { readonly table: MovedTable; readonly moving: readonly number[] },
): Promise<{ readonly own: number; readonly strange: number }> {
  const counts = { own: 0, strange: 0 };
  const isMoving = moving.length === 0 ? "FALSE" : `s IN (${moving.join()})`;
  for await (const span of spansOf({ sharding }, session, table)) {
    const [row] = await session.rows(
      `SELECT COALESCE(SUM(o), 0) AS own, COALESCE(SUM(NOT o AND NOT m), 0) AS strange FROM (SELECT s IN (SELECT slot FROM ` +
        `qs_slots WHERE state <> 'arriving') AS o, ${isMoving} AS m FROM (SELECT ${table.slot} AS s FROM ${table.sql} WHERE ${
          spanSql(table, span)
        }) AS slots) AS found`,
    );
    counts.own += Number(row!["own"]);
    counts.strange += Number(row!["strange"]);
  }
  return counts;
}

function ownershipProblems(
  seen: readonly SeenShard[],
  { owners, serving, move }: Mapped,
): readonly GroupProblem[] {
  const problems: GroupProblem[] = [];
  const owned = ownersOfSlots(seen);
  const moving = new Set(move?.slots);
  const wrong = Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !moving.has(slot));
  const none = wrong.filter((slot) => (owned.get(slot) ?? []).length === 0);
  const two = wrong.filter((slot) => (owned.get(slot) ?? []).length > 1);
  const other = wrong.filter((slot) =>
    owned.get(slot)?.length === 1 && owned.get(slot)![0] !== owners.get(slot)
  );
  if (none.length > 0) problems.push({ where: "map", problem: `no shard owns ${some(none)}` });
  if (two.length > 0) problems.push({ where: "map", problem: `two shards own ${some(two)}` });
  if (other.length > 0) {
    problems.push({ where: "map", problem: `the map names another owner of ${some(other)}` });
  }
  for (const { shard, standing } of seen) {
    const served = serving.get(shard);
    if (standing === undefined && served === undefined) continue;
    const isServed = standing !== undefined && served !== undefined &&
      BigInt(standing.epoch) >= served.since &&
      BigInt(standing.epoch) <= served.epoch;
    const isLate = move !== undefined && (move.from === shard || move.to === shard);
    if (!isServed && !isLate) {
      problems.push({
        where: shard,
        problem: `its epoch is ${standing?.epoch ?? "none"}, and in the map ${served?.epoch ?? "none"}`,
      });
    }
    if (standing !== undefined && standing.name !== shard) {
      problems.push({ where: shard, problem: `it calls itself "${standing.name}"` });
    }
  }
  return problems;
}

/** Who owns each slot: of one that is being handed over, who may write to it. */
export function ownersOfSlots(
  shards: readonly { readonly shard: string; readonly standing: Standing | undefined }[],
): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const wanted of ["owned", "frozen"] as const) {
    for (const { shard, standing } of shards) {
      for (const [slot, state] of standing?.states ?? []) {
        if (state !== wanted) continue;
        const known = found.get(slot) ?? [];
        const isOwned = wanted === "frozen" && known.length > 0;
        if (!isOwned || isFrozenTwice(shards, slot, known)) found.set(slot, [...known, shard]);
      }
    }
  }
  return found;
}

/** Two shards that have a slot frozen are two owners; one that is frozen beside one that is owned was handed over. */
function isFrozenTwice(
  shards: readonly { readonly shard: string; readonly standing: Standing | undefined }[],
  slot: number,
  known: readonly string[],
): boolean {
  return shards.some(({ shard, standing }) =>
    known.includes(shard) && standing?.states.get(slot) === "frozen"
  );
}

function some(slots: readonly number[]): string {
  const named = slots.slice(0, 5).join(", ");
  return slots.length > 5 ? `${slots.length} slots, such as ${named}` : `slot ${named}`;
}

function referenceProblems(seen: readonly SeenShard[]): readonly GroupProblem[] {
  const [first, ...others] = seen;
  return others.flatMap(({ shard, sums }) =>
    [...sums].flatMap(([table, sum]) =>
      sum === first!.sums.get(table)
        ? []
        : [{ where: shard, problem: `the reference table "${table}" is not the same as on ${first!.shard}` }]
    )
  );
}

/** @throws {MoveError} Where a move is under way. */
export function refuseDuringMove(move: JournalMove | undefined): void {
  if (move === undefined) return;
  throw new MoveError(
    `move ${move.id} is under way: its step is ${move.step}`,
    "end it first: shards resume, or shards abort",
  );
}
