import { DatabaseSync } from "node:sqlite";
import { type Decision, type Outcome, outcomesThat, type Spend } from "../policy/mod.ts";
import { redactStatement, selectionReport } from "../events/mod.ts";
import { quoted } from "../text/nearest.ts";

/** The journal cannot be written: then there is no kill. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** An intent without an outcome, from a program that ended in between. */
export interface Abandoned {
  readonly database: string;
  readonly policy: string;
  readonly action: string;
  readonly session: number;
  readonly digest: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the journal tells when it breaks, and when it works again. */
export type JournalListener = (failure: string | undefined) => void;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS kill (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- of the intent; milliseconds since 1970
    database TEXT NOT NULL,
    server TEXT NOT NULL,
    policy TEXT NOT NULL,
    action TEXT NOT NULL,
    execution TEXT NOT NULL,
    because TEXT NOT NULL,        -- JSON, as in events
    session TEXT NOT NULL,        -- JSON, as in events
    statement TEXT,               -- JSON, as in events: digests, no literals
    outcome TEXT,                 -- NULL until it is known
    took_ms REAL,
    note TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS probe (filler BLOB) STRICT;
  CREATE INDEX IF NOT EXISTS kill_by_database ON kill (database, at);
  CREATE INDEX IF NOT EXISTS kill_unfinished ON kill (at) WHERE outcome IS NULL;
`;

/** What did not cost the budget. An intent that became `stale` does: the server had been asked. */
const REFUNDED = outcomesThat("refunded").map((outcome) => `'${outcome}'`).join(", ");

/** How long to wait for another program that is writing, in milliseconds: all databases wait with it. */
const BUSY_TIMEOUT = 200;

/**
 * The durable record of kills: an intent is on disk before the kill, its outcome after it. SQLite in WAL
 * mode, and every commit is synced. Several programs of a host may share one file.
 */
export class Journal {
  readonly file: string;
  readonly #tell: JournalListener;
  #database: DatabaseSync | undefined;
  #failure: string | undefined;

  /** Nothing is opened yet: a journal that cannot be is a failure to tell, not a reason not to watch. */
  constructor(file: string, tell: JournalListener) {
    this.file = file;
    this.#tell = tell;
  }

  /** Whether an intent could be written now. Tries where the last one could not. */
  isUsable(): boolean {
    if (this.#database !== undefined && this.#failure === undefined) return true;
    try {
      // What has to be written later is written now: only that shows a full disk or a read-only file. It is
      // more than an intent needs, so that a disk that is nearly full does not fail at every other one.
      this.#run((database) =>
        database.exec(
          "INSERT INTO probe VALUES (zeroblob(16384)); DELETE FROM probe; PRAGMA user_version = 1",
        )
      );
      return true;
    } catch (error) {
      if (error instanceof JournalError) return false;
      throw error;
    }
  }

  /**
   * Writes down what is going to be done. Returns the id that its outcome is written under.
   * @param at Milliseconds since 1970.
   * @throws {JournalError} Then it must not be done.
   */
  intend(database: string, decision: Decision, at: number): number {
    const { policy, action, because, session, statement } = selectionReport(database, decision);
    return this.#run((journal) => {
      const { lastInsertRowid } = journal.prepare(
        "INSERT INTO kill (at, database, server, policy, action, execution, because, session, statement) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ).run(
        Math.round(at),
        database,
        `${decision.server.server} ${decision.server.started}`,
        policy,
        action,
        decision.session.execution,
        JSON.stringify(because),
        JSON.stringify(session),
        statement === undefined ? null : JSON.stringify(redactStatement(statement)),
      );
      return Number(lastInsertRowid);
    });
  }

  /**
   * Writes down what became of an intent.
   * @throws {JournalError} The kill is done all the same; the next start will find it `unconfirmed`.
   */
  conclude(id: number, { outcome, took_ms, note }: Omit<Outcome, "decision">): void {
    this.#run((database) =>
      database.prepare("UPDATE kill SET outcome = ?, took_ms = ?, note = ? WHERE id = ?")
        .run(outcome, took_ms, note ?? null, id)
    );
  }

  /** The kills of a database that count for its budget. `since` and `at`: milliseconds since 1970. */
  spent(database: string, since: number): readonly Spend[] {
    return this.#run((journal) =>
      journal.prepare(
        "SELECT at, policy, action FROM kill WHERE database = ? AND at > ? " +
          `AND ifnull(outcome, '') NOT IN (${REFUNDED}) ORDER BY at`,
      ).all(database, Math.round(since)) as unknown as readonly Spend[]
    );
  }

  /** Finishes intents from before that nobody can be working on any more: their outcome is `unconfirmed`. */
  abandoned(before: number): readonly Abandoned[] {
    return this.#run((journal) =>
      journal.prepare(
        "UPDATE kill SET outcome = 'unconfirmed', note = 'the program ended before the outcome was known' " +
          "WHERE outcome IS NULL AND at < ? RETURNING database, policy, action, " +
          "json_extract(session, '$.id') AS session, json_extract(statement, '$.digest') AS digest, at",
      ).all(Math.round(before)) as unknown as readonly Abandoned[]
    );
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #run<T>(use: (database: DatabaseSync) => T): T {
    try {
      const result = use(this.#database ??= this.#open());
      this.#changed(undefined);
      return result;
    } catch (error) {
      const failure = error instanceof Error ? quoted(error.message) : quoted(String(error));
      this.close();
      this.#changed(failure);
      throw new JournalError(failure, { cause: error });
    }
  }

  #open(): DatabaseSync {
    // Whom a kill concerned is not for every user of the host.
    Deno.openSync(this.file, { create: true, write: true, mode: 0o600 }).close();
    const database = new DatabaseSync(this.file);
    database.exec(
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`,
    );
    database.exec(SCHEMA);
    return database;
  }

  #changed(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#tell(failure);
  }
}
