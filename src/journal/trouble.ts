import type { DatabaseSync } from "node:sqlite";
import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { JournalError } from "./error.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { rowOf, rowsOf } from "./sql.ts";
import { messageOf } from "../text/message.ts";

/** What a file is, by the tables it has. */
export interface State {
  readonly version: number;
  readonly tables: readonly string[];
}

export function stateOf(database: DatabaseSync): State {
  const { user_version: version } = rowOf<{ user_version: number }>(database, "PRAGMA user_version")!;
  const tables = rowsOf<{ name: string }>(database, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  return { version, tables: tables.map(({ name }) => name) };
}

/** A program of version 1 that runs beside this one makes its table again, and calls the file its own. */
export function isCurrent({ version, tables }: State): boolean {
  return version === SCHEMA_VERSION && !tables.includes("kill") && tables.includes("manner");
}

/** @throws {JournalError} If this program can neither read nor write the file: it is of a newer one, or of another one. */
export function refuse({ version, tables }: State): void {
  if (version > SCHEMA_VERSION) {
    throw new JournalError(
      `it is of version ${version}, and this program knows up to ${SCHEMA_VERSION}: ` +
        "run the newer program, or name another file",
    );
  }
  if (tables.length > 0 && !tables.includes("kill") && !tables.includes("decision")) {
    throw new JournalError("it is a database of another program: name another file");
  }
}

/** @throws {JournalError} If the file has to be brought up to date before it can be read. */
export function refuseOld(state: State): void {
  if (state.tables.length === 0) {
    throw new JournalError("there is nothing in it yet: no program has written to it");
  }
  if (!isCurrent(state)) {
    const has = state.tables.includes("kill")
      ? "has kills in the shape of version 1"
      : "is of an older program";
    throw new JournalError(
      `it ${has}: ` + "`query-sniper run` and `query-sniper once` bring it up to date when " +
        "they start, and so does `query-sniper journal compact`",
    );
  }
}

/** Codes of SQLite, without their details. */
const [BUSY, LOCKED, CORRUPT, NOT_A_DATABASE] = [5, 6, 11, 26] as const;

const HELD =
  "another program holds it for itself, as while it is brought to a newer version: try again in a moment";

const WORDS: Readonly<Record<number, string>> = {
  [BUSY]: HELD,
  [LOCKED]: HELD,
  [CORRUPT]:
    "it is damaged: `query-sniper journal check` lists what is wrong; stop query-sniper and move the file " +
    "away, and a new one is begun",
  [NOT_A_DATABASE]: "it is no journal, and no database: name another file",
};

/** What went wrong with a journal that somebody asks for by hand, with its file, in words that say what to do. */
export function troubleOf(file: string, error: unknown): JournalError {
  return new JournalError(`${printable(file)}: ${reasonOf(error)}`, { cause: error });
}

/** Whether an error is of SQLite. */
export function isOfSqlite(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}

/** Whether SQLite found what cannot be in a sound file. */
export function isDamage(error: unknown): boolean {
  return isOfSqlite(error) && (error.errcode & 0xff) === CORRUPT;
}

/**
 * Looks whether there is a file: SQLite would say only that it cannot open it. It is not opened, as by `openJournal`: the
 * locks of this process on it would end.
 * @throws {Error} The system's.
 */
export function requireFile(file: string): void {
  if (Deno.statSync(file).isDirectory) throw new Deno.errors.IsADirectory();
}

function reasonOf(error: unknown): string {
  if (error instanceof JournalError) return error.message;
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such file: a journal is made where query-sniper runs; --journal names another one";
  }
  // Of a failure to open it the runtime has no code.
  const cannotOpen = error instanceof Error && /^unable to open database file/.test(error.message);
  if (cannotOpen || error instanceof Deno.errors.PermissionDenied) {
    return "it may not be read: run this as the account that runs query-sniper";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder, and no journal";
  const words = isOfSqlite(error) ? WORDS[error.errcode & 0xff] : undefined;
  return words ?? `it cannot be used: ${quoted(messageOf(error))}`;
}
