import { ACTION_NAMES, MODES, VICTIM_ORDERS } from "../policy/mod.ts";
import {
  defaultsOf,
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
  preset,
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
import { all, each, lowest } from "./merge.ts";
import { schedule } from "./schedule.ts";

/** What of a statement is told: its digest, or its text with all that is in it. */
export const SQL_LOGS = ["digest", "raw"] as const;
/** MySQL's own names (`--ssl-mode`). */
export const SSL_MODES = ["disabled", "preferred", "required", "verify-ca", "verify-identity"] as const;

/** The keys of a policy's `victims`. */
export const victimKeys = {
  order: preset(word(VICTIM_ORDERS), "oldest", "Who comes first."),
  limit: optional(
    integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    "How many at each look. Omitted: all that were selected.",
  ),
};

/** The keys of a policy, which an override replaces one by one, but for what is merged. */
export const policyKeys = {
  description: optional(text, "What it is for, in words."),
  mode: optional(word(MODES), "dry-run: it only rehearses, beside the armed policies."),
  when: optional(expression, "Its gate: whether the database is hurt. Omitted: always."),
  until: optional(expression, "What closes the gate once it is open. Omitted: that `when` is not true."),
  for: preset(
    duration({ min: "0s", max: "7d" }),
    "0s",
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
  give_up_after: preset(
    integer({ min: 1, max: 1000 }),
    "5",
    "After so many rounds that improved nothing it stops until its gate has closed.",
  ),
  victims: each(
    optional(
      object(victimKeys, { instead: "such as { limit: 5 }" }),
      "Which of the selected sessions it takes at each look.",
    ),
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

/** The keys of the budget. */
export const budgetKeys = {
  kills: preset(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), "30", "How many within `per`."),
  per: preset(duration({ min: "1s", max: "7d" }), "1m", "The sliding window of the budget."),
  share: preset(
    share,
    "20%",
    "Of the running sessions (kill query), or of the connections (kill connection).",
  ),
  at_least: preset(
    integer({ min: 1, max: 10_000 }),
    "5",
    "So many kills a share always allows within `per`, however few sessions there are.",
  ),
};

/** The keys of a metric. */
export const metricKeys = {
  sql: required(metricSql, "A SELECT of one number."),
  every: preset(duration({ min: "1s", max: "1h" }), "10s", "How often it is asked for."),
};

/** The keys that every level has, and how levels are laid over each other. */
export const levelKeys = {
  mode: lowest(
    preset(word(MODES), "dry-run", "{default} (default): decide and log, never kill; enforce: kill."),
  ),
  interval: lowest(
    preset(
      duration({ min: "100ms", max: "1h" }),
      "1s",
      "The longest time between two looks at a database.",
    ),
  ),
  limits: each(
    optional(
      record(quantity, nameRule("limit")),
      "Named values, each with its unit, that policies use as limits.NAME.",
    ),
  ),
  budget: each({
    ...optional(
      object(budgetKeys),
      "How many kills there may be at each database. Once spent: decide and log only, until it recovers.",
    ),
    default: defaultsOf(budgetKeys),
  }),
  lease: lowest(
    preset(
      word(["on", "off"] as const),
      "on",
      "{default} (default): only the one program kills on a server that holds a named lock there.",
    ),
  ),
  verify: lowest(
    preset(duration({ min: "100ms", max: "15s" }), "5s", "How long to look for the effect of a kill."),
  ),
  grace: lowest(
    preset(
      duration({ min: "0s", max: "1h" }),
      "10s",
      "Nothing is killed for this long after a reconnect, restart, failover or change of role.",
    ),
  ),
  heartbeat: lowest(
    optional(tableName, "A table with server_id and ts, for the lag, only where nothing better tells it."),
  ),
  metrics: each(
    optional(
      record(object(metricKeys), nameRule("metric")),
      "Numbers from your own SQL, which policies use as metric.NAME.",
    ),
  ),
  protect: all(
    optional(
      list(expression),
      "Sessions that no policy may touch, besides the built-in ones. Levels add up.",
    ),
  ),
  ssl_mode: lowest(
    preset(word(SSL_MODES), "preferred", "When and how the connection is encrypted."),
  ),
  ssl_ca: lowest(
    optional(filePath, "A file of the authorities by which the server's certificate is checked (PEM)."),
  ),
  ssl_cert: lowest(optional(filePath, "A file with this client's certificate (PEM).")),
  ssl_key: lowest(optional(filePath, "A file with the key of that certificate (PEM).")),
};

const lowerLevelKeys = {
  ...levelKeys,
  policies: optional(
    record(orOff(object(policyKeys))),
    "By name: what differs from the inherited policy, or off, or a new policy.",
  ),
};

/** The keys of a database alone. */
export const databaseKeys = {
  name: required(name, "What it is called in events and in the credentials."),
  host: optional(host, "A host name or an IP address."),
  port: preset(integer({ min: 1, max: 65535 }), "3306", "Default {default}."),
  socket: optional(filePath, "A Unix socket, in place of host and port."),
  group: optional(name, "The group whose keys it inherits."),
  source: optional(
    name,
    "The name of the database that it replicates from; needed only where the servers do not tell.",
  ),
};

const database = object({ ...databaseKeys, ...lowerLevelKeys });

const groups = optional(
  record(object(lowerLevelKeys)),
  "By name: what the databases of a group have in common.",
);

/** The keys of evidence. */
export const evidenceKeys = {
  keep: preset(
    duration({ min: "10s", max: "1h" }),
    "5m",
    "For how long looks are kept in memory, 32 MiB of them at most.",
  ),
  folder: preset(
    filePath,
    "evidence",
    "Where the files are, relative to this one; default {default} in $STATE_DIRECTORY, else beside this file.",
  ),
};

/** What events tell. */
export const logKeys = {
  sql: preset(
    word(SQL_LOGS),
    "digest",
    "{default} (default): no literal is told; raw: the text of statements is.",
  ),
};

/** The keys of the main file. */
export const mainKeys = {
  ...levelKeys,
  credentials: preset(
    filePath,
    "credentials.yaml",
    "The file that says who logs in, relative to this one.",
  ),
  include: optional(
    oneOrMore(filePath),
    "Files with more databases and groups, such as databases.d/*.yaml, relative to this one.",
  ),
  forbid: optional(
    list(word(Object.keys(lowerLevelKeys) as (keyof typeof lowerLevelKeys)[])),
    "Keys that included files may not have, such as [mode, lease, budget].",
  ),
  journal: preset(
    filePath,
    "query-sniper.sqlite",
    "Where kills are written down before they are made; default {default} in $STATE_DIRECTORY, " +
      "else beside this file; off: nowhere.",
  ),
  evidence: optional(
    object(evidenceKeys),
    "Keeps the last looks, and at a kill writes them to a file for `replay`. Omitted: keeps nothing; {}: as said.",
  ),
  tags: preset(
    list(tagKey),
    ["controller", "action", "job", "route", "application", "method"],
    "The keys of the tags in comments of statements that are kept.",
  ),
  log: optional(
    object(logKeys, { instead: "such as { sql: digest }, and events go to standard output" }),
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
  user: optional(filledText, "The account's user name."),
  password: optional(secretText, "Its password; or one of the next three in its place."),
  password_env: optional(variableName, "The environment variable that holds the password."),
  password_file: optional(filePath, "The file that holds the password, relative to this one."),
  defaults_file: optional(
    filePath,
    "A file like ~/.my.cnf, relative to this one, whose [client] has the password, and the user unless it stands here.",
  ),
}, { either: ["user", "defaults_file"] });

/** The credentials file. */
export const credentialsFile = object({
  default: optional(account, "Who logs in where neither a database nor its group is named below."),
  groups: optional(record(account), "Who logs in at the databases of a group, by its name."),
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
