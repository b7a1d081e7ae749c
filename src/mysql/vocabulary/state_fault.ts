import type { ComparedText, Fault } from "../../language/mod.ts";
import { nearest } from "../../text/nearest.ts";

/**
 * The most common states in process lists, spelled exactly (MySQL's manual, "Examining Server Thread Information";
 * stages of MariaDB's sql/mysqld.cc). There are more, and new versions add some.
 */
const STATES = [
  "After create",
  "altering table",
  "Analyzing",
  "checking permissions",
  "Checking table",
  "cleaning up",
  "closing tables",
  "Commit",
  "committing alter table to storage engine",
  "converting HEAP to ondisk",
  "copy to tmp table",
  "Copying to group table",
  "Copying to tmp table",
  "Copying to tmp table on disk",
  "Creating index",
  "Creating sort index",
  "creating table",
  "Creating tmp table",
  "deleting from main table",
  "deleting from reference tables",
  "discard_or_import_tablespace",
  "end",
  "executing",
  "Execution of init_command",
  "Filling schema table",
  "Flushing tables",
  "freeing items",
  "FULLTEXT initialization",
  "init",
  "Init",
  "Killing slave",
  "login",
  "manage keys",
  "Opening system tables",
  "Opening tables",
  "optimizing",
  "Optimizing",
  "preparing",
  "Preparing",
  "preparing for alter table",
  "Purging old relay logs",
  "query end",
  "Query end",
  "Reading from net",
  "Receiving from client",
  "Removing duplicates",
  "removing tmp table",
  "rename",
  "rename result table",
  "Reopen tables",
  "Repair by sorting",
  "Repair done",
  "Repair with keycache",
  "Rolling back",
  "Saving state",
  "Searching rows for update",
  "Sending data",
  "Sending to client",
  "setup",
  "Sorting for group",
  "Sorting for order",
  "Sorting index",
  "Sorting result",
  "starting",
  "Statistics",
  "statistics",
  "Storing result in query cache",
  "System lock",
  "Table lock",
  "update",
  "Update",
  "updating",
  "Updating",
  "updating main table",
  "updating reference tables",
  "User lock",
  "User sleep",
  "Waiting for backup lock",
  "Waiting for commit lock",
  "Waiting for event metadata lock",
  "Waiting for global read lock",
  "Waiting for lock_type lock",
  "Waiting for query cache lock",
  "Waiting for schema metadata lock",
  "Waiting for stored function metadata lock",
  "Waiting for stored procedure metadata lock",
  "Waiting for table",
  "Waiting for table flush",
  "Waiting for table level lock",
  "Waiting for table metadata lock",
  "Waiting for tables",
  "Waiting for trigger metadata lock",
  "Writing to net",
] as const;

/** Returns what is wrong with a state that is compared exactly: its letter case or, most probably, its spelling. */
export function stateFault({ text, way }: ComparedText): Fault | undefined {
  if (way !== "equal" || text === "" || STATES.some((state) => state === text)) return undefined;
  const same = STATES.filter((state) => state.toLowerCase() === text.toLowerCase()).map((state) =>
    `'${state}'`
  );
  if (same.length > 0) {
    const why = 'states are compared exactly, only "like" ignores the case of letters';
    return { why, meant: same.join(" or ") };
  }
  const near = nearest(text, STATES);
  return near === undefined
    ? undefined
    : { why: "it is not among the states that are known", meant: `'${near}'`, isDoubtful: true };
}
