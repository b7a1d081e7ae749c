import {
  decide,
  type Decision,
  type Decisions,
  gates,
  type Health,
  type Memory,
  NO_MEMORY,
  type OutcomeKind,
  type Policy,
  type Rules,
  type Session,
  settle,
} from "../../src/policy/mod.ts";
import { compileExpression, type Expression, type QuantityType, type Scope } from "../../src/language/mod.ts";
import { DATABASE_DOMAIN, VOCABULARY } from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { verbOf } from "../../src/digest/mod.ts";

const LIMITS = new Map<string, QuantityType>([["lag", "duration"], ["query_time", "duration"], [
  "hll",
  "number",
]]);

export function expression(source: string, scope: Scope): Expression {
  const compiled = compileExpression(source, { vocabulary: VOCABULARY, scope, limits: LIMITS });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.expression;
}

export interface PolicyText {
  readonly name?: string;
  readonly mode?: "dry-run";
  readonly when?: string;
  readonly until?: string;
  readonly rollback?: "any";
  readonly during?: Policy["during"];
  readonly for?: number;
  readonly where?: string;
  readonly then?: Policy["then"];
  readonly escalate?: number;
  readonly share?: number;
  readonly settle?: Policy["settle"];
  readonly victims?: Partial<Policy["victims"]>;
}

/** A policy that kills every statement that runs for more than ten seconds, but for what is given. */
export function policy(text: PolicyText = {}): Policy {
  const { name = "long", mode, when, where = "time > 10s", then = "kill query", victims } = text;
  return {
    name,
    ...mode && { mode },
    ...when && { when: expression(when, "database") },
    ...text.until && { until: expression(text.until, "database") },
    ...text.rollback && { rollback: text.rollback },
    ...text.during && { during: text.during },
    for: text.for ?? 0,
    where: expression(where, "session"),
    then,
    ...text.escalate && { escalate: text.escalate },
    ...text.share !== undefined && { share: text.share },
    ...text.settle !== undefined && { settle: text.settle },
    victims: { order: "oldest", ...victims },
  };
}

/** Rules in enforce mode, but for what is given. */
export function rules(policies: readonly Policy[], rest: Partial<Rules> = {}): Rules {
  return {
    domain: DATABASE_DOMAIN,
    mode: "enforce",
    limits: { lag: 30_000, query_time: 10_000 },
    policies,
    protect: [],
    budget: { kills: 30, per: 60_000, share: 100, atLeast: 1 },
    rollbackRows: 100_000,
    tags: [],
    metrics: {},
    lease: true,
    verify: 5000,
    grace: 10_000,
    ...rest,
  };
}

/** A client that has been selecting for a minute, but for what is given. */
export function session(rest: Partial<Omit<Session, "sql">> & { readonly sql?: string } = {}): Session {
  const { sql = "SELECT secret FROM t", running = true, id = 1 } = rest;
  return {
    id,
    user: "app",
    host: "10.0.0.5",
    program: "",
    db: "test",
    command: running ? "Query" : "Sleep",
    state: "",
    running,
    idle: !running,
    time: running ? 60_000 : { unknown: "no statement is running" },
    idle_time: running ? { unknown: "a statement is running" } : 60_000,
    verb: running ? verbOf(sql) ?? { unknown: "cut" } : "",
    execution: `execution-${id}`,
    rows_modified: 0,
    prepared: false,
    holds_shown: true,
    holds_table_lock: false,
    holds_backup_lock: false,
    holds_user_lock: false,
    holds_handler: false,
    ...rest,
    sql: running ? { text: new Secret(sql), cut: false } : "",
  };
}

export interface LookText {
  readonly sessions?: readonly Session[];
  readonly health?: Health;
  readonly memory?: Memory;
  readonly now?: number;
  readonly wall?: number;
}

/** One look as the watcher makes it: gates, then decisions. */
export function look(
  rules: Rules,
  { sessions = [session()], health = {}, memory = NO_MEMORY, now = 0, wall = 0 }: LookText,
): Decisions {
  const gatesNow = gates({ health }, rules, memory, { now, wall });
  return decide(
    {
      at: now,
      health,
      sessions,
      server: { server: "one", started: 1 },
      counts: {
        running: sessions.filter(({ running, user }) => running && user !== "sniper").length,
        connections: sessions.filter(({ user }) => user !== "sniper").length,
      },
      own: { user: "sniper", program: "query-sniper" },
    },
    gatesNow,
    rules,
    memory,
    now,
  );
}

/** What is known once a decision came to this. */
export function settled(memory: Memory, decision: Decision | undefined, outcome: OutcomeKind): Memory {
  if (decision?.verdict !== "act") throw new Error("nothing was to be done");
  return settle(memory, { decision, outcome, took_ms: 1 });
}

/** `POLICY VERDICT ID`, or for what is skipped `POLICY REASON ID`. */
export function brief(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    const what = decision.verdict === "skip" ? decision.reason : decision.verdict;
    return `${decision.policy} ${what} ${decision.session.id}`;
  });
}
