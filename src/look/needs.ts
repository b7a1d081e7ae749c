import type { DatabaseConfig } from "../config/mod.ts";
import { claims, isWithin, type Policy, type Rules } from "../policy/mod.ts";
import { type Need, needsBlockers, needsHolds, needsLocks } from "../mysql/mod.ts";
import { canSelectIdle, keyOf, VOCABULARY } from "../language/mod.ts";

/** What the policies in force need to be read. */
export interface Needs {
  /** Names of the database. */
  readonly health: ReadonlySet<string>;
  /** Names of sessions that are dear to read. */
  readonly causes: ReadonlySet<string>;
  /** Whether it matters how many sessions are alike. */
  readonly alike: boolean;
}

/** The names that the policies in force refer to, and those that their kills imply. */
export function needsOf({ policies, protect, mode }: Rules): Needs {
  const expressions = [...policies.flatMap(({ when, until, where }) => [when, until, where]), ...protect];
  const names = new Set(expressions.flatMap((expression) => expression?.needs ?? []));
  if (policies.some(({ victims }) => victims.order === "most-blocking")) names.add("blocking");
  // What the server would have to undo is known of every victim before it is killed.
  const undone = policies.filter(({ then, rollback }) => then !== "log" && rollback !== "any");
  // Whether the transaction goes on whose statement was killed.
  const follows = mode === "enforce" &&
    policies.some((policy) => claims(policy) && policy.escalate !== undefined);
  if (follows) names.add("transaction_time");
  return {
    health: needsLocks(names) ? new Set([...names, "row_lock_waits"]) : names,
    causes: undone.length > 0 ? new Set([...names, "rows_modified"]) : names,
    alike: names.has("same_digest") || names.has("same_user"),
  };
}

/**
 * Tells what is to be read at a moment of the clock's `wall`. What only policies outside their hours ask for is not: their
 * gates are closed, whatever it would come to.
 */
export function needsByHour(rules: Rules): (wall: number) => Needs {
  if (!rules.policies.some(({ during }) => during !== undefined)) {
    const needs = needsOf(rules);
    return () => needs;
  }
  const known = new Map<string, Needs>();
  return (wall) => {
    const open = rules.policies.filter(({ during }) => during === undefined || isWithin(during, wall));
    const key = open.map(({ name }) => name).join("\n");
    const needs = known.get(key) ?? needsOf({ ...rules, policies: open });
    known.set(key, needs);
    return needs;
  };
}

/** Every name that there is, and those that the policies make: to explain, and to record. */
export function everyNeed(rules: Rules): Needs {
  const { health, causes } = needsOf(rules);
  const all = VOCABULARY.map(({ name }) => name);
  return { health: new Set([...health, ...all]), causes: new Set([...causes, ...all]), alike: true };
}

const REPLICATION_NAMES = ["lag", "lag_fetch", "lag_apply", "replica", "replication_running"];
const ROW_NAMES = ["rows_modified", "rows_locked", "pins_purge"];
const TRANSACTION_NAMES = ["oldest_transaction", "transaction_time", ...ROW_NAMES];
const ACCOUNT_NAMES = ["user", "host", "same_user"];
const TEXT_NAMES = ["sql", "digest"];

/** Whether a policy may end what an idle connection holds. */
function endsIdle({ then, where }: Policy): boolean {
  return then === "kill connection" && canSelectIdle(where);
}

/** What the account has to be able to do there, for the policies in force and for their kills once it is armed. */
export function tasksOf(
  { rules, heartbeat }: Pick<DatabaseConfig, "rules" | "heartbeat">,
): ReadonlySet<Need> {
  const { policies } = rules;
  if (policies.length === 0) return new Set();
  const { health, causes } = needsOf(rules);
  const names = [...health, ...causes];
  const anyOf = (wanted: readonly string[]) => names.some((name) => wanted.includes(name));
  const replication = anyOf(REPLICATION_NAMES);
  const kills = policies.some(claims);
  const needs: Readonly<Record<Need, boolean>> = {
    executions: true,
    sessions: true,
    identity: true,
    routines: true,
    definers: names.some((name) => ACCOUNT_NAMES.includes(name)),
    whole_texts: names.some((name) => TEXT_NAMES.includes(name) || keyOf("tag", name) !== undefined),
    attributes: names.some((name) => name === "program" || keyOf("attribute", name) !== undefined),
    history: anyOf(["hll"]),
    replica_status: replication,
    heartbeat: replication && heartbeat !== undefined,
    transactions: anyOf(TRANSACTION_NAMES),
    // What was killed and does not end may be rolling back.
    // MySQL tells there whose a lock is.
    transaction_rows: kills || anyOf(ROW_NAMES) || needsBlockers(causes),
    locks: needsBlockers(causes),
    holds: needsHolds(causes) || policies.some(endsIdle),
    kill: kills,
  };
  return new Set(Object.keys(needs).filter((need): need is Need => needs[need as Need]));
}
