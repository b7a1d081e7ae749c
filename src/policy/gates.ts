import type { Policy, Rules } from "../config/mod.ts";
import { explain, type Explanation, type Subject } from "../language/mod.ts";
import type { Snapshot } from "../snapshot/mod.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";

/** The gate of each policy at this look, in their order. */
export function gates(
  { health, methods = {} }: Pick<Snapshot, "health" | "methods">,
  rules: Rules,
  memory: Memory,
  now: number,
): readonly Gate[] {
  const subject: Subject = { limits: rules.limits, database: health, methods };
  return rules.policies.map((policy) => gateOf(policy, subject, memory.gates[policy.name], now));
}

/** With `until` a gate that is open stays so while that is false, whatever has become of `when`. */
function openness({ when, until }: Policy, subject: Subject, isOpen: boolean): Explanation {
  if (when === undefined) return { truth: true, because: [] };
  const opened = explain(when, subject);
  if (opened.truth === true || until === undefined || !isOpen) return opened;
  const { truth, because } = explain(until, subject);
  return { truth: truth === undefined ? undefined : !truth, because };
}

function gateOf(policy: Policy, subject: Subject, before: Gate | undefined, now: number): Gate {
  const { name } = policy;
  const { truth, because } = openness(policy, subject, before?.state === "open");
  if (truth !== true) {
    return { policy: name, state: truth === false ? "closed" : "unknown", because, looks: 0, ready: false };
  }
  const since = before?.since ?? now;
  const looks = (before?.looks ?? 0) + 1;
  const ready = policy.for === 0 || (looks >= 2 && now - since >= policy.for);
  return { policy: name, state: "open", because, since, looks, ready };
}
