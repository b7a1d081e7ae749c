import { ACTION_NAMES, MODES, VICTIM_ORDERS } from "../policy/mod.ts";
import {
  duration,
  expression,
  filePath,
  filledText,
  host,
  integer,
  list,
  metricSql,
  name,
  type NameRule,
  object,
  oneOrMore,
  optional,
  orOff,
  quantity,
  type Read,
  record,
  required,
  secretText,
  share,
  tableName,
  tagKey,
  text,
  variableName,
  word,
} from "../yaml/mod.ts";
import { schedule } from "./schedule.ts";

/** What of a statement is told: its digest, or its text with all that is in it. */
export const SQL_LOGS = ["digest", "raw"] as const;
/** MySQL's own names (`--ssl-mode`). */
export const SSL_MODES = ["disabled", "preferred", "required", "verify-ca", "verify-identity"] as const;

const policyKeys = {
  description: optional(text, "What it is for, in words."),
  mode: optional(word(MODES), "dry-run: it only rehearses, beside the armed policies."),
  when: optional(expression, "Its gate: whether the database is hurt. Omitted: always."),
  until: optional(expression, "What closes the gate once it is open. Omitted: that `when` is not true."),
  for: optional(
    duration({ min: "0s", max: "7d" }),
    "How long the gate has to be open, at every look, before it acts.",
  ),
  during: optional(
    schedule,
    "The hours in which it is asked at all, such as Mon-Fri 08:00-20:00 Europe/Berlin; UTC without a zone.",
  ),
  where: optional(expression, "Which sessions it selects."),
  then: optional(word(ACTION_NAMES), "What becomes of them."),
  escalate: optional(
    duration({ min: "1s", max: "1h" }),
    "How long after its kill the same execution may go on, or its transaction hold what it was selected for, before " +
      "its connection is ended. Omitted: for ever.",
  ),
  share: optional(
    share,
    "Its own share of sessions, in place of the budget's; `at_least` of the budget holds for it too.",
  ),
  rollback: optional(
    word(["any"] as const),
    "However much the server has to undo. Omitted: limits.rollback_rows changed rows at most.",
  ),
  settle: optional(
    duration({ min: "0s", max: "1d" }),
    "How long it waits after its kills, and after each improvement of `when`.",
  ),
  give_up_after: optional(
    integer({ min: 1, max: 1000 }),
    "After so many rounds that improved nothing it stops until its gate has closed.",
  ),
  victims: optional(
    object({
      order: optional(word(VICTIM_ORDERS), "Who comes first."),
      limit: optional(
        integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        "How many at each look. Omitted: all that were selected.",
      ),
    }, { instead: "such as { limit: 5 }" }),
    "Which of the selected sessions it takes at each look.",
  ),
};

/** A policy at the top of the file: complete, but for what has a default. */
const policy = object({
  name: required(name, "What it is called in events, and where a group or database overrides it."),
  ...policyKeys,
  where: required(expression, policyKeys.where.doc),
  then: required(word(ACTION_NAMES), policyKeys.then.doc),
});

/** What is named in expressions as well, whose names have no upper case and no hyphens. */
function nameRule(what: string): NameRule {
  return {
    pattern: /^[a-z_][a-z0-9_]{0,63}$/,
    rule: `a ${what} is named in lower case letters, digits and underscores`,
  };
}

/** The keys that every level has: what is set lower down wins. */
const levelKeys = {
  mode: optional(word(MODES), "dry-run (default): decide and log, never kill; enforce: kill."),
  interval: optional(
    duration({ min: "100ms", max: "1h" }),
    "The longest time between two looks at a database; default 1s.",
  ),
  limits: optional(
    record(quantity, nameRule("limit")),
    "Named values, each with its unit, that policies use as limits.NAME.",
  ),
  budget: optional(
    object({
      kills: optional(
        integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        "How many within `per`; default 30.",
      ),
      per: optional(duration({ min: "1s", max: "7d" }), "The sliding window of the budget; default 1m."),
      share: optional(
        share,
        "Of the running sessions (kill query), or of the connections (kill connection); default 20%.",
      ),
      at_least: optional(
        integer({ min: 1, max: 10_000 }),
        "So many kills a share always allows within `per`, however few sessions there are; default 5.",
      ),
    }),
    "How many kills there may be at each database. Once spent: decide and log only, until it recovers.",
  ),
  lease: optional(
    word(["on", "off"] as const),
    "on (default): only the one program kills on a server that holds a named lock there.",
  ),
  verify: optional(
    duration({ min: "100ms", max: "15s" }),
    "How long to look for the effect of a kill; default 5s.",
  ),
  grace: optional(
    duration({ min: "0s", max: "1h" }),
    "Nothing is killed for this long after a reconnect, restart, failover or change of role; default 10s.",
  ),
  heartbeat: optional(
    tableName,
    "A table with server_id and ts, for the lag, only where nothing better tells it.",
  ),
  metrics: optional(
    record(
      object({
        sql: required(metricSql, "A SELECT of one number."),
        every: optional(duration({ min: "1s", max: "1h" }), "How often it is asked for; default 10s."),
      }),
      nameRule("metric"),
    ),
    "Numbers from your own SQL, which policies use as metric.NAME.",
  ),
  protect: optional(
    list(expression),
    "Sessions that no policy may touch, besides the built-in ones. Levels add up.",
  ),
  ssl_mode: optional(word(SSL_MODES), "When and how the connection is encrypted; default preferred."),
  ssl_ca: optional(filePath, "A file of the authorities by which the server's certificate is checked (PEM)."),
  ssl_cert: optional(filePath, "A file with this client's certificate (PEM)."),
  ssl_key: optional(filePath, "A file with the key of that certificate (PEM)."),
};

const lowerLevelKeys = {
  ...levelKeys,
  policies: optional(
    record(orOff(object(policyKeys))),
    "By name: what differs from the inherited policy, or off, or a new policy.",
  ),
};

const database = object({
  name: required(name, "What it is called in events and in the credentials."),
  host: optional(host, "A host name or an IP address."),
  port: optional(integer({ min: 1, max: 65535 }), "Default 3306."),
  socket: optional(filePath, "A Unix socket, in place of host and port."),
  group: optional(name, "The group whose keys it inherits."),
  source: optional(
    name,
    "The name of the database that it replicates from; needed only where the servers do not tell.",
  ),
  ...lowerLevelKeys,
});

const groups = optional(
  record(object(lowerLevelKeys)),
  "By name: what the databases of a group have in common.",
);

const mainKeys = {
  ...levelKeys,
  credentials: optional(
    filePath,
    "The file that says who logs in, relative to this one; default credentials.yaml.",
  ),
  include: optional(
    oneOrMore(filePath),
    "Files with more databases and groups, such as databases.d/*.yaml, relative to this one.",
  ),
  journal: optional(
    filePath,
    "Where kills are written down before they are made; default query-sniper.sqlite in $STATE_DIRECTORY, " +
      "else beside this file; off: nowhere.",
  ),
  evidence: optional(
    object({
      keep: optional(
        duration({ min: "10s", max: "1h" }),
        "For how long looks are kept in memory, 32 MiB of them at most; default 5m.",
      ),
      folder: optional(
        filePath,
        "Where the files are, relative to this one; default evidence in $STATE_DIRECTORY, else beside this file.",
      ),
    }),
    "Keeps the last looks, and at a kill writes them to a file for `replay`. Omitted: keeps nothing; {}: as said.",
  ),
  tags: optional(list(tagKey), "The keys of the tags in comments of statements that are kept."),
  log: optional(
    object({
      sql: optional(word(SQL_LOGS), "digest (default): no literal is told; raw: the text of statements is."),
    }, { instead: "such as { sql: digest }, and events go to standard output" }),
    "What events tell.",
  ),
  policies: optional(list(policy), "Asked in this order."),
  groups,
  databases: optional(list(database, { min: 1 }), "What to watch."),
};

/** The main file. */
export const configFile = object(mainKeys, { either: ["databases", "include"] });

/** A file that the main file includes. */
export const includedFile = object(
  { groups, databases: required(list(database), "What to watch.") },
  { foreign: Object.keys(mainKeys) },
);

const account = object({
  user: required(filledText, "The account's user name."),
  password: optional(secretText, "Its password; or one of the next two in its place."),
  password_env: optional(variableName, "The environment variable that holds the password."),
  password_file: optional(filePath, "The file that holds the password, relative to this one."),
});

/** The credentials file. */
export const credentialsFile = object({
  default: optional(account, "Who logs in where a database is not named below."),
  databases: optional(record(account), "Who logs in at each database, by its name."),
});

/** The main file as it was read, before the levels are laid over each other. */
export type ConfigFile = Read<typeof configFile>;
/** An included file as it was read. */
export type IncludedFile = Read<typeof includedFile>;
/** One group. */
export type GroupLevel = Read<typeof lowerGroup>;
/** One database. */
export type DatabaseLevel = NonNullable<NonNullable<ConfigFile["databases"]>[number]>;
/** An account of the credentials file. */
export type AccountEntry = Read<typeof account>;
/** What a policy is written as at any level. */
export type PolicyKeys = Read<typeof policyShape>;

const lowerGroup = object(lowerLevelKeys);
const policyShape = object(policyKeys);
