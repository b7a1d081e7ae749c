import type { Policy, Rules } from "../config/mod.ts";
import { explain, type Subject } from "../language/mod.ts";
import type { Health } from "../snapshot/mod.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";

/** The gate of each policy at this look, in their order. */
export function gates(health: Health, rules: Rules, memory: Memory, now: number): readonly Gate[] {
  const subject: Subject = { limits: rules.limits, database: health };
  return rules.policies.map((policy) => gateOf(policy, subject, memory.gates[policy.name], now));
}

function gateOf(policy: Policy, subject: Subject, before: Gate | undefined, now: number): Gate {
  const { name, when } = policy;
  const truth = when === undefined ? true : when.evaluate(subject);
  const because = when === undefined ? [] : explain(when, subject).because;
  if (truth !== true) {
    return { policy: name, state: truth === false ? "closed" : "unknown", because, looks: 0, ready: false };
  }
  const since = before?.since ?? now;
  const looks = (before?.looks ?? 0) + 1;
  const ready = policy.for === 0 || (looks >= 2 && now - since >= policy.for);
  return { policy: name, state: "open", because, since, looks, ready };
}
