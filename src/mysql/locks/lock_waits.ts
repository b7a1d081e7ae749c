import type { Capabilities } from "../capabilities.ts";
import type { HealthRead } from "../reads/health_read.ts";
import { SOURCES } from "../reads/session_source.ts";

const ROW_LOCK_WAITS = "Innodb_row_lock_current_waits";

/** How many wait for row locks. Needs no privilege. */
export const readRowLockCount: HealthRead = {
  names: ["row_lock_waits"],
  variables: () => [ROW_LOCK_WAITS],
  values: ({ variable }) => ({ health: { row_lock_waits: variable(ROW_LOCK_WAITS) } }),
};

/**
 * A condition in SQL on the column of states: it waits for a metadata lock, those of FLUSH, of backups and of GET_LOCK
 * among them (MDL_key::m_namespace_to_wait_state_name in sql/mdl.cc, and sql/sql_base.cc for the flush).
 */
export function waitsForMetadataLock(state: string): string {
  return `${state} LIKE 'Waiting for %metadata lock' OR ${state} IN ('Waiting for backup lock', ` +
    "'Waiting for global read lock', 'Waiting for commit lock', 'Waiting for table flush', 'User lock')";
}

/** How many wait for metadata locks, as the process list shows their state. */
export const readMetadataLockCount: HealthRead = {
  names: ["metadata_lock_waits"],
  need: "sessions",
  columns: ({ sessions }: Capabilities) => {
    const { threads, state } = SOURCES[sessions];
    return {
      metadata_lock_waits: `(SELECT COUNT(*) FROM ${threads} WHERE ${waitsForMetadataLock(state)})`,
    };
  },
  values: ({ row }) => ({ health: { metadata_lock_waits: Number(row["metadata_lock_waits"]) } }),
};
