import { captureSql, dropLogSql, dropTriggersSql } from "./capture.ts";
import type { GroupAccess, MoveRequest, MoveStep } from "./contract.ts";
import { raiseSql, servingSql } from "./epochs.ts";
import { withMetadata, withSession } from "./group.ts";
import { checkShards, checkSlots } from "./requests.ts";
import { slotsText } from "./ranges.ts";
import { keySql, type MovedTable, orderSql, readTables, rowSql } from "./table.ts";

/** What a step of a move would send to one of its servers. */
export interface RehearsedStep {
  readonly step: MoveStep;
  readonly database: string;
  readonly statements: readonly string[];
}

/**
 * What a move would do, without anything being written. `…` stands for keys and rows that are found on the way.
 * @throws {MoveError} Where it would be refused.
 * @throws {DatabaseError}
 */
export async function rehearseMove(
  group: GroupAccess,
  request: Pick<MoveRequest, "from" | "to" | "slots">,
): Promise<readonly RehearsedStep[]> {
  checkSlots(request);
  const { from, to } = request;
  const epochs = await withMetadata(group, (metadata) => checkShards(group, request, metadata));
  const tables = await withSession(group, from, (session) => readTables(session, group.sharding, "sharded"));
  const [source, destination] = [BigInt(epochs.sourceEpoch), BigInt(epochs.destinationEpoch)];
  return stepsOf(group, request, { tables, source, destination }).map(([step, database, statements]) => ({
    step,
    database: { from, to, map: group.sharding.metadata }[database],
    statements,
  }));
}

interface Known {
  readonly tables: readonly MovedTable[];
  /** The epochs before. */
  readonly source: bigint;
  readonly destination: bigint;
}

type Row = readonly [step: MoveStep, database: "from" | "to" | "map", statements: readonly string[]];

function stepsOf(
  { sharding: { move } }: GroupAccess,
  { from, to, slots }: Pick<MoveRequest, "from" | "to" | "slots">,
  { tables, source, destination }: Known,
): readonly Row[] {
  const list = `(${slots.join()})`;
  const serve = (shard: string, epoch: bigint, hides: number) =>
    servingSql({ shard, epoch, hides: hides === 1 });
  const each = (sql: (table: MovedTable) => string) => tables.map(sql);
  return [
    ["requested", "map", [
      `INSERT INTO qs_move (source, destination, slots, …) VALUES ('${from}', '${to}', '${
        slotsText(slots)
      }', …)`,
    ]],
    ["prepare", "to", [
      `INSERT INTO qs_slots (slot, state) VALUES ${slots.map((slot) => `(${slot}, 'arriving')`).join(", ")}`,
    ]],
    ["prepare", "map", [serve(to, destination, 1)]],
    ["prepare", "to", [raiseSql(destination + 1n)]],
    ["prepare", "from", tables.flatMap((table) => captureSql(table, slots))],
    [
      "copy",
      "from",
      each((table) =>
        `SELECT ${rowSql(table)} FROM ${table.sql} WHERE … AND ${table.slot} IN ${list} ORDER BY ${
          orderSql(table)
        } LIMIT ${move.chunk}`
      ),
    ],
    ["copy", "to", each(({ sql }) => `REPLACE INTO ${sql} … VALUES …`)],
    [
      "catch-up",
      "from",
      each(({ log }) =>
        `SELECT * FROM ${log} ORDER BY qs_id LIMIT 500; DELETE FROM ${log} WHERE qs_id IN (…)`
      ),
    ],
    ["catch-up", "to", each(({ sql }) => `DELETE FROM ${sql} WHERE …; REPLACE INTO ${sql} … VALUES …`)],
    [
      "verify",
      "from",
      each((table) => `SELECT COUNT(*), SUM(…), BIT_XOR(…), ${keySql(table)} FROM ${table.sql} WHERE …`),
    ],
    ["freeze", "from", [`UPDATE qs_slots SET state = 'frozen' WHERE slot IN ${list} AND state = 'owned'`]],
    ["flip", "map", [
      `UPDATE qs_map SET shard = '${to}' WHERE slot IN ${list} AND shard = '${from}'`,
      serve(from, source, 1),
      serve(to, destination + 1n, 1),
    ]],
    ["flip", "from", [raiseSql(source + 1n)]],
    ["flip", "to", [
      `UPDATE qs_slots SET state = 'owned' WHERE slot IN ${list} AND state = 'arriving'`,
      raiseSql(destination + 2n),
    ]],
    ["flip", "from", [`DELETE FROM qs_slots WHERE slot IN ${list} AND state = 'frozen'`]],
    ["keep-old", "from", []],
    ["clean", "from", [
      ...tables.flatMap(dropTriggersSql),
      ...each((table) => `DELETE FROM ${table.sql} WHERE … AND ${table.slot} IN ${list}`),
      ...each(dropLogSql),
    ]],
    ["done", "map", [serve(from, source + 1n, 0), serve(to, destination + 2n, 0)]],
  ];
}
