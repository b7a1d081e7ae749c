import type {
  Change,
  EntryPoint,
  Gap,
  HealthPoint,
  Mark,
  PeriodCounts,
  Report,
  Row,
} from "../../../src/report/model.ts";

export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** A text as an attacker may choose it: for a table, an account, a program, a tag. */
export const HOSTILE =
  `</code></td><script>alert(1)</script><img src=x onerror="alert('2')">&amp;\u202e\u0007 x`;

/** A moment of the reports made here, in ISO; they begin on Friday, 20 November 2026. */
export function at(ms: number): string {
  return new Date(Date.UTC(2026, 10, 20) + ms).toISOString();
}

export function entryPoint(given: Partial<EntryPoint> = {}): EntryPoint {
  return { user: "app", host: "10.0.0.5", program: "", tags: {}, kills: 1, would_kill: 0, ...given };
}

/** A row with one kill of 12 seconds. */
export function row(given: Partial<Row> = {}): Row {
  return {
    key: "v2:0011223344556677",
    digest_text: "SELECT * FROM `t` WHERE `id` = ?",
    kills: 1,
    would_kill: 0,
    skipped: 0,
    outcomes: { killed: 1 },
    mean_ms: 12_000,
    worst_ms: 12_000,
    wasted_ms: 12_000,
    databases: ["orders-replica"],
    entry_points: [entryPoint()],
    entry_points_total: 1,
    first_seen: at(HOUR),
    last_seen: at(HOUR),
    before: 0,
    share: null,
    ranks: { kills: 1, share: null, wasted_ms: 1 },
    exempt: null,
    same_as: [],
    trend: [1, 0],
    ...given,
  };
}

/** A week in which nothing happened. */
export function quietReport(given: Partial<Report> = {}): Report {
  return {
    version: 1,
    from: at(0),
    to: at(7 * DAY),
    by: "digest",
    looks: 6_048_000,
    errors: 0,
    databases: 10,
    last_look: at(7 * DAY - 60_000),
    gaps: [],
    no_data: false,
    marks: [],
    totals: { kills: 0, would_kill: 0, wasted_ms: 0, distinct: 0, skipped: 0, outcomes: {}, before: null },
    rows: [],
    proposals: [],
    periods: periodsOf([0, 0, 0, 0, 0, 0, 0]),
    health: [],
    gates: [],
    notes: [],
    ...given,
  };
}

/** A week of which nothing is known. */
export function blankReport(): Report {
  const gaps = [{ from: at(0), to: at(7 * DAY), databases: null }];
  const periods = periodsOf([0, 0, 0, 0, 0, 0, 0]).map((period) => ({ ...period, looks: 0 }));
  return quietReport({ looks: 0, databases: 0, last_look: null, gaps, no_data: true, periods });
}

/** Days with these kills. */
export function periodsOf(kills: readonly number[], length = DAY): readonly PeriodCounts[] {
  return kills.map((count, index) => ({
    from: at(index * length),
    to: at((index + 1) * length),
    kills: count,
    would_kill: Math.floor(count / 5),
    looks: 864_000,
  }));
}

const QUERIES = [
  "SELECT `o` . * , `c` . `name` FROM `orders` `o` JOIN `customers` `c` ON `c` . `id` = `o` . `customer_id` WHERE `o` . `state` IN (...) AND `o` . `created_at` > ? ORDER BY `o` . `created_at` DESC LIMIT ?",
  "SELECT COUNT ( * ) FROM `events` WHERE `account_id` = ? AND `kind` LIKE ?",
  "SELECT * FROM `invoices` WHERE LOWER ( `email` ) = ?",
  "SELECT `u` . `id` FROM `users` `u` LEFT JOIN `sessions` `s` ON `s` . `user_id` = `u` . `id` WHERE `s` . `id` IS NULL",
  "UPDATE `stock` SET `reserved` = `reserved` + ? WHERE `sku` IN (...)",
  "SELECT `day` , SUM ( `amount` ) FROM `payments` GROUP BY `day`",
  "SELECT SLEEP ( ? )",
  "DELETE FROM `carts` WHERE `updated_at` < ?",
];

/** A week with all that a report can have; the same one every time. */
export function fullReport(given: Partial<Report> = {}): Report {
  const rows = QUERIES.map(fullRow);
  const kills = sum(rows.map((each) => each.kills));
  const would_kill = sum(rows.map((each) => each.would_kill));
  return quietReport({
    looks: 4_320_117,
    errors: 12,
    gaps: GAPS,
    marks: MARKS,
    totals: {
      kills,
      would_kill,
      wasted_ms: sum(rows.map((each) => each.wasted_ms)),
      distinct: rows.length,
      skipped: sum(rows.map((each) => each.skipped)),
      outcomes: { killed: kills - 7, survived: 3, "rolling-back": 4, "would-kill": would_kill, skipped: 31 },
      before: { kills: 391, would_kill: 12, wasted_ms: 13_000_000, distinct: 8 },
    },
    rows,
    proposals: [{
      old: "v2:7c9e6679f1b2a0de",
      new: rows[2]!.key,
      stopped: at(1.5 * DAY),
      started: at(1.6 * DAY),
      why: "the same shape and the same tag route; the new one began 2 hours after the old one ended",
    }],
    periods: periodsOf([71, 44, 0, 0, 39, 22, 18]).map((period, index) =>
      index === 2 || index === 3 ? { ...period, looks: 0 } : period
    ),
    health: healthOf(7 * 24),
    gates: [
      { database: "orders-replica", policy: "impacted", times: 14, open_ms: 9_840_000 },
      { database: "reporting", policy: "long-reads", times: 3, open_ms: 412_000 },
    ],
    notes: ["the exemption of digest v2:0000000000000005 expired with 2026-11-24: ask data-team"],
    compare: {
      period: { from: at(-14 * DAY), to: at(-7 * DAY) },
      improved: [change(0, 140, 71, true), change(3, 9, 7, false)],
      worse: [change(1, 11, 52, true)],
      new: [change(2, 0, 38, true)],
      gone: [{ ...change(0, 22, 0, true), key: "v2:7c9e6679f1b2a0de", digest_text: "SELECT ? FROM `old`" }],
    },
    ...given,
  });
}

function fullRow(digest_text: string, index: number): Row {
  const kills = [71, 52, 38, 21, 7, 3, 1, 1][index]!;
  const would_kill = [0, 9, 0, 14, 0, 2, 0, 1][index]!;
  const mean_ms = 8000 + index * 3700;
  return row({
    key: `v2:${String(index).padStart(16, "0")}`,
    digest_text,
    kills,
    would_kill,
    skipped: index * 3,
    outcomes: {
      killed: kills,
      ...would_kill > 0 && { "would-kill": would_kill },
      ...index > 0 && { skipped: index * 3 },
    },
    mean_ms,
    worst_ms: mean_ms * 6,
    wasted_ms: mean_ms * kills,
    databases: ["orders-primary", "orders-replica", "reporting"].slice(0, 1 + index % 3),
    entry_points: [
      entryPoint({
        program: "orders-api",
        tags: { route: "/orders", service: "web" },
        kills: Math.ceil(kills * 0.7),
      }),
      entryPoint({ user: "etl", host: "10.0.1.9", kills: kills - Math.ceil(kills * 0.7), would_kill }),
    ],
    entry_points_total: index === 0 ? 31 : 2,
    first_seen: at(-30 * DAY),
    last_seen: at(6 * DAY + index * HOUR),
    before: [140, 11, 0, 21, 9, null, 0, 2][index]!,
    share: index % 3 === 2 ? null : 0.31 / (index + 1) ** 3,
    ranks: {
      kills: index === 7 ? 7 : index + 1,
      share: index % 3 === 2 ? null : index + 1,
      wasted_ms: index + 1,
    },
    exempt: EXEMPTIONS[index] ?? null,
    same_as: index === 1 ? ["v2:aaaaaaaaaaaaaaaa"] : [],
    trend: [30, 20, 0, 0, 12, 6, 3].map((count) => Math.round(count / (index + 1))),
  });
}

const EXEMPTIONS: Readonly<Record<number, Row["exempt"]>> = {
  4: { owner: "stock", reason: "the nightly count; rewritten in Q1", until: "2027-01-31", expired: false },
  5: { owner: "data-team", reason: "month-end closing", until: "2026-11-24", expired: true },
};

const GAPS: readonly Gap[] = [
  { from: at(2 * DAY), to: at(4 * DAY), databases: null },
  { from: at(5 * DAY + 3 * HOUR), to: at(5 * DAY + 4.5 * HOUR), databases: ["reporting"] },
];

const MARKS: readonly Mark[] = [
  { at: at(1.3 * DAY), kind: "policy-changed", database: null, text: "impacted: its where has changed" },
  { at: at(2 * DAY), kind: "stopped", database: null, text: "SIGTERM" },
  { at: at(4 * DAY), kind: "started", database: null, text: "query-sniper 0.1.0" },
  { at: at(4 * DAY + HOUR), kind: "upgraded", database: null, text: "from 0.1.0 to 0.2.0" },
  { at: at(5.5 * DAY), kind: "paused", database: "orders-primary", text: "restore of orders, ask Kim" },
];

/** A change of one of the queries of {@linkcode fullReport}. */
export function change(index: number, before: number, now: number, certain: boolean): Change {
  const words = certain
    ? `${now > before ? "more" : "fewer"} than before, by chance less often than once in a thousand`
    : "too few to tell from chance";
  return {
    key: `v2:${String(index).padStart(16, "0")}`,
    digest_text: QUERIES[index]!,
    before,
    now,
    words,
    certain,
  };
}

function healthOf(hours: number): readonly HealthPoint[] {
  return Array.from({ length: hours }, (_, hour) => {
    const blank = hour >= 48 && hour < 96;
    const wave = Math.max(0, Math.sin(hour / 5) + Math.sin(hour / 17));
    return {
      at: at(hour * HOUR),
      lag_s: blank ? null : Math.round(wave * wave * 42),
      hll: blank ? null : Math.round(40_000 + wave * 700_000),
      kills: !blank && wave > 1.2 ? Math.round(wave * 4) : 0,
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** A report in which every text from data is {@linkcode HOSTILE}. */
export function hostileReport(): Report {
  const full = fullReport();
  const tag = { at: full.from, kind: HOSTILE, database: HOSTILE, text: HOSTILE };
  return {
    ...full,
    by: `tag.${HOSTILE}`,
    filter: { database: HOSTILE, policy: HOSTILE },
    gaps: [{ ...full.gaps[0]!, databases: [HOSTILE] }],
    marks: Array.from({ length: 9 }, () => tag),
    totals: { ...full.totals, outcomes: { [HOSTILE]: 3 } },
    rows: full.rows.map((each, index) => ({
      ...each,
      key: HOSTILE,
      digest_text: index === 0 ? "" : `${HOSTILE} ${HOSTILE}`,
      databases: [HOSTILE],
      outcomes: { [HOSTILE]: 1 },
      entry_points: [
        entryPoint({ user: HOSTILE, host: HOSTILE, program: HOSTILE, tags: { [HOSTILE]: HOSTILE } }),
      ],
      exempt: index < 3
        ? { owner: HOSTILE, reason: HOSTILE, until: "2026-12-01", expired: index === 1 }
        : null,
      same_as: [HOSTILE],
    })),
    proposals: [{ old: HOSTILE, new: HOSTILE, stopped: full.from, started: full.to, why: HOSTILE }],
    gates: [{ database: HOSTILE, policy: HOSTILE, times: 1, open_ms: 1 }],
    notes: [HOSTILE],
    compare: {
      ...full.compare!,
      improved: [{ key: HOSTILE, digest_text: HOSTILE, before: 1, now: 0, words: HOSTILE, certain: false }],
    },
  };
}
