import { SHARD_ACTIONS, type ShardAction } from "../config/mod.ts";
import { VOCABULARY } from "../mysql/mod.ts";
import { TESTED_GROUP_REASONS } from "../shards/policy/mod.ts";
import { shardVocabulary } from "../shards/policy/vocabulary.ts";
import {
  duration,
  list,
  name,
  object,
  optional,
  preset,
  record,
  required,
  text,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { instant, reading, truth } from "./reading.ts";
import { type Series, series } from "./series.ts";

const names = Object.fromEntries(
  shardVocabulary(VOCABULARY).rows.filter(({ scope }) => scope === "database").map((row) =>
    [row.name, optional(series(reading(row)), `${row.meaning}.`)] as const
  ),
) as Readonly<Record<string, ReturnType<typeof optional<Series>>>>;

const shardKeys = {
  reachable: optional(series(truth), "false: it cannot be reached. Omitted: it can."),
  ...names,
};

const action = optional(
  word(Object.keys(SHARD_ACTIONS) as readonly ShardAction[]),
  "What it does; omitted: anything.",
);
const shard = optional(name, "To which shard; omitted: to any, or to the group.");
const changeKeys = { policy: required(name, "Which policy."), action, shard };
const change = object(changeKeys);
const skipped = object({
  ...changeKeys,
  reason: optional(
    word(TESTED_GROUP_REASONS),
    "Why; omitted: for any reason.",
  ),
});

const expectation = object({
  at: required(duration({ min: "0s", max: "7d" }), "When, since the test began."),
  changes: optional(list(change), "All changes since `changes` were last asked for; [] is none."),
  matches: optional(list(change), "The same, of policies that only look on: then: log, or mode: dry-run."),
  skipped: optional(list(skipped, { min: 1 }), "What was held back, since the test began."),
}, { either: ["changes", "matches", "skipped"] });

/** The keys of a test of policies about shards. */
export const groupTrialKeys = {
  name: required(text, "What it shows, in words; no two of a file have the same."),
  start: preset(
    instant,
    "2026-01-05T12:00:00Z",
    "What the clock shows at 0s, for `during`; default {default}, a Monday.",
  ),
  takes: preset(duration({ min: "0s", max: "7d" }), "0s", "How long each change takes; default {default}."),
  shards: required(
    record(object(shardKeys)),
    "By name: what is measured of each shard; what is not given is unknown. No change changes it.",
  ),
  expect: required(list(expectation, { min: 1 }), "What is to come of it, in the order of time."),
};

/** A test of policies about shards. */
export const groupTrial = object(groupTrialKeys);

/** Such a test as read. */
export type WrittenGroupTrial = ValueOf<typeof groupTrial>;
