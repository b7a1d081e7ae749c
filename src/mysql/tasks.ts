import { VOCABULARY } from "./vocabulary/vocabulary.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { canSelectIdle } from "../language/mod.ts";
import { actionOf, claims, type Domain, needsOf, type Policy } from "../policy/mod.ts";
import { type Need, NEEDS, type PrivilegeGap } from "./need.ts";

/** Whether a policy may kill an idle connection that holds something. */
function endsIdle({ then, where }: Policy, { actions }: Domain): boolean {
  return actionOf(actions, then).acts_on === "connection" && canSelectIdle(where);
}

/** What the account must be able to do for the policies in force, and for their kills once armed. */
export function tasksOf(
  { rules, heartbeat }: Pick<DatabaseConfig, "rules" | "heartbeat">,
): ReadonlySet<Need> {
  const { policies } = rules;
  if (policies.length === 0) return new Set();
  const { health, causes } = needsOf(rules);
  const rows = [...health, ...causes].map((name) => rules.domain.vocabulary.row(name));
  const taken = new Set(rows.flatMap((row) => row?.needs ?? []));
  const kills = policies.some((policy) => claims(policy, rules.domain));
  const needs: Readonly<Partial<Record<Need, boolean>>> = {
    executions: true,
    sessions: true,
    identity: true,
    routines: true,
    heartbeat: heartbeat !== undefined && taken.has("replica_status"),
    // A killed session that does not end may be rolling back.
    transaction_rows: kills,
    holds: policies.some((policy) => endsIdle(policy, rules.domain)),
    kill: kills,
  };
  return new Set(ALL_NEEDS.filter((need) => needs[need] === true || taken.has(need)));
}

/** What reading some names of databases needs, without any session. */
export function needsOfNames(
  names: Iterable<string>,
  heartbeat: string | undefined,
): ReadonlySet<Need> {
  const taken = new Set([...names].flatMap((name) => VOCABULARY.row(name)?.needs ?? []));
  const hasBeat = heartbeat !== undefined && taken.has("replica_status");
  return new Set(ALL_NEEDS.filter((need) => taken.has(need) || (need === "heartbeat" && hasBeat)));
}

const ALL_NEEDS = Object.keys(NEEDS) as readonly Need[];

/** The gaps of the account that affect the policies in force, each remedy once. */
export function gapsToTell(
  database: Pick<DatabaseConfig, "rules" | "heartbeat">,
  gaps: readonly PrivilegeGap[],
): readonly PrivilegeGap[] {
  const tasks = tasksOf(database);
  const isTold = ({ need, tolerable }: PrivilegeGap) =>
    // What runs inside routines is left alone. That is reported only if policies ask for its account.
    need === "routines" && tolerable
      ? gaps.some(({ need }) => need === "definers") && tasks.has("definers")
      : tasks.has(need);
  // Every policy works without knowing what idle connections hold, so only `check` reports that.
  return gaps.filter((gap) => isTold(gap) && gap.need !== "holds")
    .filter(({ remedy }, index, all) => all.findIndex((gap) => gap.remedy === remedy) === index);
}
