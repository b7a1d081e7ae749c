import type { DatabaseConfig } from "../config/mod.ts";
import type { Event } from "../events/mod.ts";
import { formatQuantity } from "../language/mod.ts";
import type { Memory } from "../policy/mod.ts";

type NamedRules = Pick<DatabaseConfig, "name" | "rules">;

/** The events for what a look has changed: the server's identity, the gates, and whether the budget is spent. */
export function changes(database: NamedRules, before: Memory, after: Memory): readonly Event[] {
  return [
    ...identityChange(database, before, after),
    ...gateChanges(database, before, after),
    ...budgetChange(database, before, after),
    ...gaveUp(database, before, after),
  ];
}

function identityChange(
  { name: database, rules }: NamedRules,
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

/** A policy with neither `when` nor `during` has no gate to report. */
function gateChanges({ name: database, rules }: NamedRules, before: Memory, after: Memory): readonly Event[] {
  const gated = rules.policies.filter(({ when, during }) => when !== undefined || during !== undefined);
  return gated.flatMap(({ name: policy }): Event[] => {
    const gate = after.gates[policy];
    if (gate === undefined || gate.state === (before.gates[policy]?.state ?? "closed")) return [];
    return [{ event: "gate", database, policy, state: gate.state, because: gate.because }];
  });
}

function budgetChange(
  { name: database, rules }: NamedRules,
  before: Memory,
  after: Memory,
): readonly Event[] {
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

function gaveUp({ name: database, rules }: NamedRules, before: Memory, after: Memory): readonly Event[] {
  return after.gaveUp.filter((policy) => !before.gaveUp.includes(policy)).map((policy) => ({
    event: "gave-up",
    database,
    policy,
    rounds: rules.policies.find(({ name }) => name === policy)?.settle?.giveUpAfter ?? 0,
    because: after.gates[policy]?.because ?? [],
  }));
}
