import { DatabaseSync } from "node:sqlite";
import { SCHEMA } from "../../src/journal/schema.ts";

/** How large a journal to make, and of which days. */
export interface JournalSize {
  readonly databases: number;
  readonly decisions: number;
  readonly days: number;
  /** The end, in milliseconds since 1970: a midnight in UTC. */
  readonly end: number;
  readonly seed: number;
}

/** A year of a busy fleet, as issue 17 has it. */
export const YEAR: JournalSize = {
  databases: 1000,
  decisions: 2_000_000,
  days: 365,
  end: Date.UTC(2026, 10, 23),
  seed: 17,
};

const DAY = 86_400_000;
const [DIGESTS, ACTORS, TAGS, POLICIES] = [3000, 800, 400, 12] as const;

/** Of the words of the dictionary: where each begins, with its part of all decisions in percent. */
const OUTCOMES = [
  ["killed", 62],
  ["would-kill", 18],
  ["skipped", 12],
  ["gone", 5],
  ["survived", 2],
  ["unconfirmed", 1],
] as const;
const REASONS = ["protected", "budget", "settle", "lease", "paused"] as const;

/** A number from 0 to below 1, the same ones for a seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes a journal: a few queries and databases have most of the decisions, which the working day has most of as well. */
export function generateJournal(file: string, size: JournalSize): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
  const indexes = [...SCHEMA.matchAll(/CREATE INDEX (\w+)/g)].map(([, name]) => name!);
  database.exec(SCHEMA);
  for (const index of indexes) database.exec(`DROP INDEX ${index}`);
  database.exec("BEGIN");
  const random = randomOf(size.seed);
  fillDictionaries(database, size, random);
  fillDecisions(database, size, random);
  fillDays(database, size, random);
  sumUp(database);
  database.exec("COMMIT");
  for (const [statement] of SCHEMA.matchAll(/CREATE INDEX [^;]+;/g)) database.exec(statement);
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
}

function fillDictionaries(database: DatabaseSync, size: JournalSize, random: () => number): void {
  const word = database.prepare("INSERT INTO word VALUES (?, ?)");
  for (const [index, text] of words().entries()) word.run(index + 1, text);
  const name = database.prepare("INSERT INTO database VALUES (?, ?)");
  const server = database.prepare("INSERT INTO server VALUES (?, ?)");
  for (let id = 1; id <= size.databases; id++) {
    name.run(id, `shop-${String(id).padStart(4, "0")}`);
    server.run(id, `uuid-${id} 2026-01-01`);
  }
  const policy = database.prepare("INSERT INTO policy VALUES (?, ?, ?, 0)");
  for (let id = 1; id <= POLICIES; id++) policy.run(id, `policy-${id}`, `hash-${id}`);
  const actor = database.prepare("INSERT INTO actor VALUES (?, ?, ?, ?, ?)");
  for (let id = 1; id <= ACTORS; id++) {
    actor.run(
      id,
      `app_${id % 40}`,
      `10.0.${id % 8}.${id}`,
      `shop_${id % 20}`,
      id % 3 === 0 ? "" : `job-${id % 25}`,
    );
  }
  const tags = database.prepare("INSERT INTO tags VALUES (?, ?)");
  for (let id = 1; id <= TAGS; id++) {
    tags.run(id, JSON.stringify({ controller: `c${id % 60}`, action: `a${id}` }));
  }
  database.prepare("INSERT INTO clauses VALUES (1, ?)").run(JSON.stringify(["time > limits.query_time"]));
  const digest = database.prepare("INSERT INTO digest VALUES (?, ?, ?, 'select', ?, ?, NULL, 0, 0)");
  for (let id = 1; id <= DIGESTS; id++) {
    const table = `t${id % 300}`;
    const hex = Math.floor(random() * 2 ** 48).toString(16).padStart(12, "0");
    digest.run(
      id,
      `v2:${hex}${id.toString(16).padStart(4, "0")}`,
      `select ${table}`,
      JSON.stringify([table]),
      `SELECT c${id}, sum ( v ) FROM \`${table}\` WHERE \`c${id}\` = ? AND \`at\` > ? GROUP BY c${id}`,
    );
  }
}

function words(): readonly string[] {
  return ["kill query", "kill connection", ...OUTCOMES.map(([outcome]) => outcome), ...REASONS];
}

/** A number from 0 to below `count`: a few of them come most often. */
function few(count: number, random: () => number): number {
  return Math.floor(count * random() ** 3.2);
}

function fillDecisions(database: DatabaseSync, size: JournalSize, random: () => number): void {
  const insert = database.prepare(
    "INSERT INTO decision (at, database, server, policy, action, outcome, reason, digest, actor, tags, clauses, evidence, " +
      "session, execution, time_ms, took_ms, intended, note) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, NULL)",
  );
  const start = size.end - size.days * DAY;
  const step = size.days * DAY / size.decisions;
  const [outcomeId, reasonId] = [3, 3 + OUTCOMES.length];
  for (let index = 0; index < size.decisions; index++) {
    const at = Math.floor(start + index * step + random() * step);
    const where = 1 + few(size.databases, random);
    const what = 1 + few(DIGESTS, random);
    const outcome = outcomeOf(random() * 100);
    const isSkip = OUTCOMES[outcome]![0] === "skipped";
    const time = Math.floor(10_000 + 120_000 * random() ** 4);
    insert.run(
      at,
      where,
      where,
      1 + Math.floor(POLICIES * random()),
      outcomeId + outcome,
      isSkip ? reasonId + Math.floor(REASONS.length * random()) : null,
      what,
      1 + (what * 7 + Math.floor(4 * random())) % ACTORS,
      1 + (what * 3) % TAGS,
      `[{"left":"${(time / 1000).toFixed(1)}s","right":"10s"}]`,
      1000 + index % 50_000,
      `${1000 + index % 50_000} ${index}`,
      time,
      isSkip ? null : 1 + 5 * random(),
      outcome === 1 || isSkip ? 0 : 1,
    );
  }
}

function outcomeOf(percent: number): number {
  let sum = 0;
  return OUTCOMES.findIndex(([, part]) => percent < (sum += part));
}

function fillDays(database: DatabaseSync, size: JournalSize, random: () => number): void {
  const coverage = database.prepare("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, 0, 12.5, 0, ?)");
  const health = database.prepare("INSERT INTO health VALUES (?, ?, ?)");
  const gate = database.prepare(
    "INSERT INTO gate (database, policy, opened_at, closed_at) VALUES (?, ?, ?, ?)",
  );
  const first = size.end / DAY - size.days;
  const full = new Uint8Array(180).fill(255);
  for (let day = first; day < first + size.days; day++) {
    for (let id = 1; id <= size.databases; id++) {
      // Two of a hundred days have an hour that nobody looked at.
      const hour = random() < 0.02 ? Math.floor(24 * random()) : undefined;
      const seen = hour === undefined ? full : withoutHour(full, hour);
      const minutes = hour === undefined ? 1440 : 1440 - 64;
      coverage.run(day, id, minutes * 60, minutes, hour === undefined ? 0 : 60, seen);
      health.run(day, id, hoursOf(random));
    }
    for (let count = 0; count < 20; count++) {
      const opened = Math.floor((day + random()) * DAY);
      gate.run(
        1 + few(size.databases, random),
        1 + count % POLICIES,
        opened,
        opened + Math.floor(600_000 * random()),
      );
    }
  }
  const mark = database.prepare("INSERT INTO mark (at, kind, text) VALUES (?, ?, ?)");
  for (let day = first; day < first + size.days; day += 30) {
    mark.run(day * DAY + 36_000_000, "upgraded", "0.1.0 to 0.2.0");
  }
}

function withoutHour(full: Uint8Array, hour: number): Uint8Array {
  const seen = Uint8Array.from(full);
  seen.fill(0, Math.floor(hour * 7.5), Math.floor(hour * 7.5) + 8);
  return seen;
}

function hoursOf(random: () => number): Uint8Array {
  const blob = new Uint8Array(192);
  const values = new DataView(blob.buffer);
  for (let hour = 0; hour < 24; hour++) {
    values.setFloat32(4 * hour, 30 * random() ** 6, true);
    values.setFloat32(96 + 4 * hour, 100_000 * random() ** 6, true);
  }
  return blob;
}

/** What the writer keeps with each decision is summed up at once. */
function sumUp(database: DatabaseSync): void {
  database.exec(`
    INSERT INTO day_digest SELECT at / ${DAY}, digest, policy, outcome, count(*), sum(time_ms), max(time_ms)
      FROM decision GROUP BY 1, 2, 3, 4;
    INSERT INTO digest_database SELECT digest, database, min(at), max(at), count(*) FROM decision GROUP BY 1, 2;
    UPDATE digest SET first_seen = one.first, last_seen = one.last FROM
      (SELECT digest AS id, min(first_seen) AS first, max(last_seen) AS last FROM digest_database GROUP BY 1) AS one
      WHERE one.id = digest.id;
    DELETE FROM digest WHERE first_seen = 0;
    INSERT INTO executions SELECT at / ${DAY}, database, digest, 40 * count(*), 1000.0 * count(*)
      FROM decision WHERE database <= 200 AND outcome = 3 GROUP BY 1, 2, 3;
  `);
}
