import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import type { Connection } from "../../connection/mod.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { readMap } from "../router/open_router.ts";
import { RouterProblem } from "../router/problem.ts";
import { openSession } from "../router/session.ts";
import { fitsEpoch, hasSlotsOf, type SlotMap, slotsOf } from "../slots/slot_map.ts";
import { readFacts, type ShardFacts } from "./facts.ts";
import { differencesOf, type Finding, findingsOf } from "./findings.ts";
import { misplaced, type Ownership, readOwnership } from "./ownership.ts";

/** What was found of one shard. */
export interface ShardReport {
  readonly shard: string;
  readonly slots: number;
  readonly findings: readonly Finding[];
}

/** What was found of the group. */
export interface CheckReport {
  readonly ok: boolean;
  readonly shards: readonly ShardReport[];
  /** Of the map. */
  readonly map: readonly Finding[];
}

interface Seen {
  readonly facts: ShardFacts;
  readonly ownership: Ownership;
  readonly misplaced: readonly string[];
}

/** How long one statement of a check may take, in milliseconds: it may read a table to its end. */
const PATIENCE = 600_000;

/** Connects to all shards and says what keeps them from being one group. */
export async function checkShards(
  sharding: ShardingConfig,
  databases: readonly WatchedDatabase[],
): Promise<CheckReport> {
  const databaseOf = (name: string) => databases.find((database) => database.name === name)!;
  const map = await readMap(sharding, databaseOf(sharding.metadata)).catch((error) => {
    if (error instanceof RouterProblem) return error;
    throw error;
  });
  const known = map instanceof RouterProblem ? undefined : map;
  const seen = await Promise.all(sharding.shards.map((name) => see(databaseOf(name), sharding)));
  const first = seen.find((each): each is Seen => "facts" in each);
  const shards = seen.map((each, index): ShardReport => {
    const shard = sharding.shards[index]!;
    if (!("facts" in each)) return { shard, slots: 0, findings: [each] };
    const differences = each === first ? [] : differencesOf(each.facts, first!.facts, sharding);
    return {
      shard,
      slots: each.ownership.slots.length,
      findings: [
        ...findingsOf(each.facts, sharding),
        ...differences,
        ...ownershipFindings(shard, each, known),
      ],
    };
  });
  const ofMap = map instanceof RouterProblem
    ? [{ problem: map.message, help: map.hint ?? "see `shards init`" }]
    : [];
  return {
    ok: ofMap.length === 0 && shards.every(({ findings }) => findings.length === 0),
    shards,
    map: ofMap,
  };
}

async function see(database: WatchedDatabase, sharding: ShardingConfig): Promise<Seen | Finding> {
  let connection: Connection | undefined;
  try {
    connection = await openSession(database, { schema: sharding.schema, milliseconds: PATIENCE });
    const facts = await readFacts(connection, sharding);
    const ownership = await readOwnership(connection);
    const { columns } = facts;
    const { slots, epoch } = ownership;
    // Before `init` nothing is on the wrong shard.
    const found = epoch === undefined ? [] : await misplaced(connection, sharding, { columns, slots });
    return { facts, ownership, misplaced: found };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return {
      problem: `it cannot be used: ${error.message}`,
      help: error.advice ?? "see `query-sniper check`",
    };
  } finally {
    await connection?.close();
  }
}

function ownershipFindings(
  shard: string,
  { ownership, misplaced }: Seen,
  map: SlotMap | undefined,
): readonly Finding[] {
  // Rows that arrive or were left behind are not counted.
  const counted = map?.hiding.has(shard) === true ? [] : misplaced;
  const found = counted.map((table): Finding => ({
    problem:
      `"${table}" has rows of slots that this shard does not own: no statement finds them by their key, and all count them`,
    help: "move them to the shard that owns their slots, or delete them where they are there already",
  }));
  if (map === undefined) return found;
  const { epoch, slots } = ownership;
  const expected = slotsOf(map, shard);
  const said = map.epochs.get(shard) ?? "none";
  const isServed = epoch !== undefined && fitsEpoch(map, shard, epoch);
  if (expected.length === 0 && epoch === undefined) return found;
  return [
    ...found,
    ...hasSlotsOf(map, shard, slots) ? [] : [{
      problem: `it owns other slots than the map says: ${slots.length}, and in the map ${expected.length}`,
      help: MAP_HELP,
    }],
    ...isServed
      ? []
      : [{ problem: `its epoch is ${epoch ?? "none"}, and in the map ${said}`, help: MAP_HELP }],
  ];
}

const MAP_HELP = "find out who changed one of them by hand: until they agree, its statements are refused";
