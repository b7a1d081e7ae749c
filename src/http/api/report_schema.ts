import {
  COUNT,
  FLAG,
  list,
  mapOf,
  MOMENT,
  NUMBER,
  object,
  orNull,
  type Schema,
  TEXT,
  told,
} from "./schema.ts";

const COUNTS = { kills: COUNT, would_kill: COUNT, wasted_ms: NUMBER, distinct: COUNT };

const ENTRY_POINT = object({
  user: TEXT,
  host: TEXT,
  program: TEXT,
  tags: mapOf(TEXT),
  kills: COUNT,
  would_kill: COUNT,
});

const ROW = object({
  key: told(TEXT, "the digest, the value of the tag, the name; empty where it is unknown"),
  digest_text: TEXT,
  kills: COUNT,
  would_kill: COUNT,
  skipped: COUNT,
  outcomes: mapOf(COUNT),
  mean_ms: orNull(NUMBER),
  worst_ms: orNull(NUMBER),
  wasted_ms: NUMBER,
  databases: list(TEXT),
  entry_points: list(ENTRY_POINT),
  entry_points_total: COUNT,
  first_seen: MOMENT,
  last_seen: MOMENT,
  before: orNull(NUMBER),
  share: told(orNull(NUMBER), "kills as a part of all executions, 0 to 1; null: unknown"),
  ranks: object({ kills: COUNT, share: orNull(COUNT), wasted_ms: COUNT }),
  exempt: orNull(object({ owner: TEXT, reason: TEXT, until: orNull(TEXT), expired: FLAG })),
  same_as: list(TEXT),
  trend: list(NUMBER),
});

const CHANGES = list(object({
  key: TEXT,
  digest_text: TEXT,
  before: NUMBER,
  now: NUMBER,
  words: TEXT,
  certain: FLAG,
}));

/** A report, as `report --format json` prints it. */
export const REPORT_SCHEMA: Schema = object({
  version: told({ type: "integer" }, "of this format; fields may be added under the same version"),
  from: MOMENT,
  to: MOMENT,
  by: TEXT,
  "filter?": object({ "database?": TEXT, "policy?": TEXT }),
  looks: COUNT,
  errors: COUNT,
  databases: COUNT,
  last_look: orNull(MOMENT),
  gaps: list(object({ from: MOMENT, to: MOMENT, databases: orNull(list(TEXT)) })),
  no_data: told(FLAG, "no look was made in the period: then zeros mean nothing"),
  marks: list(object({ at: MOMENT, kind: TEXT, database: orNull(TEXT), text: TEXT })),
  totals: object({ ...COUNTS, skipped: COUNT, outcomes: mapOf(COUNT), before: orNull(object(COUNTS)) }),
  rows: list(ROW),
  proposals: list(object({ old: TEXT, new: TEXT, stopped: MOMENT, started: MOMENT, why: TEXT })),
  periods: list(object({ from: MOMENT, to: MOMENT, kills: COUNT, would_kill: COUNT, looks: COUNT })),
  health: list(object({ at: MOMENT, lag_s: orNull(NUMBER), hll: orNull(NUMBER), kills: COUNT })),
  gates: list(object({ database: TEXT, policy: TEXT, times: COUNT, open_ms: NUMBER })),
  notes: list(TEXT),
  "compare?": object({
    period: object({ from: MOMENT, to: MOMENT }),
    improved: CHANGES,
    worse: CHANGES,
    new: CHANGES,
    gone: CHANGES,
  }),
});
