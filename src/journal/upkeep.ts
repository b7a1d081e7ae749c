import type { DatabaseSync } from "node:sqlite";
import { openJournal } from "./open.ts";
import { requireFile, troubleOf } from "./trouble.ts";

/** Somebody waits at a terminal: another program's write is waited for so long, in milliseconds. */
const PATIENCE = 2000;

/** An open journal. SQLite's own class can close itself at the end of a block only in newer runtimes than that of binaries. */
export interface OpenJournal extends Disposable {
  readonly database: DatabaseSync;
}

/**
 * Opens a journal that is there for upkeep by hand, and brings it up to date.
 * @throws {JournalError} If it cannot be opened, in words.
 */
export function openForUpkeep(file: string): OpenJournal {
  try {
    requireFile(file);
    const database = openJournal(file, { busy: PATIENCE, synchronous: "FULL", checkpoint: 1000 });
    return { database, [Symbol.dispose]: () => database.close() };
  } catch (error) {
    throw troubleOf(file, error);
  }
}
