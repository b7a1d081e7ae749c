import { FLAVORS } from "../flavor.ts";
import type { Row } from "./row.ts";

/** Names of values of a whole server. A new name is a new row here, and a read in `reads/health.ts`. */
export const DATABASE_NAMES = [
  {
    name: "lag",
    type: "duration",
    meaning: "what a reader of this replica is behind its source; the worst of its channels",
    partly: true,
    standalone: 0,
    part_of: "replication",
    needs: ["replica_status"],
  },
  {
    name: "lag_fetch",
    type: "duration",
    meaning: "the part of it that is not fetched from the source yet",
    partly: true,
    standalone: 0,
    part_of: "replication",
    needs: ["replica_status"],
  },
  {
    name: "lag_apply",
    type: "duration",
    meaning: "the part of it that is fetched, and not applied yet",
    partly: true,
    standalone: 0,
    part_of: "replication",
    needs: ["replica_status"],
  },
  {
    name: "replica",
    type: "boolean",
    meaning: "a replication channel is set up here",
    standalone: false,
    part_of: "replication",
    needs: ["replica_status"],
  },
  {
    name: "replication_running",
    type: "boolean",
    meaning: "every channel receives and applies; false without a channel",
    standalone: false,
    part_of: "replication",
    needs: ["replica_status"],
  },
  {
    name: "read_only",
    type: "boolean",
    meaning: "the server refuses writes of its clients",
  },
  {
    name: "hll",
    type: "number",
    meaning: "InnoDB's history list length: undo records not purged yet",
    needs: ["history"],
  },
  {
    name: "threads_running",
    type: "number",
    meaning: "threads that are not idle, this program's own included",
  },
  { name: "threads_connected", type: "number", meaning: "open connections" },
  {
    name: "connections_used",
    type: "percent",
    meaning: "open connections, in percent of max_connections",
  },
  {
    name: "row_lock_waits",
    type: "number",
    meaning: "transactions that wait for a row lock",
  },
  {
    name: "metadata_lock_waits",
    type: "number",
    meaning: "sessions that wait for a metadata lock, a flush, a backup lock or GET_LOCK()",
  },
  {
    name: "oldest_transaction",
    type: "duration",
    meaning: "age of the oldest open transaction; 0s without one",
    partly: true,
    needs: ["transactions"],
  },
  { name: "uptime", type: "duration", meaning: "since the server started" },
  {
    name: "flavor",
    type: "string",
    meaning: "what the server is",
    values: FLAVORS.toSorted(),
  },
] as const satisfies readonly Row[];
