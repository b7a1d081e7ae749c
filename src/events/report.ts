import { isUnknown } from "../language/mod.ts";
import { type Decision, isReleased, type Outcome, type Session } from "../policy/mod.ts";
import type { ClientReport, KillEvent, MatchEvent, SessionReport } from "./event.ts";
import { type StatementReading, statementReading } from "./statement_reading.ts";

/** With a statement that has not been redacted yet. */
type Kill = KillEvent<StatementReading>;
type Match = MatchEvent<StatementReading>;

/** The event of a decision that is not acted on. */
export function decisionEvent(database: string, decision: Decision): Kill | Match {
  switch (decision.verdict) {
    case "match":
      return { event: "match", ...selectionReport(database, decision) };
    case "skip":
      return killEvent(database, decision, {
        outcome: "skipped",
        reason: decision.reason,
        ...decision.note !== undefined && { note: decision.note },
      });
    case "would-kill":
      return killEvent(database, decision, {
        outcome: "would-kill",
        ...decision.note !== undefined && { note: decision.note },
      });
    case "act":
      throw new TypeError("a decision to act has an outcome");
  }
}

/** The event of a decision that was to be acted on. */
export function outcomeEvent(database: string, { decision, outcome, took_ms, note }: Outcome): Kill {
  const result: KillResult = isReleased(outcome)
    ? { outcome: "skipped", reason: outcome }
    : { outcome, took_ms };
  return killEvent(database, decision, {
    ...result,
    ...note !== undefined && { note },
  });
}

type KillResult = Pick<KillEvent, "outcome" | "reason" | "took_ms" | "note">;

/** In the order in which the keys are printed. */
function killEvent(database: string, decision: Decision, result: KillResult): Kill {
  const { policy, mode, action, because, session, statement } = selectionReport(database, decision);
  return {
    event: "kill",
    database,
    policy,
    mode,
    action,
    ...decision.escalation && { escalation: decision.escalation },
    ...result,
    because,
    session,
    ...statement !== undefined && { statement },
  };
}

/** The part that events and the journal share of every decision. */
export function selectionReport(
  database: string,
  { policy, mode, action, because, session }: Decision,
): Omit<Match, "event"> {
  const statement = statementReading(session);
  return {
    database,
    policy,
    mode,
    action,
    because,
    session: sessionReport(session),
    ...statement !== undefined && { statement },
  };
}

/** A session as events show it. */
export function sessionReport(session: Session): SessionReport {
  const { id, user, host, definer, db, program, command, time, idle_time, waits_for } = session;
  const client = clientReport(session);
  return {
    id,
    user: isUnknown(user) ? null : user,
    host: isUnknown(host) ? null : host,
    ...isUnknown(user) && definer !== undefined && { definer },
    db,
    ...typeof program === "string" && program !== "" && { program },
    command,
    ...waits_for !== undefined && { waits_for: waits_for.split(",").map(Number) },
    ...!isUnknown(time) && { time_ms: Math.round(time) },
    ...!isUnknown(idle_time) && { idle_time_ms: Math.round(idle_time) },
    ...client !== undefined && { client },
  };
}

function clientReport(
  { proxy, proxy_session, client_user, client_host, client_port, hostgroup }: Session,
): ClientReport | undefined {
  if (typeof proxy !== "string" || typeof proxy_session !== "number") return undefined;
  return {
    proxy,
    session: proxy_session,
    user: typeof client_user === "string" ? client_user : "",
    host: typeof client_host === "string" ? client_host : "",
    ...typeof client_port === "number" && { port: client_port },
    ...typeof hostgroup === "number" && { hostgroup },
  };
}
