import type { Connection, Row } from "../../connection/mod.ts";
import { isUnavailable, type LockCapabilities } from "../probe_locks.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import { type CostlyPart, namesOfPart } from "../vocabulary/vocabulary.ts";
import { readViewList } from "../transactions/transactions.ts";

/** What a connection can hold from one statement to the next, outside of any transaction. */
export const HOLDS = namesOfPart("holds");
/** One of {@linkcode HOLDS}. */
export type HoldName = CostlyPart<"holds">;

/** By connection id; a connection that is not in it holds nothing. */
export type Holds = ReadonlyMap<number, ReadonlySet<HoldName>>;

/** The most locks that are read. */
const MOST_LOCKS = 5000;

/** A lock or an open table of a connection, as the server shows it. */
export interface ShownHold {
  readonly id: number;
  /** The kind of object, in upper case and without "LOCK": `TABLE`, `USER`, `BACKUP`, …; `HANDLE` for an open table. */
  readonly object: string;
  /** The lock type as MySQL names it; for an open table, how it is locked ('' if it is not). */
  readonly type: string;
  /**
   * Whether it was taken explicitly, so that no transaction or statement releases it; null if the server does not
   * show that.
   */
  readonly explicit: boolean | null;
}

/**
 * Reads what the connections in question hold. Takes one round trip, and a second one if MariaDB does not show
 * whether a lock belongs to a transaction. For running sessions, only named locks and backup locks count, since
 * other locks may belong to the statement.
 * @throws {DatabaseError}
 */
export async function readHolds(
  connection: Connection,
  { metadataLocks, tableHandles, readViews }: LockCapabilities,
  ids: ReadonlySet<number>,
): Promise<Holds | Unknown> {
  if (isUnavailable(metadataLocks)) {
    return { unknown: `it cannot be read without ${metadataLocks.missing}: ${metadataLocks.remedy}` };
  }
  const list = [...ids].join(", ");
  const isPlugin = metadataLocks === "metadata_lock_info";
  const rows = await connection.query(
    isPlugin ? lockInfoQuery(list) : metadataLocksQuery(list, tableHandles),
  );
  if (rows.length >= MOST_LOCKS) return { unknown: `only ${MOST_LOCKS} locks were read` };
  const shown = rows.map(shownOf);
  const doubtful = readViews === "all" && (isPlugin || !tableHandles) && shown.some(isDoubtful);
  const views = doubtful ? await readViewList(connection) : undefined;
  if (views !== undefined && isUnknown(views)) return views;
  return holdsOf(shown, views && new Set(views.limits.keys()));
}

/**
 * Only granted locks. A transaction's locks are not holds, except for those that a transaction never takes by
 * itself.
 */
function metadataLocksQuery(list: string, tableHandles: boolean): string {
  const threads = "performance_schema.threads t";
  const locks = "SELECT DISTINCT t.PROCESSLIST_ID AS id, m.OBJECT_TYPE AS object, m.LOCK_TYPE AS type, " +
    `m.LOCK_DURATION = 'EXPLICIT' AS explicit FROM ${threads} ` +
    "JOIN performance_schema.metadata_locks m ON m.OWNER_THREAD_ID = t.THREAD_ID " +
    `WHERE t.PROCESSLIST_ID IN (${list}) AND m.LOCK_STATUS = 'GRANTED' LIMIT ${MOST_LOCKS}`;
  if (!tableHandles) return locks;
  return `(${locks}) UNION ALL (SELECT DISTINCT t.PROCESSLIST_ID, 'HANDLE', IFNULL(h.EXTERNAL_LOCK, ''), NULL ` +
    `FROM ${threads} JOIN performance_schema.table_handles h ON h.OWNER_THREAD_ID = t.THREAD_ID ` +
    `WHERE t.PROCESSLIST_ID IN (${list}) LIMIT ${MOST_LOCKS})`;
}

function lockInfoQuery(list: string): string {
  return "SELECT DISTINCT THREAD_ID AS id, LOCK_TYPE AS object, REPLACE(LOCK_MODE, 'MDL_', '') AS type, " +
    "NULL AS explicit FROM information_schema.METADATA_LOCK_INFO " +
    `WHERE THREAD_ID IN (${list}) LIMIT ${MOST_LOCKS}`;
}

function shownOf(row: Row): ShownHold {
  const { explicit } = row;
  return {
    id: Number(row["id"]),
    object: String(row["object"]).toUpperCase()
      .replace(/ (?:READ LOCK|METADATA LOCK|LEVEL LOCK|LOCK|SERVICE)$/, ""),
    type: String(row["type"] ?? ""),
    explicit: explicit === null || explicit === undefined ? null : Number(explicit) === 1,
  };
}

/**
 * Whether a lock may be a transaction's, or left behind by HANDLER or LOCK TABLES … READ. MariaDB shows the same
 * for all of these.
 */
function isDoubtful({ object, type, explicit }: ShownHold): boolean {
  return object === "TABLE" && type === "SHARED_READ" && explicit !== true;
}

/**
 * Returns what each connection holds.
 * @param transactions The connections with a transaction, to decide about doubtful locks; without it, a doubtful
 * lock is no hold.
 */
export function holdsOf(shown: readonly ShownHold[], transactions?: ReadonlySet<number>): Holds {
  const holds = new Map<number, Set<HoldName>>();
  for (const each of shown) {
    const { id } = each;
    const outside = transactions !== undefined && isDoubtful(each) && !transactions.has(id);
    const found = outside ? DOUBTFUL : holdOf(each);
    for (const hold of found) holds.set(id, (holds.get(id) ?? new Set()).add(hold));
  }
  return holds;
}

/** Either one of these, so both are assumed. */
const DOUBTFUL: readonly HoldName[] = ["holds_table_lock", "holds_handler"];

/** While no statement runs, only LOCK TABLES and FLUSH TABLES … hold these. */
const TABLE_LOCKS: ReadonlySet<string> = new Set([
  "SHARED_READ_ONLY",
  "SHARED_NO_WRITE",
  "SHARED_NO_READ_WRITE",
  "EXCLUSIVE",
]);

/** MariaDB's locks taken by backups. Its other backup locks are taken by statements that write. */
const BACKUP_LOCKS = /^BACKUP_(?:START|FLUSH|WAIT_|FTWRL|BLOCK_DDL)/;

function holdOf({ object, type, explicit }: ShownHold): readonly HoldName[] {
  switch (object) {
    case "HANDLE":
      return [type === "" ? "holds_handler" : "holds_table_lock"];
    case "USER":
    case "LOCKING":
      return ["holds_user_lock"];
    case "BACKUP":
      return explicit === true || type === "SHARED" || BACKUP_LOCKS.test(type) ? ["holds_backup_lock"] : [];
    case "GLOBAL":
    case "COMMIT":
      return explicit === true || type === "SHARED" ? ["holds_backup_lock"] : [];
    case "TABLE":
      if (TABLE_LOCKS.has(type)) return ["holds_table_lock"];
      // On MariaDB, BACKUP LOCK takes this type. Any other explicit lock, there or on MySQL, is from HANDLER.
      if (type === "SHARED_HIGH_PRIO") return ["holds_backup_lock"];
      return explicit === true ? ["holds_handler"] : [];
    default:
      return [];
  }
}
