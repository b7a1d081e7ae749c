import type { DatabaseSync } from "node:sqlite";
import { openJournal } from "./open.ts";
import { requireFile, troubleOf } from "./trouble.ts";

/** Somebody waits at a terminal: another program's write is waited for so long, in milliseconds. */
const PATIENCE = 2000;

/**
 * Opens a journal that is there for upkeep by hand, and brings it up to date.
 * @throws {JournalError} If it cannot be opened, in words.
 */
export function openForUpkeep(file: string): DatabaseSync {
  try {
    requireFile(file);
    return openJournal(file, { busy: PATIENCE, synchronous: "FULL", checkpoint: 1000 });
  } catch (error) {
    throw troubleOf(file, error);
  }
}
