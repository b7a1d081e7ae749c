import type { Capabilities } from "../../database/mod.ts";
import type { HealthRead } from "../health_read.ts";
import { SOURCES } from "../session_source.ts";

const ROW_LOCK_WAITS = "Innodb_row_lock_current_waits";

/** How many wait for row locks. Needs no privilege. */
export const readRowLockCount: HealthRead = {
  names: ["row_lock_waits"],
  variables: () => [ROW_LOCK_WAITS],
  values: ({ variable }) => ({ health: { row_lock_waits: variable(ROW_LOCK_WAITS) } }),
};

/** How many wait for metadata locks, as the process list shows their state. */
export const readMetadataLockCount: HealthRead = {
  names: ["metadata_lock_waits"],
  need: "sessions",
  columns: ({ sessions }: Capabilities) => {
    const { threads, state } = SOURCES[sessions];
    return {
      metadata_lock_waits:
        `(SELECT COUNT(*) FROM ${threads} WHERE ${state} LIKE 'Waiting for%metadata lock')`,
    };
  },
  values: ({ row }) => ({ health: { metadata_lock_waits: Number(row["metadata_lock_waits"]) } }),
};
