import { keyOf, type NameRow } from "../language/mod.ts";
import { COMMANDS, type CostlyName, type DatabaseName, VOCABULARY } from "../mysql/mod.ts";
import { GATE_STATES, KILLS, reasonsThat } from "../policy/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import {
  duration,
  integer,
  type Kind,
  list,
  name,
  NAMES,
  object,
  optional,
  plainText,
  preset,
  record,
  required,
  scalar,
  text,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { groupTrial } from "./group_trial_schema.ts";
import { instant, moment, orUnknown, reading, truth } from "./reading.ts";
import { type Series, series } from "./series.ts";

type Optional<T> = ReturnType<typeof optional<T>>;

/** A name of the vocabulary as a key, whose value may change over time. */
function timed(row: NameRow): readonly [string, Optional<Series>] {
  return [row.name, optional(series(reading(row)), `${row.meaning}.`)];
}

const databaseNames = Object.fromEntries(
  VOCABULARY.rows.filter(({ scope }) => scope === "database").map(timed),
) as Readonly<Record<DatabaseName, Optional<Series>>>;

const knownValues = object(databaseNames);
const metric = series(reading(VOCABULARY.families.find(({ name }) => name === "metric")!));

/** The values of the database: the names of the language, and `metric.NAME`. */
const values: Kind<Readonly<Record<string, Series | undefined>>> = {
  ...knownValues,
  schema: { ...knownValues.schema, additionalProperties: metric.schema },
  read(value, path, problems) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return knownValues.read(value, path, problems);
    }
    const entries = Object.entries(value);
    const isMetric = ([key]: readonly [string, unknown]) => keyOf("metric", key) !== undefined;
    const metrics = entries.filter(isMetric).map(([key, item]) =>
      [key, metric.read(item, [...path, key], problems)] as const
    );
    const rest = Object.fromEntries(entries.filter((entry) => !isMetric(entry)));
    return { ...knownValues.read(rest, path, problems), ...Object.fromEntries(metrics) };
  },
};

/** Names that are derived: from `transaction_since`, and from the text. */
const WORKED_OUT: readonly string[] = ["transaction_time", "digest"];

const causes = Object.fromEntries(
  VOCABULARY.rows.filter(({ name, costly }) => costly && !WORKED_OUT.includes(name)).map(timed),
) as Readonly<Record<Exclude<CostlyName, "transaction_time" | "digest">, Optional<Series>>>;

const command: Kind<string> = scalar(
  "a command of the process list",
  { enum: COMMANDS },
  (text, wrong) =>
    COMMANDS.some((command) => command === text)
      ? text
      : wrong(`expected a command of the process list: ${quoted(text)}${didYouMean(text, COMMANDS, '"')}`),
);

const id = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** The keys of a session. */
export const sessionKeys = {
  id: required(id, "The id of the connection."),
  user: preset(text, "app", "The account's user name."),
  host: preset(plainText, "localhost", "Where the client is."),
  db: optional(plainText, "The default schema; default none."),
  program: optional(orUnknown(plainText), "What the client calls itself; default nothing."),
  command: preset(command, "Query", "What the process list shows while the statement runs."),
  state: optional(plainText, "What the process list shows as State; default nothing."),
  sql: optional(orUnknown(text), "The statement, from `started` on."),
  started: optional(
    orUnknown(moment),
    "When its statement begins: -5m is five minutes before the test does.",
  ),
  idle_since: optional(orUnknown(moment), "When it has nothing to do any more, or yet."),
  transaction_since: optional(orUnknown(moment), "When its transaction begins; default: it has none."),
  ends: optional(moment, "When it goes away by itself."),
  survives: optional(truth, "true: a kill of its statement has no effect, one of its connection has."),
  attributes: optional(
    record(orUnknown(plainText), { ...NAMES, pattern: /^[a-z_][a-z0-9_]{0,63}$/ }),
    "What the client said of itself when it connected.",
  ),
  ...causes,
};

const session = object(sessionKeys, { either: ["started", "idle_since"] });

/** A mapping, or as a shorthand the one value that it must have. */
function orId<T extends { readonly session?: number | undefined }>(mapping: Kind<T>): Kind<T> {
  return {
    expects: "the id of a session, or a mapping of keys",
    schema: { anyOf: [id.schema, mapping.schema] },
    read(value, path, problems) {
      if (typeof value !== "string") return mapping.read(value, path, problems);
      const session = id.read(value, path, problems);
      return session === undefined ? undefined : { session } as T;
    },
  };
}

const sessionKey = required(id, "Which session of the test.");
const policyKey = optional(name, "By which policy; omitted: by any.");

const matchKeys = {
  session: sessionKey,
  policy: policyKey,
  because: optional(list(text, { min: 1 }), "Clauses of `when` and `where` that decided, among others."),
};
const match = object(matchKeys);
const victim = object({
  ...matchKeys,
  action: optional(word(KILLS), "What is done to it; omitted: anything."),
});

const spared = object({
  session: sessionKey,
  policy: policyKey,
  reason: optional(word(reasonsThat("in_tests")), "It is selected at this look, and spared for this reason."),
});

const expectation = object({
  at: required(duration({ min: "0s", max: "1d" }), "When, since the test began."),
  gates: optional(record(word(GATE_STATES)), "By policy: how its gate is."),
  victims: optional(
    list(orId(victim)),
    "All who were killed since `victims` were last asked for; [] is nobody.",
  ),
  matches: optional(
    list(orId(match)),
    "The same, of policies that only look on: then: log, or mode: dry-run.",
  ),
  spared: optional(list(orId(spared), { min: 1 }), "Who is alive."),
}, { either: ["gates", "victims", "matches", "spared"] });

/** The keys of a test. */
export const trialKeys = {
  name: required(text, "What it shows, in words; no two of a file have the same."),
  database: optional(name, "Which database of the configuration; omitted where there is one."),
  start: preset(
    instant,
    "2026-01-05T12:00:00Z",
    "What the clock shows at 0s, for `during`; default {default}, a Monday.",
  ),
  values: optional(values, "What is read of the database; what is not given is unknown."),
  sessions: optional(list(session), "Who is there; what is not given is in nobody's way."),
  expect: required(list(expectation, { min: 1 }), "What is to come of it, in the order of time."),
};

const trial = object(trialKeys);

/** A file with tests of policies. */
export const trialFile = object({
  config: required(text, "The configuration whose policies are tested, relative to this file."),
  tests: optional(list(trial, { min: 1 }), "Tests of policies about sessions."),
  shard_tests: optional(list(groupTrial, { min: 1 }), "Tests of policies about shards."),
}, { either: ["tests", "shard_tests"] });

/** A test as read. */
export type WrittenTrial = ValueOf<typeof trial>;
/** A session as read. */
export type WrittenSession = ValueOf<typeof session>;
/** An expectation as read. */
export type WrittenExpectation = ValueOf<typeof expectation>;
