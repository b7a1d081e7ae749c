import { VERBS } from "../digest/mod.ts";
import { COMMANDS } from "./command.ts";
import type { QuantityType } from "./quantity.ts";

/** The type of a value in the policy language. */
export type Type = QuantityType | "string" | "boolean";

/** What a value of each type is called in messages. */
export const TYPE_WORDS: Readonly<Record<Type, string>> = {
  number: "a number",
  duration: "a duration",
  bytes: "a size",
  percent: "a percentage",
  string: "a string",
  boolean: "a condition",
};

/** Whether a name says something of a whole database or of one of its sessions. */
export type Scope = "database" | "session";

interface Row {
  readonly name: string;
  readonly scope: Scope;
  readonly type: Type;
  readonly meaning: string;
  /** The only values that it can have, where they are known. */
  readonly values?: readonly string[];
  /** Raw statement text: never printed but as its digest text. */
  readonly statement?: true;
  /** Read by itself, and only for sessions that a policy may still select. */
  readonly dear?: true;
  /** What of it is known may decide a comparison, while it is unknown as a whole. */
  readonly partly?: true;
}

/** Every name of the language. A new name is a new row here and a read in `snapshot/`. */
export const VOCABULARY = [
  {
    name: "lag",
    scope: "database",
    type: "duration",
    meaning: "what a reader of this replica is behind its source; the worst of its channels",
    partly: true,
  },
  {
    name: "lag_fetch",
    scope: "database",
    type: "duration",
    meaning: "the part of it that is not fetched from the source yet",
    partly: true,
  },
  {
    name: "lag_apply",
    scope: "database",
    type: "duration",
    meaning: "the part of it that is fetched, and not applied yet",
    partly: true,
  },
  {
    name: "replica",
    scope: "database",
    type: "boolean",
    meaning: "a replication channel is set up here",
  },
  {
    name: "replication_running",
    scope: "database",
    type: "boolean",
    meaning: "every channel receives and applies; false without a channel",
  },
  {
    name: "read_only",
    scope: "database",
    type: "boolean",
    meaning: "the server refuses writes of its clients",
  },
  {
    name: "hll",
    scope: "database",
    type: "number",
    meaning: "InnoDB's history list length: undo records not purged yet",
  },
  {
    name: "threads_running",
    scope: "database",
    type: "number",
    meaning: "threads that are not idle, this program's own included",
  },
  { name: "threads_connected", scope: "database", type: "number", meaning: "open connections" },
  {
    name: "connections_used",
    scope: "database",
    type: "percent",
    meaning: "open connections, in percent of max_connections",
  },
  {
    name: "row_lock_waits",
    scope: "database",
    type: "number",
    meaning: "transactions that wait for a row lock",
  },
  {
    name: "metadata_lock_waits",
    scope: "database",
    type: "number",
    meaning: "sessions that wait for a metadata lock, a flush, a backup lock or GET_LOCK()",
  },
  {
    name: "oldest_transaction",
    scope: "database",
    type: "duration",
    meaning: "age of the oldest open transaction; 0s without one",
    partly: true,
  },
  { name: "uptime", scope: "database", type: "duration", meaning: "since the server started" },
  {
    name: "flavor",
    scope: "database",
    type: "string",
    meaning: "what the server is",
    values: ["mariadb", "mysql"],
  },
  { name: "id", scope: "session", type: "number", meaning: "the connection's id in the process list" },
  { name: "user", scope: "session", type: "string", meaning: "the account's user name" },
  { name: "host", scope: "session", type: "string", meaning: "where the client is, without its port" },
  { name: "db", scope: "session", type: "string", meaning: "the default schema; '' without one" },
  {
    name: "command",
    scope: "session",
    type: "string",
    meaning: "what the process list shows as Command",
    values: COMMANDS,
  },
  { name: "state", scope: "session", type: "string", meaning: "what the process list shows as State" },
  { name: "running", scope: "session", type: "boolean", meaning: "a statement is running" },
  { name: "idle", scope: "session", type: "boolean", meaning: "the session waits for its client" },
  {
    name: "time",
    scope: "session",
    type: "duration",
    meaning: "age of the running statement; unknown when idle",
  },
  {
    name: "idle_time",
    scope: "session",
    type: "duration",
    meaning: "since the last statement ended; unknown when running",
  },
  {
    name: "program",
    scope: "session",
    type: "string",
    meaning: "what the client calls itself (connection attribute program_name); '' where it does not",
  },
  {
    name: "sql",
    scope: "session",
    type: "string",
    meaning: "text of the running statement; '' when idle",
    statement: true,
  },
  {
    name: "verb",
    scope: "session",
    type: "string",
    meaning: "what the running statement does; '' when idle",
    values: ["", ...VERBS],
  },
  {
    name: "digest",
    scope: "session",
    type: "string",
    meaning: "hash of the running statement without its literals, as events show it; '' when idle",
    dear: true,
  },
  {
    name: "same_digest",
    scope: "session",
    type: "number",
    meaning: "running sessions whose statement has this digest, this one included; 0 when idle",
    dear: true,
  },
  {
    name: "same_user",
    scope: "session",
    type: "number",
    meaning: "running sessions of this user, this one included; 0 when idle",
    dear: true,
    partly: true,
  },
  {
    name: "transaction_time",
    scope: "session",
    type: "duration",
    meaning: "age of the open transaction; 0s without one",
    dear: true,
  },
  {
    name: "rows_modified",
    scope: "session",
    type: "number",
    meaning: "rows that the open transaction has changed; 0 without one",
    dear: true,
  },
  {
    name: "rows_locked",
    scope: "session",
    type: "number",
    meaning: "rows that the open transaction has locked, about; 0 without one",
    dear: true,
  },
  {
    name: "pins_purge",
    scope: "session",
    type: "boolean",
    meaning: "holds the oldest read view, which keeps history from being purged",
    dear: true,
  },
  {
    name: "waiting",
    scope: "session",
    type: "boolean",
    meaning: "waits for a lock that another session holds",
    dear: true,
  },
  {
    name: "blocking",
    scope: "session",
    type: "number",
    meaning: "sessions that wait for it, also indirectly",
    dear: true,
    partly: true,
  },
  {
    name: "blocks_replication",
    scope: "session",
    type: "boolean",
    meaning: "a replication applier is among those that wait for it",
    dear: true,
  },
  {
    name: "holds_table_lock",
    scope: "session",
    type: "boolean",
    meaning: "idle, and holds tables by LOCK TABLES or FLUSH TABLES … WITH READ LOCK; unknown when running",
    dear: true,
  },
  {
    name: "holds_backup_lock",
    scope: "session",
    type: "boolean",
    meaning: "holds the global read lock (FLUSH TABLES WITH READ LOCK) or a backup lock",
    dear: true,
  },
  {
    name: "holds_user_lock",
    scope: "session",
    type: "boolean",
    meaning: "holds a named lock (GET_LOCK)",
    dear: true,
  },
  {
    name: "holds_handler",
    scope: "session",
    type: "boolean",
    meaning: "idle, and has a table open by HANDLER; unknown when running",
    dear: true,
  },
] as const satisfies readonly Row[];

type Named<S extends Scope> = Extract<typeof VOCABULARY[number], { readonly scope: S }>["name"];
/** A name of the language that says something of a database. */
export type DatabaseName = Named<"database">;
/** A name of the language that says something of a session. */
export type SessionName = Named<"session">;
/** A name of a session that is read by itself. */
export type DearName = Extract<typeof VOCABULARY[number], { readonly dear: true }>["name"];

/** What a name of the vocabulary is; all but `limits.…`. */
export type VocabularyEntry = Row;

/** Names of which there are as many as users make: each row stands for `NAME.KEY`. */
export const FAMILIES = [
  { name: "metric", scope: "database", type: "number", meaning: "a number from the user's own SQL" },
  {
    name: "tag",
    scope: "session",
    type: "string",
    meaning: "a value in a comment of the running statement (sqlcommenter, marginalia); '' without it",
    dear: true,
  },
  {
    name: "attribute",
    scope: "session",
    type: "string",
    meaning: "what the client said of itself when it connected; '' where it did not",
    dear: true,
  },
] as const satisfies readonly Row[];

/** The first part of names of which there are many. */
export type Family = typeof FAMILIES[number]["name"];

const BY_NAME: ReadonlyMap<string, Row> = new Map(VOCABULARY.map((row) => [row.name, row]));

/** The vocabulary's row of a name in lower case, if there is one. */
export function vocabularyEntry(name: string): VocabularyEntry | undefined {
  const family = FAMILIES.find((family) => keyOf(family.name, name) !== undefined);
  return family === undefined ? BY_NAME.get(name) : { ...family, name };
}

/** The key in a name such as `metric.KEY`; undefined for names that are not of this family. */
export function keyOf(family: Family, name: string): string | undefined {
  return name.startsWith(`${family}.`) ? name.slice(family.length + 1) : undefined;
}
