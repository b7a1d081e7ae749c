import type { Capabilities } from "./capabilities.ts";
import type { Connection } from "./connection.ts";
import { DatabaseError } from "./error.ts";
import { type Identity, isSameServer } from "./identity.ts";
import { hasLease } from "./lease.ts";

/** What to end, by what it was known by when it was read. */
export interface KillTarget {
  readonly kind: "query" | "connection";
  /** The connection's id. */
  readonly id: number;
  /** As the session source knows the execution; see `readSessions`. */
  readonly execution: string;
  readonly running: boolean;
  /** The server that it was read from. */
  readonly server: Identity;
  /** The connection that has to hold the lease; undefined where there is none. */
  readonly lease: number | undefined;
}

/** `sent`: the server found the execution and accepted the kill · `missed`: it was not there any more. */
export type KillAnswer = "sent" | "missed";

/** `Unknown thread id`, and MariaDB's `Unknown query id`. */
const NOT_THERE = new Set([1094, 1957]);

/**
 * Asks the server to kill, in one round trip in which the server itself checks that the execution is
 * still the one that was read. The id alone is never enough: it may run something else by now.
 * @throws {DatabaseError} `denied` without the privilege; `lost`.
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
    throw error.kind === "denied" ? withAdvice(error, capabilities) : error;
  }
}

/** MySQL says no more than `You are not owner of thread`: a privilege is missing, or the victim has one. */
function withAdvice({ kind, message, errno }: DatabaseError, { gaps, flavor }: Capabilities): DatabaseError {
  const gap = gaps.find(({ need }) => need === "kill");
  const shield = flavor === "mysql" ? "the session's account has SYSTEM_USER, which protects it" : undefined;
  return new DatabaseError(kind, message, { errno, advice: gap?.remedy ?? shield });
}

/** The statement by which each session source identifies what it kills. */
export function killStatement(capabilities: Capabilities, target: KillTarget): string {
  const guard = isSameServer(target.server, capabilities) +
    (target.lease === undefined ? "" : ` AND ${hasLease(target.lease)}`);
  switch (capabilities.sessions) {
    case "process_list_ms":
      return target.kind === "query" ? killByQueryId(target, guard) : killIfSameQueryId(target, guard);
    case "statement_events":
      return killIfSameEvent(target, guard);
    case "process_list":
      throw new DatabaseError(
        "denied",
        "this server does not identify executions: nothing can be killed safely",
      );
  }
}

/** MariaDB ends this one statement, or answers that it is not running: there is no window. */
function killByQueryId({ execution }: KillTarget, guard: string): string {
  return killIf(guard, `KILL QUERY ID ${digits(execution)}`);
}

/**
 * MariaDB has no KILL CONNECTION by query id: the server compares and kills in one compound statement.
 * Between the two a statement could end and the next begin: microseconds.
 */
function killIfSameQueryId({ id, execution, running }: KillTarget, guard: string): string {
  const connection = digits(String(id));
  const same = `EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${connection} ` +
    `AND QUERY_ID = ${digits(execution)} AND COMMAND ${running ? "<>" : "="} 'Sleep')`;
  return killIf(`${guard} AND ${same}`, `KILL CONNECTION ${connection}`);
}

/** MariaDB's compound statement outside of stored programs. */
function killIf(condition: string, kill: string): string {
  return `BEGIN NOT ATOMIC IF ${condition} THEN ${kill}; SELECT 'sent' AS answer; ` +
    "ELSE SELECT 'missed' AS answer; END IF; END";
}

/**
 * MySQL compares and kills in one round trip of two statements. Where the execution is over, the variable
 * is NULL, and KILL answers that there is no such thread. The window is between the two statements.
 * Event 0 is a session that has run nothing yet.
 */
function killIfSameEvent({ kind, id, execution, running }: KillTarget, guard: string): string {
  const [thread = "", event = ""] = execution.split(":");
  const same = event === "0"
    ? "e.EVENT_ID IS NULL"
    : `e.EVENT_ID = ${digits(event)} AND e.END_EVENT_ID IS ${running ? "" : "NOT "}NULL`;
  return "SET @query_sniper = (SELECT t.PROCESSLIST_ID FROM performance_schema.threads t " +
    "LEFT JOIN performance_schema.events_statements_current e " +
    "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 " +
    `WHERE t.PROCESSLIST_ID = ${digits(String(id))} AND t.THREAD_ID = ${
      digits(thread)
    } AND ${same} AND ${guard}); ` +
    `KILL ${kind === "query" ? "QUERY" : "CONNECTION"} @query_sniper`;
}

/** Only digits come into a statement, whatever was read. */
function digits(text: string): string {
  if (!/^[0-9]{1,20}$/.test(text)) throw new RangeError("an id is not a number");
  return text;
}
