import type { Connection, Row } from "../../connection/mod.ts";
import { verbOf } from "../../digest/mod.ts";
import { namesTable } from "./flush_waits.ts";
import { type MetadataLock, metadataLockEdges } from "./lock_conflicts.ts";
import type { WaitEdge, Waits } from "./wait_graph.ts";
import { waitsForMetadataLock } from "./lock_waits.ts";

const MOST_ROWS = 5000;

/** A session that waits for a metadata lock, according to the process list. */
export interface MetadataWaiter {
  /** The connection's id. */
  readonly id: number;
  readonly applier: boolean;
  /** The namespace of the lock, as its state names it: `table`, `schema`, `backup`, `user`, … */
  readonly namespace: string;
  /** Its statement. Never stored. */
  readonly text: string;
}

/**
 * Reads who waits for a metadata lock. The states are those in MDL_key::m_namespace_to_wait_state_name.
 * @throws {DatabaseError}
 */
export async function readMetadataWaiters(connection: Connection): Promise<readonly MetadataWaiter[]> {
  const rows = await connection.query(
    "SELECT ID AS id, USER = 'system user' AS applier, STATE AS state, LEFT(INFO, 65535) AS text " +
      "FROM information_schema.PROCESSLIST " +
      `WHERE ${waitsForMetadataLock("STATE")} LIMIT ${MOST_ROWS}`,
  );
  return rows.map((row) => ({
    id: Number(row["id"]),
    applier: Number(row["applier"]) === 1,
    namespace: /^(?:Waiting for )?(\w+)/.exec(String(row["state"]))?.[1]?.toLowerCase() ?? "",
    text: String(row["text"] ?? ""),
  }));
}

/**
 * Matches the waiting sessions of the process list with the locks of the plugin, which shows only granted ones.
 * What a statement waits for is inferred from its verb and the tables that it names.
 * @throws {DatabaseError}
 */
export async function readLockInfoWaits(
  connection: Connection,
  waiters: readonly MetadataWaiter[],
): Promise<Waits> {
  const rows = await connection.query(
    "SELECT THREAD_ID AS id, REPLACE(LOCK_MODE, 'MDL_', '') AS type, LOCK_TYPE AS namespace, " +
      "TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name FROM information_schema.METADATA_LOCK_INFO " +
      `WHERE THREAD_ID <> CONNECTION_ID() LIMIT ${MOST_ROWS}`,
  );
  const held = rows.map(heldOf);
  const edges = lockInfoEdges(held, waiters);
  const known = new Set(edges.map(({ waiter }) => waiter));
  return {
    edges,
    waiting: waiters.map(({ id }) => id),
    appliers: waiters.filter(({ applier }) => applier).map(({ id }) => id),
    gap: waiters.every(({ id }) => known.has(id)) && rows.length < MOST_ROWS
      ? undefined
      : "the server does not show who holds the metadata lock that a session waits for",
  };
}

/** A granted lock, as the plugin shows it. */
export interface HeldLock {
  readonly id: number;
  readonly type: string;
  /** `table`, `schema`, `backup`, `user`, … */
  readonly namespace: string;
  readonly schema: string;
  /** The name of the table or the user lock. */
  readonly name: string;
}

function heldOf(row: Row): HeldLock {
  const [schema, name] = [String(row["table_schema"] ?? ""), String(row["table_name"] ?? "")];
  const namespace = String(row["namespace"]).split(" ")[0]!.toLowerCase();
  // The name of a user lock is in the column of the schema.
  return {
    id: Number(row["id"]),
    type: String(row["type"]),
    namespace,
    schema,
    name: name === "" ? schema : name,
  };
}

/** Infers the requests of waiting sessions, then uses the same conflict tables as for servers that show requests. */
export function lockInfoEdges(
  held: readonly HeldLock[],
  waiters: readonly MetadataWaiter[],
): readonly WaitEdge[] {
  const objectOf = ({ namespace, schema, name }: HeldLock) => JSON.stringify([namespace, schema, name]);
  const granted = held.map((lock): MetadataLock => ({
    id: lock.id,
    object: objectOf(lock),
    type: lock.type,
    granted: true,
  }));
  const requests = waiters.flatMap((waiter): readonly MetadataLock[] => {
    const wanted = held.filter((lock) => lock.id !== waiter.id && isWanted(waiter, lock));
    return [...new Set(wanted.map(objectOf))].map((object) => ({
      id: waiter.id,
      object,
      type: requestOf(
        waiter,
        granted.some(({ id, object: own, type }) =>
          id === waiter.id && own === object && type === "SHARED_UPGRADABLE"
        ),
      ),
      granted: false,
    }));
  });
  return metadataLockEdges([...granted, ...requests, ...backupRequests(waiters)]);
}

/** The one object that all sessions waiting for a backup lock wait for. */
const BACKUP = JSON.stringify(["backup", "", ""]);

function backupRequests(waiters: readonly MetadataWaiter[]): readonly MetadataLock[] {
  return waiters.filter(({ namespace }) => namespace === "backup").map(({ id, text }) => ({
    id,
    object: BACKUP,
    type: isBackup(text) ? "BACKUP_FTWRL2" : "BACKUP_TRANS_DML",
    granted: false,
  }));
}

function isBackup(text: string): boolean {
  return ["flush", "backup"].includes(verbOf(text) ?? "");
}

function isWanted({ namespace, text }: MetadataWaiter, lock: HeldLock): boolean {
  return namespace === lock.namespace && namespace !== "backup" && namesTable(text, lock.name);
}

const READS = new Set(["select", "show", "explain", "describe", "table", "dump"]);
const WRITES = new Set(["insert", "update", "delete", "replace", "load", "call", "execute"]);

function requestOf({ namespace, text }: MetadataWaiter, upgrades: boolean): string {
  if (namespace !== "table") return namespace === "schema" ? "EXCLUSIVE" : "SHARED_NO_WRITE";
  const verb = verbOf(text) ?? "";
  if (READS.has(verb)) return "SHARED_READ";
  if (WRITES.has(verb)) return "SHARED_WRITE";
  if (verb === "lock") return /\bwrite\b/i.test(text) ? "SHARED_NO_READ_WRITE" : "SHARED_READ";
  // ALTER first takes an upgradable lock, and upgrades it at the end.
  if (verb === "alter" || verb === "create") return upgrades ? "EXCLUSIVE" : "SHARED_UPGRADABLE";
  return "EXCLUSIVE";
}
