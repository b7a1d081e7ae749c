import type { SessionFilter, SessionSelector } from "../../target/mod.ts";
import type { Capabilities } from "../capabilities.ts";
import { type Connection, DatabaseError, type Row } from "../../connection/mod.ts";
import { namesOf, type Node, type Unknown } from "../../language/mod.ts";
import { VOCABULARY } from "../vocabulary/vocabulary.ts";
import { NO_ATTRIBUTES } from "./attributes.ts";
import { pushDown } from "./pushdown.ts";
import type { RawSession, Source } from "./raw_session.ts";
import { SOURCES } from "./session_source.ts";
import type { Session } from "../../policy/mod.ts";
import { LONGEST, SLACK, sqlBytes, type SqlValue, type SqlValues } from "./sql_value.ts";
import { statementOf } from "./statement_text.ts";

/** A filter of sessions, including conditions on values that only the server has. */
export type SqlFilter = Omit<SessionFilter, "wanted"> & { readonly wanted?: readonly SqlSelector[] };

/** A selection of sessions. */
type SqlSelector = SessionSelector & {
  /** Only sessions with one of these commands; omitted: all. */
  readonly commands?: readonly string[];
};

/**
 * Reads the sessions of clients. The server's own threads (appliers, schedulers) are left out if the server
 * distinguishes them; otherwise the policy engine spares them.
 * @throws {DatabaseError}
 */
export async function readSessions(
  connection: Connection,
  capabilities: Capabilities,
  filter: SqlFilter,
): Promise<readonly Session[]> {
  const rows = await connection.query(sessionsStatement(connection, capabilities, filter));
  return sessionsIn(rows, connection, { capabilities, filter });
}

/** The statement that reads sessions, to be combined with others in one round trip. */
export function sessionsStatement(
  { id }: Connection,
  { sessions: source, connectAttributes }: Capabilities,
  filter: SqlFilter,
): string {
  const condition = conditionOf(SOURCES[source], filter, id);
  const { fromRunning, ...all } = SOURCES[source];
  const { ids = [], wanted } = filter;
  const isRunning = ids.length === 0 && wanted?.every(({ running }) => running);
  const from = isRunning ? fromRunning ?? all.from : all.from;
  return sessionsQuery({ ...all, from }, { connectAttributes, condition });
}

/**
 * Reads sessions from the rows of {@linkcode sessionsStatement}.
 * @throws {DatabaseError} `lost`, if this connection is not among them.
 */
export function sessionsIn(
  rows: readonly Row[],
  connection: Connection,
  { capabilities, filter }: { readonly capabilities: Capabilities; readonly filter: SqlFilter },
): readonly Session[] {
  const { sessions: source, textLimit, connectAttributes } = capabilities;
  const { raw } = SOURCES[source];
  const { uptime } = filter;
  const own = rows.find((row) => Number(row["id"]) === connection.id);
  if (own === undefined) throw behindProxy();
  const limits = { textLimit, uptime, connectAttributes };
  return rows.filter((row) => row !== own).map((row) => sessionOf(raw(row, own), limits));
}

function sessionsQuery(
  { columns, from, where, idColumn }: Source,
  { connectAttributes, condition }: {
    readonly connectAttributes: boolean;
    readonly condition: string | undefined;
  },
): string {
  // A subquery rather than a join, so that it is evaluated only for rows that pass the filter.
  const program = connectAttributes
    ? "(SELECT a.ATTR_VALUE FROM performance_schema.session_connect_attrs a " +
      `WHERE a.PROCESSLIST_ID = ${idColumn} AND a.ATTR_NAME = 'program_name')`
    : "NULL";
  const narrowed = condition === undefined ? "" : ` AND (${condition})`;
  return `SELECT ${columns}, ${program} AS program FROM ${from} WHERE ${where}${narrowed}`;
}

/**
 * The condition for the filter; undefined if it lets every session through. It always lets this connection through,
 * which must find itself in the list: otherwise it is behind a proxy.
 */
function conditionOf(
  source: Source,
  { ids, wanted, uptime }: SqlFilter,
  own: number,
): string | undefined {
  const longest = Math.ceil((uptime + SLACK) / HOUR) * HOUR;
  const conditions = wanted?.map((each) => wantedCondition(each, source, longest));
  if (conditions === undefined ? ids === undefined : conditions.includes(undefined)) return undefined;
  const listed = [...ids ?? [], own].map(wholeNumber).join(", ");
  return [...conditions ?? [], `${source.idColumn} IN (${listed})`].join(" OR ");
}

/**
 * An hour, in milliseconds. The limit for plausible ages is rounded up to whole hours, so that the statement rarely
 * changes. Ages are checked exactly after they were read.
 */
const HOUR = 3_600_000;

/** The SQL conditions of an expression for one source. */
interface Conditions {
  /** The names in the expression that have the same value for all sessions. */
  readonly names: readonly string[];
  /** The conditions by the values of those names, which rarely change between looks. */
  readonly made: Map<string, string | undefined>;
}

const CONDITIONS = new WeakMap<Source, WeakMap<Node, Conditions>>();

/** More entries than a fleet has different intervals. Conditions with values of databases are not needed for long. */
const MOST_CONDITIONS = 100;

function conditionsOf(tree: Node, source: Source): Conditions {
  const all = CONDITIONS.get(source) ?? new WeakMap<Node, Conditions>();
  CONDITIONS.set(source, all);
  const known = all.get(tree);
  if (known !== undefined) return known;
  const names = [...namesOf(tree)].filter((name) => !isSessionName(name));
  const conditions = { names, made: new Map() };
  all.set(tree, conditions);
  return conditions;
}

function wantedCondition(wanted: SqlSelector, source: Source, longest: number): string | undefined {
  const { tree, running, window, far, commands, constants } = wanted;
  const { names, made } = conditionsOf(tree, source);
  const key = JSON.stringify([running, window, far, commands, names.map(constants)]);
  if (!made.has(key)) {
    if (made.size >= MOST_CONDITIONS) made.clear();
    made.set(key, newCondition(wanted, source.values));
  }
  return made.get(key)?.replaceAll(LONGEST, String(longest));
}

function newCondition(
  { tree, running, window = 0, far = false, commands, constants }: SqlSelector,
  values: SqlValues,
): string | undefined {
  const condition = pushDown(tree, {
    column: (name) =>
      far && VOCABULARY.row(name)?.changes
        ? undefined
        : (values as Readonly<Record<string, SqlValue | undefined>>)[name],
    isConstant: (name) => !isSessionName(name),
    constant: constants,
    grows: (name) => VOCABULARY.row(name)?.grows !== undefined,
    window,
  });
  const conditions = [
    running ? values.running?.sql : undefined,
    commands && values.command && `${values.command.sql} IN (${commands.map(sqlBytes).join(", ")})`,
    condition,
  ].filter((each) => each !== undefined);
  return conditions.length === 0 ? undefined : `(${conditions.join(" AND ")})`;
}

function isSessionName(name: string): boolean {
  return VOCABULARY.row(name)?.scope === "session";
}

/** The error if this connection is not in the server's own list: it is connected to a different server. */
function behindProxy(): DatabaseError {
  return new DatabaseError("lost", "this connection does not find itself in the process list", {
    advice: "it goes through a proxy: give the address of the server itself",
  });
}

/** Lets only whole numbers into a statement, wherever an id comes from. */
function wholeNumber(id: number): string {
  if (!Number.isSafeInteger(id) || id < 0) throw new RangeError(`not a connection id: ${id}`);
  return String(id);
}

/** A session as policies see it. An age beyond `uptime` is absurd. A text of `textLimit` bytes was cut. */
export function sessionOf(
  raw: RawSession,
  { textLimit, uptime, connectAttributes }: {
    readonly textLimit: number;
    readonly uptime: number;
    readonly connectAttributes: boolean;
  },
): Session {
  const age = plausible(raw.age, uptime);
  const { running } = raw;
  return {
    id: raw.id,
    user: raw.user ?? "",
    host: raw.host ?? "",
    db: raw.db ?? "",
    command: raw.command ?? "",
    state: raw.state ?? "",
    program: connectAttributes ? raw.program ?? "" : NO_ATTRIBUTES,
    running,
    idle: !running && raw.command === "Sleep",
    time: running ? age : { unknown: "no statement is running" },
    idle_time: running ? { unknown: "a statement is running" } : age,
    ...statementOf(raw, textLimit),
    ...raw.serverDigest !== null && { server_digest: raw.serverDigest },
    execution: raw.execution,
    ...running && raw.perhapsInner && { perhaps_inner: true },
  };
}

/**
 * Whether a session was read just as its statement changed, so that nothing is known about its statement. During a
 * CALL of very short statements, MySQL's performance schema sometimes shows no statement at all (9.7.4).
 */
export function isTorn({ running, idle, execution }: Session): boolean {
  return !running && !idle && execution === "";
}

/** Drops ages that wrapped around, are negative, or exceed the server's uptime. */
function plausible(age: number | null, uptime: number): number | Unknown {
  if (age === null || Number.isNaN(age)) return { unknown: "the server shows no time" };
  if (age < 0 || age > uptime + SLACK) return { unknown: "the server shows an absurd time" };
  return age;
}
