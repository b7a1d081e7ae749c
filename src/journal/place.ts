import type { DatabaseSync } from "node:sqlite";
import { JournalError } from "./error.ts";

/**
 * The file and its log as a connection has opened them. Somebody may delete or replace either meanwhile; what is written
 * then is nowhere, and SQLite says nothing of it.
 */
export class Place {
  /** Equal for two places of the same file. */
  readonly id: string;
  readonly #file: string;
  readonly #log: string;
  readonly #isEmpty: boolean;

  /** @param journal Has just been opened. */
  constructor(file: string, journal: DatabaseSync) {
    this.#file = file;
    // The log is there from the first reading on.
    journal.exec("SELECT 1 FROM sqlite_schema LIMIT 1");
    [this.id, this.#log] = [identity(file), identity(logOf(file))];
    this.#isEmpty = isEmpty(file);
  }

  /** @throws {JournalError} What the connection writes is not found under the name of the file any more. */
  check(): void {
    const isSame = identity(this.#file) === this.id && identity(logOf(this.#file)) === this.#log;
    if (isSame && isEmpty(this.#file) === this.#isEmpty) return;
    throw new JournalError(
      "the file or its log was deleted, emptied or replaced while it was open: what was written to it last is lost",
    );
  }
}

function logOf(file: string): string {
  return `${file}-wal`;
}

/** Which file it is that a name leads to. */
function identity(file: string): string {
  try {
    const { dev, ino, birthtime } = Deno.statSync(file);
    // The number of a file that is gone and closed is given to the next one.
    return `${dev}:${ino}:${birthtime?.getTime()}`;
  } catch {
    return "none";
  }
}

/** Whether somebody has cut the file to nothing: its log may go on, and does not have the rest. */
function isEmpty(file: string): boolean {
  try {
    return Deno.statSync(file).size === 0;
  } catch {
    return true;
  }
}
