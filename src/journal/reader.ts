import { DatabaseSync, type StatementSync } from "node:sqlite";
import { refuse, refuseOld, requireFile, stateOf, troubleOf } from "./trouble.ts";

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

  /**
   * @param file It is neither made nor changed.
   * @throws {JournalError} With the file and what to do, as all that is thrown while reading.
   */
  static open(file: string): JournalReader {
    let database: DatabaseSync | undefined;
    try {
      requireFile(file);
      database = new DatabaseSync(file, { readOnly: true });
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      const state = stateOf(database);
      refuse(state);
      refuseOld(state);
      return new JournalReader(file, database);
    } catch (error) {
      database?.close();
      throw troubleOf(file, error);
    }
  }

  /**
   * All rows of a query, each as an object by the names of its columns.
   * @throws {JournalError}
   */
  all<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#read(sql, (statement) => statement.all(...values)) as unknown as readonly Row[];
  }

  /**
   * The first row of a query; undefined where there is none.
   * @throws {JournalError}
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
      throw troubleOf(this.file, error);
    }
  }
}
