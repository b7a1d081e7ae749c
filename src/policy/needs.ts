import { actionOf } from "./action.ts";
import { claims } from "./claims.ts";
import type { Rules } from "./policy.ts";
import { isWithin } from "./schedule.ts";

/** What has to be read for the policies in force. */
export interface Needs {
  /** Names of the database. */
  readonly health: ReadonlySet<string>;
  /** Names of sessions that are costly to read. */
  readonly causes: ReadonlySet<string>;
  /** Whether a policy asks how many sessions are alike. */
  readonly alike: boolean;
}

/** The names that the policies in force refer to, and those that their kills need. */
export function needsOf({ domain, policies, protect, mode }: Rules): Needs {
  const expressions = [...policies.flatMap(({ when, until, where }) => [when, until, where]), ...protect];
  const names = new Set([
    ...expressions.flatMap((expression) => expression?.needs ?? []),
    ...policies.flatMap(({ victims }) => domain.orders[victims.order].needs),
  ]);
  // Before each kill, the program must know how much the server would have to roll back.
  const undone = policies.filter(({ then, rollback }) =>
    actionOf(domain.actions, then).acts_on !== null && rollback !== "any"
  );
  // To see whether the transaction of a killed statement is still open.
  const follows = mode === "enforce" &&
    policies.some((policy) => claims(policy, domain) && policy.escalate !== undefined);
  if (follows) names.add("transaction_time");
  return {
    health: names,
    causes: undone.length > 0 ? new Set([...names, "rows_modified"]) : names,
    alike: [...names].some((name) => domain.vocabulary.row(name)?.counts_alike),
  };
}

/**
 * Returns what to read at a moment of the clock's `wall`. What only policies outside their hours ask for is not
 * read: their gates are closed anyway.
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

/** All names, including those that policies define: for `explain` and `record`. */
export function everyNeed(rules: Rules): Needs {
  const { health, causes } = needsOf(rules);
  const all = rules.domain.vocabulary.rows.map(({ name }) => name);
  return { health: new Set([...health, ...all]), causes: new Set([...causes, ...all]), alike: true };
}
