import { DatabaseSync, type StatementSync } from "node:sqlite";
import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/** A journal cannot be read; the message says which, why, and what to do. */
export class JournalReadError extends Error {
  override readonly name = "JournalReadError";
}

/** A value that SQLite takes. */
export type SqlValue = number | string | null;

/** How long to wait for a program that holds the file for itself, as while it brings it to a newer version; milliseconds. */
const BUSY_TIMEOUT = 2000;

/**
 * A journal that is only read, beside whoever writes it: in WAL mode neither waits for the other. Close it, since what is
 * read as one moment's keeps the writer from shortening its log.
 */
export class JournalReader implements Disposable {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(file: string, database: DatabaseSync) {
    this.file = file;
    this.#database = database;
  }

  /** @throws {JournalReadError} */
  static open(file: string): JournalReader {
    let database: DatabaseSync | undefined;
    try {
      // SQLite would say of either only that it cannot open the file.
      Deno.openSync(file, { read: true }).close();
      if (Deno.statSync(file).isDirectory) throw new Deno.errors.IsADirectory();
      database = new DatabaseSync(file, { readOnly: true });
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      const problem = versionProblem(database);
      if (problem !== undefined) throw new JournalReadError(`${printable(file)}: ${problem}`);
      return new JournalReader(file, database);
    } catch (error) {
      database?.close();
      throw error instanceof JournalReadError ? error : readError(file, error);
    }
  }

  /**
   * All rows of a query, each as an object by the names of its columns.
   * @throws {JournalReadError}
   */
  all<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#read(sql, (statement) => statement.all(...values)) as unknown as readonly Row[];
  }

  /**
   * The first row of a query; undefined where there is none.
   * @throws {JournalReadError}
   */
  first<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#read(sql, (statement) => statement.get(...values)) as unknown as Row | undefined;
  }

  /** Whatever `read` reads is of one moment, also while others write. */
  atOnce<T>(read: () => T): T {
    this.#database.exec("BEGIN");
    try {
      return read();
    } finally {
      this.#database.exec("ROLLBACK");
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #read<T>(sql: string, read: (statement: StatementSync) => T): T {
    try {
      const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
      this.#statements.set(sql, statement);
      return read(statement);
    } catch (error) {
      throw readError(this.file, error);
    }
  }
}

function versionProblem(database: DatabaseSync): string | undefined {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version === SCHEMA_VERSION) return undefined;
  if (version > SCHEMA_VERSION) {
    return `the journal is of version ${version}, and this program reads version ${SCHEMA_VERSION}: ` +
      "read it with the program that wrote it, or a later one";
  }
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'kill'").all();
  return version === 0 && tables.length === 0
    ? "it is no journal of query-sniper: there is nothing of one in it"
    : `the journal is of version 1, and this program reads version ${SCHEMA_VERSION}: ` +
      '"query-sniper run" or "query-sniper once" brings it there when it starts';
}

function readError(file: string, error: unknown): JournalReadError {
  return new JournalReadError(`${printable(file)}: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "there is no journal: it is made where a database is armed, or name another file (--journal, $STATE_DIRECTORY)";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the journal may not be read: run this as the account that runs query-sniper";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder, and no journal";
  const message = error instanceof Error ? error.message : String(error);
  if (/not a database/.test(message)) return "it is no journal of query-sniper: no file of SQLite";
  if (/malformed|corrupt/.test(message)) {
    return 'the journal is damaged: "query-sniper journal check" tells what can be read';
  }
  return `the journal cannot be read: ${quoted(message)}`;
}
