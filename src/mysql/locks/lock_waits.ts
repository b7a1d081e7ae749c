import type { Capabilities } from "../capabilities.ts";
import type { HealthRead } from "../reads/health_read.ts";
import { SOURCES } from "../reads/session_source.ts";

const ROW_LOCK_WAITS = "Innodb_row_lock_current_waits";

/** The number of transactions that wait for row locks. Requires no privilege. */
export const readRowLockCount: HealthRead = {
  names: ["row_lock_waits"],
  variables: () => [ROW_LOCK_WAITS],
  values: ({ variable }) => ({ health: { row_lock_waits: variable(ROW_LOCK_WAITS) } }),
};

/**
 * An SQL condition on the state column: the session waits for a metadata lock, including those of FLUSH, backups
 * and GET_LOCK (MDL_key::m_namespace_to_wait_state_name in sql/mdl.cc, and sql/sql_base.cc for the flush).
 */
export function waitsForMetadataLock(state: string): string {
  return `${state} LIKE 'Waiting for %metadata lock' OR ${state} IN ('Waiting for backup lock', ` +
    "'Waiting for global read lock', 'Waiting for commit lock', 'Waiting for table flush', 'User lock')";
}

/** The number of sessions that wait for metadata locks, by their state in the process list. */
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
