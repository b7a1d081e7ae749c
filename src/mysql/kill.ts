import type { Capabilities, KillProcedures } from "./capabilities.ts";
import { type Connection, DatabaseError } from "../connection/mod.ts";
import type { Identity } from "../policy/mod.ts";
import { isSameServer } from "./identity.ts";
import { hasLease } from "./lease.ts";

/** What KILL ends. */
export type KillKind = "query" | "connection";

/** What to kill, identified as it was when it was read. */
export interface KillTarget {
  readonly kind: KillKind;
  /** The connection's id. */
  readonly id: number;
  /** The execution, as the session source identifies it; see `readSessions`. */
  readonly execution: string;
  readonly running: boolean;
  /** The server that it was read from. */
  readonly server: Identity;
  /** The connection that must hold the lease; undefined if there is no lease. */
  readonly lease: number | undefined;
}

/** `sent`: the server found the execution and accepted the kill · `missed`: it was not there any more. */
export type KillAnswer = "sent" | "missed";

/** MariaDB's `Unknown query id`. */
const NO_SUCH_QUERY = 1957;
/** `Unknown thread id`, and the same for queries. */
const NOT_THERE = new Set([1094, NO_SUCH_QUERY]);

/**
 * Makes the server kill, in one round trip in which it checks that the execution is still the one that was read.
 * The id alone is never enough, since the connection may be running something else by now.
 * @throws {DatabaseError} `denied`, see `readDenial`; `lost`.
 */
export async function kill(
  connection: Connection,
  capabilities: Capabilities,
  target: KillTarget,
): Promise<KillAnswer> {
  try {
    const rows = await connection.query(killStatement(capabilities, target));
    return rows[0]?.["answer"] === "missed" ? "missed" : "sent";
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (NOT_THERE.has(error.errno)) return "missed";
    throw error;
  }
}

/** The statement that checks and kills, for each source of sessions. */
export function killStatement(capabilities: Capabilities, target: KillTarget): string {
  const { killProcedures: procedures } = capabilities;
  const guard = isSameServer(target.server, capabilities) +
    (target.lease === undefined ? "" : ` AND ${hasLease(target.lease)}`);
  switch (capabilities.sessions) {
    case "process_list_ms":
      return target.kind === "query"
        ? killByQueryId(target, guard, procedures)
        : killIfSameQueryId(target, guard, procedures);
    case "statement_events":
      return killIfFound(target, oftenAsked(`${sameEvent(target)} AND ${guard}`), procedures);
    case "statement_events_query_id":
      return killEvent(target, guard, procedures);
    case "process_list_text":
      return killIfFound(target, `(SELECT ${sameText(target)} AND ${guard})`, procedures);
    case "process_list":
      throw new DatabaseError(
        "denied",
        "this account cannot tell one execution from the next: nothing can be killed safely",
      );
  }
}

/** What the server says of a target that a proxy is to end: whether it is this server, under the lease, and the same. */
export interface LastLook {
  readonly server: boolean;
  readonly lease: boolean;
  readonly execution: boolean;
}

/**
 * Has the server compare as {@linkcode kill} does, in one round trip, and kill nothing.
 * @throws {DatabaseError}
 */
export async function lookLast(
  connection: Connection,
  capabilities: Capabilities,
  target: KillTarget,
): Promise<LastLook> {
  const [row] = await connection.query(lookStatement(capabilities, target));
  const isTrue = (name: string) => Number(row?.[name] ?? 0) === 1;
  return { server: isTrue("same_server"), lease: isTrue("has_lease"), execution: isTrue("same_execution") };
}

/** The statement that compares only. */
export function lookStatement(capabilities: Capabilities, target: KillTarget): string {
  const lease = target.lease === undefined ? "1" : `(${hasLease(target.lease)})`;
  return `SELECT (${isSameServer(target.server, capabilities)}) AS same_server, ${lease} AS has_lease, ` +
    `(${isSameExecution(capabilities, target)}) AS same_execution`;
}

function isSameExecution({ sessions }: Capabilities, target: KillTarget): string {
  switch (sessions) {
    case "process_list_ms":
      return sameQueryId(target);
    case "statement_events":
    case "statement_events_query_id":
      return `${oftenAsked(sameEvent(target))} IS NOT NULL`;
    case "process_list_text":
      return `EXISTS (SELECT ${sameText(target)})`;
    case "process_list":
      // This account cannot tell one execution from the next.
      return "0";
  }
}

type Procedures = KillProcedures | undefined;

/** MariaDB kills exactly this statement, or reports that it is not running, so there is no race. */
function killByQueryId(target: KillTarget, guard: string, procedures: Procedures): string {
  const query = digits(target.execution);
  if (procedures === undefined) return killIf(guard, `KILL QUERY ID ${query}`);
  return procedures.queryId === undefined
    ? killIfSameQueryId(target, guard, procedures)
    : killIf(guard, `CALL ${procedures.queryId}(${query})`);
}

/**
 * MariaDB has no KILL CONNECTION by query id, so the server compares and kills in one compound statement. In the
 * microseconds between the two, one statement could end and the next could begin.
 */
function killIfSameQueryId(target: KillTarget, guard: string, procedures: Procedures): string {
  const connection = digits(String(target.id));
  return killIf(`${guard} AND ${sameQueryId(target)}`, killOf(target, connection, procedures));
}

function sameQueryId({ id, execution, running }: KillTarget): string {
  // `0:ID` identifies a connection that has not run anything yet.
  const [query = ""] = execution.split(":");
  return `EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${digits(String(id))} ` +
    `AND QUERY_ID = ${digits(query)} AND COMMAND ${running ? "<>" : "="} 'Sleep')`;
}

/**
 * MariaDB's performance schema does not show query ids, so the query id comes from the process list. If the
 * statement is still running after that, the id is its own, and there is no race. Inside a routine the id is that
 * of an inner statement, which may have ended: after a few tries the server then kills whatever the connection is
 * running, as it does right away for KILL CONNECTION. In the microseconds before that, the routine could end and
 * the next statement could begin.
 */
function killEvent(target: KillTarget, guard: string, procedures: Procedures): string {
  const id = digits(String(target.id));
  const same = `${guard} AND EXISTS (SELECT ${sameEvent(target)})`;
  const kill = killOf(target, id, procedures);
  const exact = target.kind === "query" && procedures === undefined;
  return "BEGIN NOT ATOMIC DECLARE found_id BIGINT UNSIGNED; DECLARE tries INT DEFAULT 0; " +
    "DECLARE missed BOOLEAN DEFAULT TRUE; " +
    `DECLARE CONTINUE HANDLER FOR ${NO_SUCH_QUERY} SET missed = TRUE; ` +
    `search: WHILE missed AND tries < ${TRIES} DO SET tries = tries + 1; ` +
    "SET found_id = (SELECT QUERY_ID FROM information_schema.PROCESSLIST " +
    `WHERE ID = ${id} AND COMMAND ${target.running ? "<>" : "="} 'Sleep'); ` +
    "IF found_id IS NULL THEN LEAVE search; END IF; " +
    `IF ${same} THEN SET missed = FALSE; ` +
    (exact ? `IF tries < ${EXACT_TRIES} THEN KILL QUERY ID found_id; ELSE ${kill}; END IF; ` : `${kill}; `) +
    "END IF; END WHILE; SELECT IF(missed, 'missed', 'sent') AS answer; END";
}

/**
 * How often the server looks for the event. It skips a session's events while one of them begins or ends, so a
 * routine of very short statements is rarely found at the first try (MariaDB 10.11: one time in five).
 */
const TRIES = 50;
/** How many of these tries use the query id. */
const EXACT_TRIES = 5;

/** A compound statement outside stored programs, as MariaDB allows. */
function killIf(condition: string, kill: string): string {
  return `BEGIN NOT ATOMIC IF ${condition} THEN ${kill}; SELECT 'sent' AS answer; ` +
    "ELSE SELECT 'missed' AS answer; END IF; END";
}

const KEYWORDS: Readonly<Record<KillKind, string>> = { query: "QUERY", connection: "CONNECTION" };

function killOf({ kind }: KillTarget, id: string, procedures: Procedures): string {
  return procedures === undefined ? `KILL ${KEYWORDS[kind]} ${id}` : `CALL ${procedures[kind]}(${id})`;
}

/**
 * MySQL compares and kills in two statements in one round trip; the race is between them. If nothing is found, the
 * variable is NULL, and KILL reports that there is no such thread. A procedure is not called in that case, since it
 * might not expect NULL.
 */
function killIfFound(target: KillTarget, found: string, procedures: Procedures): string {
  const find = `SET @query_sniper = ${found}`;
  if (procedures === undefined) return `${find}; ${killOf(target, "@query_sniper", procedures)}`;
  const call = killOf(target, "@query_sniper", procedures);
  return `${find}; SET @query_sniper_call = IF(@query_sniper IS NULL, 'DO 0', '${call}'); ` +
    "PREPARE query_sniper FROM @query_sniper_call; EXECUTE query_sniper; " +
    "SELECT IF(@query_sniper IS NULL, 'missed', 'sent') AS answer";
}

/**
 * Repeats a subquery and takes its first result: MySQL, too, skips a session's events while one of them begins or
 * ends, and has no loops outside stored programs. Once it finds the event, it does not look again.
 */
function oftenAsked(found: string): string {
  return `COALESCE(${Array(QUESTIONS).fill(`(SELECT ${found})`).join(", ")})`;
}

/** With a single try, a CALL of the shortest statements was not found in most round trips (9.7.4). */
const QUESTIONS = 10;

/** Compares thread and statement event. Event 0: the session has not run anything yet. */
function sameEvent({ id, execution, running }: KillTarget): string {
  const [thread = "", event = ""] = execution.split(":");
  const same = event === "0"
    ? "e.EVENT_ID IS NULL"
    : `e.EVENT_ID = ${digits(event)} AND e.END_EVENT_ID IS ${running ? "" : "NOT "}NULL`;
  return "t.PROCESSLIST_ID FROM performance_schema.threads t " +
    "LEFT JOIN performance_schema.events_statements_current e " +
    "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 " +
    `WHERE t.PROCESSLIST_ID = ${digits(String(id))} AND t.THREAD_ID = ${digits(thread)} AND ${same}`;
}

/**
 * Compares the user, the text and the second in which it began; a restart of the same text has a later one. Reading
 * the whole process list takes longer, so the race is longer than for other sources.
 */
function sameText({ id, execution }: KillTarget): string {
  const [since = "", hash = ""] = execution.split(":");
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError("not a hash");
  return `ID FROM information_schema.PROCESSLIST WHERE ID = ${digits(String(id))} ` +
    `AND ${TEXT_IDENTITY} = '${hash}' AND UNIX_TIMESTAMP() - TIME <= ${digits(since)}`;
}

/** Identifies a row of the process list, which has no id of its own. The text itself stays on the server. */
export const TEXT_IDENTITY =
  "SHA2(CONCAT_WS(0x00, USER, HOST, IFNULL(DB, ''), COMMAND, IFNULL(INFO, '')), 256)";

/** Lets only digits into a statement, whatever was read. */
function digits(text: string): string {
  if (!/^[0-9]{1,20}$/.test(text)) throw new RangeError("an id is not a number");
  return text;
}
