import type { WaitEdge } from "./wait_graph.ts";

/** A metadata lock that a session holds or waits for. */
export interface MetadataLock {
  /** The connection's id. */
  readonly id: number;
  /** What is locked: its type and names, as one string. */
  readonly object: string;
  /** The lock type in the performance schema, such as SHARED_READ. */
  readonly type: string;
  readonly granted: boolean;
}

/**
 * Which granted locks each request waits for (mdl.cc, MDL_object_lock and MDL_scoped_lock, which share only the
 * types SHARED and EXCLUSIVE, with the same meaning). Shared types that are not listed never conflict.
 */
const GRANTED: Readonly<Record<string, readonly string[]>> = table({
  INTENTION_EXCLUSIVE: "SHARED EXCLUSIVE",
  SHARED: "INTENTION_EXCLUSIVE EXCLUSIVE",
  SHARED_HIGH_PRIO: "EXCLUSIVE",
  SHARED_READ: "SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_WRITE: "SHARED_READ_ONLY SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_WRITE_LOW_PRIO: "SHARED_READ_ONLY SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_UPGRADABLE: "SHARED_UPGRADABLE SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_READ_ONLY: "SHARED_WRITE SHARED_WRITE_LOW_PRIO SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_NO_WRITE: "SHARED_WRITE SHARED_WRITE_LOW_PRIO SHARED_UPGRADABLE SHARED_NO_WRITE " +
    "SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_NO_READ_WRITE: "SHARED_READ SHARED_WRITE SHARED_WRITE_LOW_PRIO SHARED_UPGRADABLE SHARED_READ_ONLY " +
    "SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  EXCLUSIVE: "INTENTION_EXCLUSIVE SHARED SHARED_HIGH_PRIO SHARED_READ SHARED_WRITE SHARED_WRITE_LOW_PRIO " +
    "SHARED_UPGRADABLE SHARED_READ_ONLY SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
});

/** Which waiting requests go ahead of each request. */
const PENDING: Readonly<Record<string, readonly string[]>> = table({
  INTENTION_EXCLUSIVE: "SHARED EXCLUSIVE",
  SHARED: "EXCLUSIVE",
  SHARED_READ: "SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_WRITE: "SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_WRITE_LOW_PRIO: "SHARED_WRITE SHARED_READ_ONLY SHARED_NO_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_UPGRADABLE: "EXCLUSIVE",
  SHARED_READ_ONLY: "SHARED_WRITE SHARED_NO_READ_WRITE EXCLUSIVE",
  SHARED_NO_WRITE: "EXCLUSIVE",
  SHARED_NO_READ_WRITE: "EXCLUSIVE",
});

/** The locks that MariaDB's backups take, and FLUSH TABLES WITH READ LOCK, which is implemented as one. */
const BACKUP_STOPS: Readonly<Record<string, readonly string[]>> = table({
  BACKUP_WAIT_FLUSH: "BACKUP_DML",
  BACKUP_WAIT_DDL: "BACKUP_DML BACKUP_TRANS_DML BACKUP_DDL",
  BACKUP_WAIT_COMMIT: "BACKUP_DML BACKUP_TRANS_DML BACKUP_SYS_DML BACKUP_DDL BACKUP_COMMIT",
  BACKUP_FTWRL1: "BACKUP_DML BACKUP_TRANS_DML BACKUP_SYS_DML BACKUP_DDL",
  BACKUP_FTWRL2: "BACKUP_DML BACKUP_TRANS_DML BACKUP_SYS_DML BACKUP_DDL BACKUP_COMMIT",
  BACKUP_BLOCK_DDL: "BACKUP_DDL",
});

function table(rows: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(rows).map(([type, others]) => [type, others.split(" ")]));
}

/**
 * Finds who waits for whom. A request waits for the holders of conflicting locks. The requests ahead of it count
 * only if there is no such holder, since only then would killing them free it.
 */
export function metadataLockEdges(locks: readonly MetadataLock[]): readonly WaitEdge[] {
  const objects = new Map<string, MetadataLock[]>();
  for (const lock of locks) {
    const others = objects.get(lock.object);
    if (others === undefined) objects.set(lock.object, [lock]);
    else others.push(lock);
  }
  return [...objects.values()].flatMap((same) =>
    same.filter(({ granted }) => !granted).flatMap((request) =>
      blockersOf(request, same).map((blocker) => ({ waiter: request.id, blocker }))
    )
  );
}

function blockersOf(request: MetadataLock, locks: readonly MetadataLock[]): readonly number[] {
  const others = locks.filter(({ id }) => id !== request.id);
  const holders = others.filter(({ granted, type }) => granted && isStoppedBy(request.type, type, GRANTED));
  const blockers = holders.length > 0
    ? holders
    : others.filter(({ granted, type }) => !granted && isStoppedBy(request.type, type, PENDING));
  return [...new Set(blockers.map(({ id }) => id))];
}

function isStoppedBy(type: string, by: string, matrix: Readonly<Record<string, readonly string[]>>): boolean {
  if (!type.startsWith("BACKUP_")) return matrix[type]?.includes(by) ?? false;
  if (BACKUP_STOPS[by]?.includes(type)) return true;
  // A second backup waits for the first, and a backup waits for the statements that it stops.
  const isBackup = BACKUP_STOPS[type] !== undefined;
  return matrix === GRANTED && isBackup &&
    (BACKUP_STOPS[by] !== undefined || BACKUP_STOPS[type]!.includes(by));
}
