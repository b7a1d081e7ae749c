import { DEFAULT_TAGS } from "./default_tags.ts";
import {
  duration,
  expression,
  filePath,
  filledText,
  host,
  integer,
  list,
  name,
  object,
  oneOrMore,
  optional,
  orOff,
  preset,
  record,
  required,
  secretText,
  size,
  tagKey,
  textOr,
  type ValueOf,
  variableName,
  word,
} from "../yaml/mod.ts";
import { alias, exempt } from "./exempt_keys.ts";
import { levelKeys } from "./level_keys.ts";
import { listen } from "./listen_keys.ts";
import { notify } from "./notify_keys.ts";
import { policyKeys } from "./policy_keys.ts";
import { proxysql } from "./proxysql_keys.ts";
import { sharding } from "./sharding_keys.ts";

/** What events show of a statement: its digest, or its text with all literals. */
export const SQL_LOGS = ["digest", "raw"] as const;

/** A policy at the top of the file: complete, apart from keys with a default. */
const policy = object({
  name: required(name, "What it is called in events, and where a group or database overrides it."),
  ...policyKeys,
  where: required(expression, policyKeys.where.doc),
  then: required(policyKeys.then.kind, policyKeys.then.doc),
});

/** The key of a group or a database that names what clients reach it through. */
export const behindKeys = {
  proxysql: optional(
    oneOrMore(name),
    "The name of the ProxySQL, or of each, through which clients reach it; off: none. Also of a group.",
  ),
};

const lowerLevelKeys = {
  ...levelKeys,
  ...behindKeys,
  policies: optional(
    record(orOff(object(policyKeys))),
    "By name: what differs from the inherited policy, or off, or a new policy.",
  ),
};

/** The keys that only a database has. */
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

/** The keys of the journal. */
export const journalKeys = {
  file: preset(
    filePath,
    "query-sniper.sqlite",
    "Where it is; default {default} in $STATE_DIRECTORY, else beside this file; off: nowhere.",
  ),
  keep: preset(duration({ min: "8d", max: "3650d" }), "400d", "For how long it keeps what happened."),
  max_size: preset(
    size({ min: "16MiB", max: "1024GiB" }),
    "2GiB",
    "Its oldest days go when it is larger; the last eight stay.",
  ),
};

/** The keys of the log. */
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
    textOr(filePath, object(journalKeys)),
    "query-sniper.sqlite",
    "Where kills are written down before they are made, and what else happened; default {default} in " +
      "$STATE_DIRECTORY, else beside this file; off: nowhere. Or a mapping.",
  ),
  evidence: optional(
    object(evidenceKeys),
    "Keeps the last looks, and at a kill writes them to a file for `replay`. Omitted: keeps nothing; {}: as said.",
  ),
  tags: preset(
    list(tagKey),
    DEFAULT_TAGS,
    "The keys of the tags in comments of statements that are kept.",
  ),
  log: optional(
    object(logKeys, { instead: "such as { sql: digest }, and events go to standard output" }),
    "What events tell.",
  ),
  exempt: optional(
    list(exempt),
    "Queries that someone answers for: they are killed and counted all the same, and reports show them apart.",
  ),
  aliases: optional(list(alias), "Digests that are the same query: reports count them as one."),
  notify: optional(notify, "By name: who is told when something happens, and of what. Omitted: nobody."),
  listen: optional(
    listen,
    "Where `run` serves its page, metrics and API over HTTP, such as 127.0.0.1:9180. Omitted: nowhere. Or a mapping.",
  ),
  proxysql: optional(
    proxysql,
    "The ProxySQL that is looked after, beside databases or without any. Or a list of them, each with a name.",
  ),
  sharding: optional(
    sharding,
    "How tables are divided among databases, for `router` and `shards`. Omitted: they are not.",
  ),
  policies: optional(list(policy), "Asked in this order."),
  groups,
  databases: optional(list(database, { min: 1 }), "What to watch."),
};

/** The main file. */
export const configFile = object(mainKeys, { either: ["databases", "include", "proxysql"] });

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

/** The accounts of one ProxySQL. */
const proxyAccounts = object({
  proxysql: optional(
    account,
    "Its administrator; omitted: nobody changes anything there, nor ends a session.",
  ),
  "proxysql-stats": optional(account, "Who reads there; omitted: its administrator."),
}, { either: ["proxysql", "proxysql-stats"] });

/** The credentials file. */
export const credentialsFile = object({
  default: optional(account, "Who logs in where neither a database nor its group is named below."),
  groups: optional(record(account), "Who logs in at the databases of a group, by its name."),
  databases: optional(record(account), "Who logs in at each database, by its name."),
  proxysql: optional(account, "The administrator who logs in at ProxySQL (admin-admin_credentials)."),
  "proxysql-stats": optional(
    account,
    "Who reads at ProxySQL (admin-stats_credentials); omitted: the administrator.",
  ),
  proxies: optional(
    record(proxyAccounts),
    "Who logs in at each ProxySQL, by its name, in place of both of the above.",
  ),
});

/** The main file as read, before the levels are merged. */
export type ConfigFile = ValueOf<typeof configFile>;
/** An included file as read. */
export type IncludedFile = ValueOf<typeof includedFile>;
/** One group. */
export type GroupLevel = ValueOf<typeof lowerGroup>;
/** One database. */
export type DatabaseLevel = NonNullable<NonNullable<ConfigFile["databases"]>[number]>;
/** An account of the credentials file. */
export type AccountEntry = ValueOf<typeof account>;
/** The keys of a policy, as written at any level. */
export type PolicyKeys = ValueOf<typeof policyShape>;

const lowerGroup = object(lowerLevelKeys);
const policyShape = object(policyKeys);
