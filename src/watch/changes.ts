import type { DatabaseConfig } from "../config/mod.ts";
import type { Capabilities } from "../database/mod.ts";
import type { Event } from "../journal/mod.ts";
import { formatQuantity } from "../language/mod.ts";
import type { Memory } from "../policy/mod.ts";

type Watched = Pick<DatabaseConfig, "name" | "rules">;

/** What a look changed, told once: who the server is, the gates, and whether the budget is spent. */
export function changes(database: Watched, before: Memory, after: Memory): readonly Event[] {
  return [
    ...identityChange(database, before, after),
    ...gateChanges(database, before, after),
    ...budgetChange(database, before, after),
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
  if (before.exhausted === after.exhausted) return [];
  const { kills, per } = rules.budget;
  return [{
    event: "budget",
    database,
    state: after.exhausted ? "spent" : "recovered",
    kills,
    per: formatQuantity({ type: "duration", value: per }),
  }];
}

/** What the account lacks there of what the policies need. */
export function gapEvents(
  { name: database, rules }: Watched,
  needs: ReadonlySet<string>,
  { gaps }: Capabilities,
): readonly Event[] {
  const needed = {
    sessions: rules.policies.length > 0,
    kill: rules.policies.length > 0,
    history: needs.has("hll"),
    replica_status: ["lag", "replica", "replication_running"].some((name) => needs.has(name)),
  };
  return gaps.filter(({ need }) => needed[need]).map((gap) => ({ event: "privilege", database, ...gap }));
}
