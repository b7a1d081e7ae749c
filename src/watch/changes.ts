import type { DatabaseConfig } from "../config/mod.ts";
import type { Capabilities } from "../database/mod.ts";
import type { Event } from "../journal/mod.ts";
import { formatQuantity } from "../language/mod.ts";
import type { Memory } from "../policy/mod.ts";
import { needsBlockers } from "../snapshot/mod.ts";
import type { Needs } from "./needs.ts";

type Watched = Pick<DatabaseConfig, "name" | "rules">;

/** What a look changed, told once: who the server is, the gates, and whether the budget is spent. */
export function changes(database: Watched, before: Memory, after: Memory): readonly Event[] {
  return [
    ...identityChange(database, before, after),
    ...gateChanges(database, before, after),
    ...budgetChange(database, before, after),
    ...gaveUp(database, before, after),
  ];
}

function identityChange(
  { name: database, rules }: Watched,
  before: Memory,
  { server, holdUntil }: Memory,
): readonly Event[] {
  if (server === undefined || holdUntil === before.holdUntil) return [];
  return [{
    event: "identity",
    database,
    server: server.identity.server,
    read_only: server.readOnly,
    grace: formatQuantity({ type: "duration", value: rules.grace }),
  }];
}

/** A policy without `when` has no gate to tell of. */
function gateChanges({ name: database, rules }: Watched, before: Memory, after: Memory): readonly Event[] {
  return rules.policies.filter(({ when }) => when !== undefined).flatMap(({ name: policy }): Event[] => {
    const gate = after.gates[policy];
    if (gate === undefined || gate.state === (before.gates[policy]?.state ?? "closed")) return [];
    return [{ event: "gate", database, policy, state: gate.state, because: gate.because }];
  });
}

function budgetChange({ name: database, rules }: Watched, before: Memory, after: Memory): readonly Event[] {
  const exhausted = after.exhausted ?? before.exhausted;
  if ((before.exhausted === null) === (after.exhausted === null) || exhausted === null) return [];
  return [{
    event: "budget",
    database,
    state: after.exhausted === null ? "recovered" : "spent",
    ...exhausted,
    per: formatQuantity({ type: "duration", value: rules.budget.per }),
  }];
}

function gaveUp({ name: database, rules }: Watched, before: Memory, after: Memory): readonly Event[] {
  return after.gaveUp.filter((policy) => !before.gaveUp.includes(policy)).map((policy) => ({
    event: "gave-up",
    database,
    policy,
    rounds: rules.policies.find(({ name }) => name === policy)?.settle?.giveUpAfter ?? 0,
    because: after.gates[policy]?.because ?? [],
  }));
}

const REPLICATION_NAMES = ["lag", "lag_fetch", "lag_apply", "replica", "replication_running"];
const TRANSACTION_NAMES = ["transaction_time", "rows_modified", "rows_locked", "pins_purge"];

/** What the account lacks there of what the policies need. */
export function gapEvents(
  { name: database, rules }: Watched,
  { health: needs, causes }: Needs,
  { gaps }: Capabilities,
): readonly Event[] {
  const needed = {
    sessions: rules.policies.length > 0,
    identity: rules.policies.length > 0,
    kill: rules.policies.length > 0,
    history: needs.has("hll"),
    replica_status: REPLICATION_NAMES.some((name) => needs.has(name)),
    transactions: needs.has("oldest_transaction") || TRANSACTION_NAMES.some((name) => causes.has(name)),
    locks: needsBlockers(causes),
  };
  // What helps against several of them is told once.
  return gaps.filter(({ need }) => needed[need])
    .filter(({ remedy }, index, all) => all.findIndex((gap) => gap.remedy === remedy) === index)
    .map((gap) => ({ event: "privilege", database, ...gap }));
}
