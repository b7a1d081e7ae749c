import { type DatabaseSync, type StatementSync } from "node:sqlite";
import { SCHEMA } from "../../src/journal/schema.ts";

/** A day, in milliseconds. */
export const DAY = 86_400_000;

/** A decision as a test tells it; what is left out has a plain value. */
export interface Told {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly database?: string;
  readonly policy?: string;
  readonly hash?: string;
  readonly action?: string;
  /** Null: an intent whose outcome is not known. */
  readonly outcome?: string | null;
  readonly reason?: string;
  /** Absent: there was no statement. */
  readonly query?: Query;
  readonly user?: string;
  readonly host?: string;
  readonly db?: string;
  readonly program?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly because?: readonly { expression: string; left: string; right?: string }[];
  readonly session?: number;
  readonly time_ms?: number;
  readonly took_ms?: number;
  readonly note?: string;
}

/** A statement as the dictionary has it. */
export interface Query {
  readonly digest: string;
  readonly shape?: string;
  readonly verb?: string;
  readonly tables?: readonly string[];
  readonly digest_text: string;
}

/** Fills a journal of version 2, for tests: by plain SQL, and not with the writer that the program has. */
export class JournalFill {
  readonly #ids = new Map<string, number>();
  readonly #statements = new Map<string, StatementSync>();
  readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
    database.exec(SCHEMA);
  }

  run(sql: string, ...values: (number | string | null | Uint8Array)[]): number {
    const statement = this.#statements.get(sql) ?? this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return Number(statement.run(...values).lastInsertRowid);
  }

  /** The id of a row of a dictionary, which is made where it is missing. */
  id(table: string, row: Readonly<Record<string, string | number | null>>): number {
    const key = `${table} ${JSON.stringify(row)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const names = Object.keys(row);
    const id = this.run(
      `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${
        names.map(() => "?").join(", ")
      })`,
      ...Object.values(row),
    );
    this.#ids.set(key, id);
    return id;
  }

  word(text: string): number {
    return this.id("word", { text });
  }

  databaseId(name: string): number {
    return this.id("database", { name });
  }

  digestId(query: Query | undefined, at: number): number | null {
    if (query === undefined) return null;
    const known = this.#ids.get(`query ${query.digest}`);
    if (known !== undefined) {
      this.run(
        "UPDATE digest SET last_seen = max(last_seen, ?), first_seen = min(first_seen, ?) WHERE id = ?",
        at,
        at,
        known,
      );
      return known;
    }
    const id = this.run(
      "INSERT INTO digest (digest, shape, verb, tables, digest_text, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)",
      query.digest,
      query.shape ?? "",
      query.verb ?? null,
      JSON.stringify(query.tables ?? []),
      query.digest_text,
      at,
      at,
    );
    this.#ids.set(`query ${query.digest}`, id);
    return id;
  }

  /** Writes a decision down, with its sums. */
  decision(told: Told): void {
    const {
      at,
      database = "orders",
      policy = "long",
      hash = "a",
      action = "kill query",
      outcome = "killed",
    } = told;
    const because = told.because ?? [{ expression: "time > 10s", left: "42s", right: "10s" }];
    const databaseId = this.databaseId(database);
    const policyId = this.id("policy", { name: policy, hash, since: 0 });
    const digest = this.digestId(told.query, at);
    const outcomeId = outcome === null ? null : this.word(outcome);
    this.run(
      "INSERT INTO decision (at, database, server, policy, action, outcome, reason, digest, actor, tags, clauses, evidence, " +
        "session, execution, time_ms, took_ms, intended, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      at,
      databaseId,
      this.id("server", { name: `${database} 1` }),
      policyId,
      this.word(action),
      outcomeId,
      told.reason === undefined ? null : this.word(told.reason),
      digest,
      this.id("actor", {
        user: told.user ?? "app",
        host: told.host ?? "10.0.0.1",
        db: told.db ?? "shop",
        program: told.program ?? "",
      }),
      told.tags === undefined ? null : this.id("tags", { tags: JSON.stringify(told.tags) }),
      this.id("clauses", { expressions: JSON.stringify(because.map(({ expression }) => expression)) }),
      JSON.stringify(because.map(({ expression: _, ...rest }) => rest)),
      told.session ?? 7,
      "7 1",
      told.time_ms ?? null,
      told.took_ms ?? null,
      ["would-kill", "skipped", "matched"].includes(outcome ?? "") ? 0 : 1,
      told.note ?? null,
    );
    if (outcomeId === null) return;
    this.run(
      "INSERT INTO day_digest VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET count = count + 1, " +
        "time_ms = time_ms + excluded.time_ms, worst_ms = max(worst_ms, excluded.worst_ms)",
      Math.floor(at / DAY),
      digest ?? 0,
      policyId,
      outcomeId,
      told.time_ms ?? 0,
      told.time_ms ?? 0,
    );
    if (digest === null) return;
    this.run(
      "INSERT INTO digest_database VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1, " +
        "first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)",
      digest,
      databaseId,
      at,
      at,
    );
  }

  /** A look in each minute of a time; `looks` are those of a minute. Times are whole minutes. */
  looks(database: string, from: number, to: number, looks = 60): void {
    for (let day = Math.floor(from / DAY); day * DAY < to; day++) {
      const first = Math.max(0, Math.floor((from - day * DAY) / 60_000));
      const end = Math.min(1440, Math.floor((to - day * DAY) / 60_000));
      const id = this.databaseId(database);
      const before = this.database.prepare("SELECT seen FROM coverage WHERE day = ? AND database = ?").get(
        day,
        id,
      );
      const seen = before === undefined ? new Uint8Array(180) : Uint8Array.from(before["seen"] as Uint8Array);
      for (let minute = first; minute < end; minute++) seen[minute >> 3]! |= 1 << (minute & 7);
      this.run(
        "INSERT INTO coverage VALUES (?, ?, ?, ?, 0, 0, 2.5, 0, ?) ON CONFLICT DO UPDATE SET " +
          "looks = looks + excluded.looks, minutes = minutes + excluded.minutes, seen = excluded.seen",
        day,
        id,
        (end - first) * looks,
        end - first,
        seen,
      );
    }
  }

  /** The most lag in seconds and the longest history of each hour of a day; what is not given is unknown. */
  health(
    database: string,
    day: number,
    hours: Readonly<Record<number, readonly [lag: number, history: number]>>,
  ): void {
    const blob = new Uint8Array(192);
    const view = new DataView(blob.buffer);
    for (let hour = 0; hour < 24; hour++) {
      view.setFloat32(4 * hour, hours[hour]?.[0] ?? NaN, true);
      view.setFloat32(96 + 4 * hour, hours[hour]?.[1] ?? NaN, true);
    }
    this.run("INSERT INTO health VALUES (?, ?, ?)", day, this.databaseId(database), blob);
  }
}
