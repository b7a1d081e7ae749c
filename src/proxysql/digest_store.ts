import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { transaction } from "../journal/sql.ts";
import type { DumpText } from "./dump_text.ts";

/** A digest as ProxySQL counts it now. */
export interface Counted extends DumpText {
  readonly hostgroup: bigint;
  readonly schema: string;
  readonly username: string;
  readonly client_address: string;
  readonly digest: string;
  readonly count: bigint;
  /** In seconds since 1970, by a clock of ProxySQL's that may move by a second. */
  readonly first_seen: bigint;
  readonly last_seen: bigint;
  /** In microseconds; may be negative. */
  readonly time: bigint;
  readonly min_time: bigint;
  readonly max_time: bigint;
  readonly rows_affected: bigint | null;
  readonly rows_sent: bigint | null;
}

/** What it was at the last dump; null where it was not there. */
export interface Compared extends Counted {
  readonly at: bigint;
  readonly was_count: bigint | null;
  readonly was_first_seen: bigint | null;
  readonly was_time: bigint | null;
  readonly was_affected: bigint | null;
  readonly was_sent: bigint | null;
}

/** When and of whom a sample is. */
export interface SampleOf {
  readonly instance: string;
  /** Seconds since 1970 by ProxySQL's clock. */
  readonly now: number;
  readonly uptime: number;
}

/** A dump whose file is written, and has or has not got its name yet. */
interface Pending extends SampleOf {
  readonly unfinished: string;
  readonly file: string;
  /** The file of the manifest, if it is one of its own. */
  readonly manifest?: string;
}

/** No dump can be made: another program makes one, or its counters cannot be kept. */
export class DumpError extends Error {
  override readonly name = "DumpError";
}

const KEY = "digest, hostgroup, schemaname, username, client_address";
const KEY_COLUMNS = "digest TEXT, hostgroup INTEGER, schemaname TEXT, username TEXT, client_address TEXT";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS sample (${KEY_COLUMNS}, count INTEGER, first INTEGER, time INTEGER, affected INTEGER,
    sent INTEGER, PRIMARY KEY (${KEY})) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS incoming (at INTEGER PRIMARY KEY, ${KEY_COLUMNS}, text TEXT, sniper TEXT, tags TEXT,
    count INTEGER, first INTEGER, last INTEGER, time INTEGER, min INTEGER, max INTEGER, affected INTEGER,
    sent INTEGER)`;

const PAGE = `SELECT i.at, i.digest, i.hostgroup, i.schemaname AS schema, i.username, i.client_address,
    i.text AS digest_text, i.sniper AS sniper_digest, i.tags, i.count, i.first AS first_seen, i.last AS last_seen,
    i.time, i.min AS min_time, i.max AS max_time, i.affected AS rows_affected, i.sent AS rows_sent,
    s.count AS was_count, s.first AS was_first_seen, s.time AS was_time, s.affected AS was_affected, s.sent AS was_sent
  FROM incoming i LEFT JOIN sample s USING (${KEY}) WHERE i.at > ? ORDER BY i.at LIMIT ?`;

/** How many rows of a page are in memory. */
const PAGE_ROWS = 4000;

/**
 * The counters of the last dump, in a SQLite file that one program uses at a time. What a dump reads goes to a table of its
 * own first. It takes the place of the counters before only once the dump's file has its name: a dump that is interrupted
 * anywhere is either whole and counted, or gone and not counted.
 */
export class DigestStore implements Disposable {
  readonly #database: DatabaseSync;
  #insert: StatementSync | undefined;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens the file, creates it where there is none, and settles what an interrupted dump has left.
   * @throws {DumpError}
   * @throws {Error} SQLite's, and the system's.
   */
  static open(file: string): DigestStore {
    try {
      Deno.openSync(file, { createNew: true, write: true, mode: 0o600 }).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const database = new DatabaseSync(file);
    try {
      database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL");
      transaction(database, () => database.exec(SCHEMA));
      const store = new DigestStore(database);
      store.#settle();
      return store;
    } catch (error) {
      database.close();
      if (/database is locked/.test((error as Error).message)) {
        throw new DumpError("another program makes a dump");
      }
      throw error;
    }
  }

  /** The last sample, if there is one. */
  get last(): SampleOf | undefined {
    return this.#get<SampleOf>("sample");
  }

  /** When this program emptied ProxySQL's digests last, in seconds since 1970 by ProxySQL's clock. */
  get purged(): number | undefined {
    return this.#get<number>("purged");
  }

  set purged(now: number | undefined) {
    this.#set("purged", now);
  }

  /** Takes what is read now. `read` hands over each digest. */
  async take(read: (add: (counted: Counted) => void) => Promise<void>): Promise<void> {
    this.#database.exec("DELETE FROM incoming; BEGIN IMMEDIATE");
    try {
      await read((counted) => this.#add(counted));
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** What was taken, with what it was before. */
  *compared(): Generator<Compared, void, undefined> {
    const page = this.#database.prepare(PAGE);
    page.setReadBigInts(true);
    for (let at = 0n;;) {
      const rows = page.all(at, PAGE_ROWS) as unknown as readonly Compared[];
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      at = last.at;
    }
  }

  /** How many digests of the last sample are not there any more. */
  gone(): number {
    const row = this.#database.prepare(
      `SELECT count(*) AS n FROM sample s LEFT JOIN incoming i USING (${KEY}) WHERE i.at IS NULL`,
    ).get();
    return Number(row!["n"]);
  }

  /** These files are begun: where this program ends now, the next one removes them. */
  begin(unfinished: readonly string[]): void {
    this.#set("unfinished", unfinished);
  }

  /** The dump's file is written: from when it has its name on, what was taken counts. */
  prepare(pending: Pending): void {
    this.#set("pending", pending);
  }

  /** The dump's file has its name: what was taken is the last sample. */
  settle({ instance, now, uptime }: SampleOf): void {
    transaction(this.#database, () => {
      this.#database.exec(
        `DELETE FROM sample; INSERT INTO sample SELECT ${KEY}, count, first, time, affected, sent FROM incoming; ` +
          "DELETE FROM incoming",
      );
      this.#set("sample", { instance, now, uptime });
      this.#set("pending", undefined);
    });
  }

  /** Forgets what was taken. */
  discard(): void {
    transaction(this.#database, () => {
      this.#database.exec("DELETE FROM incoming");
      this.#set("pending", undefined);
    });
  }

  /** ProxySQL counts from nothing. */
  forget(): void {
    this.#database.exec("DELETE FROM sample");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** An interrupted dump counts if its file has got its name. */
  #settle(): void {
    const pending = this.#get<Pending>("pending");
    if (pending === undefined) this.discard();
    else if (isThere(pending.unfinished) || !isThere(pending.file)) {
      this.discard();
      if (pending.manifest !== undefined) remove(pending.manifest);
    } else this.settle(pending);
    for (const file of this.#get<readonly string[]>("unfinished") ?? []) remove(file);
    this.#set("unfinished", undefined);
  }

  #add(counted: Counted): void {
    this.#insert ??= this.#database.prepare(
      `INSERT INTO incoming (${KEY}, text, sniper, tags, count, first, last, time, min, max, affected, sent) ` +
        `VALUES (${Array(16).fill("?")})`,
    );
    const { digest, hostgroup, schema, username, client_address, digest_text, sniper_digest, tags } = counted;
    const { count, first_seen, last_seen, time, min_time, max_time, rows_affected, rows_sent } = counted;
    const values: readonly SQLInputValue[] = [
      ...[digest, hostgroup, schema, username, client_address, digest_text, sniper_digest, tags],
      ...[count, first_seen, last_seen, time, min_time, max_time, rows_affected, rows_sent],
    ];
    this.#insert.run(...values);
  }

  #get<T>(name: string): T | undefined {
    const row = this.#database.prepare("SELECT value FROM meta WHERE name = ?").get(name);
    return row === undefined ? undefined : JSON.parse(String(row["value"])) as T;
  }

  #set(name: string, value: unknown): void {
    if (value === undefined) this.#database.prepare("DELETE FROM meta WHERE name = ?").run(name);
    else {
      this.#database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(name, JSON.stringify(value));
    }
  }
}

function isThere(file: string): boolean {
  try {
    Deno.statSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
