import { DatabaseSync } from "node:sqlite";
import { migrate } from "./migrate.ts";
import { ADDED, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { transaction } from "./sql.ts";
import { isCurrent, refuse, stateOf } from "./trouble.ts";

/** How to open a journal for writing. */
export interface OpenOptions {
  /** How long to wait for another program that is writing, in milliseconds: all that this program does waits with it. */
  readonly busy: number;
  /** `FULL`: what is committed is on disk. `NORMAL`: after a loss of power the last commits may be missing. */
  readonly synchronous: "FULL" | "NORMAL";
  /** After how many pages a commit also tidies the log away. */
  readonly checkpoint: number;
}

/** The log is cut to this size when it is begun anew, in bytes. */
const LOG_LIMIT = 2 ** 26;

/**
 * Opens a journal for writing. Creates it where there is none, and brings one of an older version to this one.
 * @throws {JournalError} If it is of a newer version, or of another program; it is not touched then.
 * @throws {Error} SQLite's, and the system's.
 */
export function openJournal(file: string, { busy, synchronous, checkpoint }: OpenOptions): DatabaseSync {
  createFor(file);
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${busy}`);
    const state = stateOf(database);
    refuse(state);
    // Then free space can be given back in small steps. Of a file that has tables this can no longer be changed.
    if (state.tables.length === 0) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = OFF; ` +
        `PRAGMA wal_autocheckpoint = ${checkpoint}; PRAGMA journal_size_limit = ${LOG_LIMIT}`,
    );
    if (!isCurrent(state)) transaction(database, () => bringUp(database));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates the file where there is none: whom a kill concerned is not for every user of the host. One that is there is not
 * opened. To close it again would give up all locks that this process has on it by its other connections, and whoever
 * then closes it elsewhere would take itself for the last one, and delete the log that is written to.
 */
function createFor(file: string): void {
  try {
    Deno.statSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.openSync(file, { create: true, write: true, mode: 0o600 }).close();
  }
}

/** Another program may have done it meanwhile. For use within a transaction. */
function bringUp(database: DatabaseSync): void {
  const state = stateOf(database);
  refuse(state);
  if (isCurrent(state)) return;
  if (!state.tables.includes("decision")) {
    database.exec("DROP TABLE IF EXISTS probe");
    database.exec(SCHEMA);
  } else if (!state.tables.includes("manner")) database.exec(ADDED);
  if (state.tables.includes("kill")) migrate(database);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}
