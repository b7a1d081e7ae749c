import type { DatabaseConfig } from "../config/mod.ts";
import { canSelectIdle, keyOf } from "../language/mod.ts";
import { ACTIONS, claims, needsOf, type Policy } from "../policy/mod.ts";
import type { Gap } from "./capabilities.ts";
import type { Need } from "./need.ts";
import { needsBlockers } from "./reads/causes.ts";
import { needsHolds } from "./reads/guards.ts";

const REPLICATION_NAMES = ["lag", "lag_fetch", "lag_apply", "replica", "replication_running"];
const ROW_NAMES = ["rows_modified", "rows_locked", "pins_purge"];
const TRANSACTION_NAMES = ["oldest_transaction", "transaction_time", ...ROW_NAMES];
const ACCOUNT_NAMES = ["user", "host", "same_user"];
const TEXT_NAMES = ["sql", "digest"];

/** Whether a policy may end what an idle connection holds. */
function endsIdle({ then, where }: Policy): boolean {
  return ACTIONS[then].acts_on === "connection" && canSelectIdle(where);
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

/** Of what the account lacks there what the policies in force are worse off without, each remedy once. */
export function gapsToTell(
  database: Pick<DatabaseConfig, "rules" | "heartbeat">,
  gaps: readonly Gap[],
): readonly Gap[] {
  const tasks = tasksOf(database);
  const isTold = ({ need, tolerable }: Gap) =>
    // What runs inside of routines is left alone; it is worth a word where policies ask whose it is.
    need === "routines" && tolerable
      ? gaps.some(({ need }) => need === "definers") && tasks.has("definers")
      : tasks.has(need);
  // Without what is held by idle connections every policy works: `check` tells of that.
  return gaps.filter((gap) => isTold(gap) && gap.need !== "holds")
    .filter(({ remedy }, index, all) => all.findIndex((gap) => gap.remedy === remedy) === index);
}
