import { DatabaseSync } from "node:sqlite";
import { randomOf } from "../journal_year/generate.ts";
import { DAY, JournalFill, type Query, type Told } from "./journal_fill.ts";

/** The midnight with which the story begins: two weeks later it ends. A Monday. */
export const BEGIN = Date.UTC(2024, 2, 4);
export const END = BEGIN + 14 * DAY;
/** Nobody looks at anything: the program is down for two days. */
export const GAP = { from: BEGIN + 5 * DAY, to: BEGIN + 7 * DAY };
/** A query gets another text, and so another digest. */
export const RENAMED_AT = BEGIN + 9 * DAY + 3_600_000;
/** A slow query is mended. */
export const FIXED_AT = BEGIN + 7 * DAY;

export const DATABASES = ["orders", "orders-replica", "stock"];

function query(id: string, digest_text: string, shape: string): Query {
  return {
    digest: `v2:${id.padStart(16, "0")}`,
    digest_text,
    shape,
    verb: "select",
    tables: [shape.slice(7)],
  };
}

export const QUERIES = {
  old: query("01d", "SELECT * FROM `carts` WHERE `id` = ?", "select carts"),
  renamed: query("2e3", "SELECT `id` , `sum` FROM `carts` WHERE `id` = ?", "select carts"),
  fixed: query("f1", "SELECT * FROM `orders` ORDER BY `sum`", "select orders"),
  exempt: query("e0", "SELECT `day` , sum ( `sum` ) FROM `sales` GROUP BY `day`", "select sales"),
  steady: query("5e", "SELECT * FROM `users` WHERE `name` LIKE ?", "select users"),
};

const TAGS = { carts: { controller: "carts", action: "show" }, other: { controller: "reports" } };

/** What happened, in order: the same for a seed. */
export function storyOf(seed: number): readonly Told[] {
  const random = randomOf(seed);
  const told: Told[] = [];
  for (let at = BEGIN; at < END; at += 600_000) {
    if (at >= GAP.from && at < GAP.to) continue;
    const moment = () => at + Math.floor(600_000 * random());
    const pick = <T>(items: readonly T[]): T => items[Math.floor(items.length * random())]!;
    const time_ms = () => Math.floor(10_000 + 50_000 * random());
    const common = () => ({ at: moment(), database: pick(DATABASES), time_ms: time_ms(), took_ms: 2 });
    const cart = at < RENAMED_AT ? QUERIES.old : QUERIES.renamed;
    if (random() < 0.3) {
      const host = pick(["10.0.0.1", "10.0.0.2"]);
      told.push({ ...common(), query: cart, tags: TAGS.carts, user: "shop", host, program: "web" });
    }
    if (at < FIXED_AT && random() < 0.5) {
      told.push({ ...common(), query: QUERIES.fixed, user: "reports", tags: TAGS.other });
    }
    if (random() < 0.1) {
      told.push({ ...common(), query: QUERIES.exempt, user: "bi", outcome: pick(["killed", "survived"]) });
    }
    if (random() < 0.2) {
      told.push({
        ...common(),
        query: QUERIES.steady,
        outcome: "would-kill",
        policy: "rehearsal",
        user: "shop",
      });
    }
    if (random() < 0.1) {
      told.push({ ...common(), query: QUERIES.steady, outcome: "skipped", reason: "budget", user: "shop" });
    }
    if (random() < 0.05) {
      told.push({ ...common(), action: "kill connection", policy: "idle", user: "batch", outcome: "killed" });
    }
  }
  return told.toSorted((a, b) => a.at - b.at);
}

/** Writes the story to a journal, with what was looked at, a policy that changed and a gate. */
export function writeStory(file: string, told: readonly Told[]): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  const fill = new JournalFill(database);
  database.exec("BEGIN");
  for (const each of told) fill.decision(each);
  for (const name of DATABASES) {
    fill.looks(name, BEGIN, GAP.from);
    fill.looks(name, GAP.to, END);
  }
  fill.health("orders-replica", BEGIN / DAY + 1, { 10: [42, 1200], 11: [3, 90_000] });
  fill.run(
    "INSERT INTO mark (at, kind, database, text) VALUES (?, 'policy-changed', ?, 'long: where: time > 30s -> time > 10s')",
    BEGIN + 3 * DAY + 36_000_000,
    fill.databaseId("orders"),
  );
  fill.run(
    "INSERT INTO gate (database, policy, opened_at, closed_at) VALUES (?, ?, ?, ?)",
    fill.databaseId("orders-replica"),
    fill.id("policy", { name: "long", hash: "a", since: 0 }),
    BEGIN + DAY,
    BEGIN + DAY + 90_000,
  );
  const fixed = fill.digestId(QUERIES.fixed, BEGIN + DAY);
  for (let day = 0; day < 5; day++) {
    fill.run(
      "INSERT INTO executions VALUES (?, ?, ?, 1000, 5000.0)",
      BEGIN / DAY + day,
      fill.databaseId("orders"),
      fixed,
    );
  }
  database.exec("COMMIT");
  database.close();
}
