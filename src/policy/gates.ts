import type { Policy, Rules } from "../config/mod.ts";
import { explain, type Explanation, type Subject } from "../language/mod.ts";
import type { Snapshot } from "../snapshot/mod.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { isWithin, shownTime } from "./schedule.ts";

/** One moment, by both clocks, in milliseconds. */
export interface Moment {
  /** The clock's `now`. */
  readonly now: number;
  /** Since 1970-01-01 UTC: for `during` alone. */
  readonly wall: number;
}

/** The gate of each policy at this look, in their order. Outside its hours a policy's gate is closed. */
export function gates(
  { health, methods = {} }: Pick<Snapshot, "health" | "methods">,
  rules: Rules,
  memory: Memory,
  moment: Moment,
): readonly Gate[] {
  const subject: Subject = { limits: rules.limits, database: health, methods };
  return rules.policies.map((policy) => gateOf(policy, subject, memory.gates[policy.name], moment));
}

/** With `until` a gate that is open stays so while that is false, whatever has become of `when`. */
function openness({ when, until }: Policy, subject: Subject, isOpen: boolean): Explanation {
  if (when === undefined) return { truth: true, because: [] };
  const opened = explain(when, subject);
  if (opened.truth === true || until === undefined || !isOpen) return opened;
  const { truth, because } = explain(until, subject);
  return { truth: truth === undefined ? undefined : !truth, because };
}

function gateOf(
  policy: Policy,
  subject: Subject,
  before: Gate | undefined,
  { now, wall }: Moment,
): Gate {
  const { name, during } = policy;
  if (during !== undefined && !isWithin(during, wall)) {
    const because = [{ expression: `during ${during.text}`, left: shownTime(during, wall) }];
    return { policy: name, state: "closed", because, looks: 0, ready: false };
  }
  const { truth, because } = openness(policy, subject, before?.state === "open");
  if (truth !== true) {
    return { policy: name, state: truth === false ? "closed" : "unknown", because, looks: 0, ready: false };
  }
  const since = before?.since ?? now;
  const looks = (before?.looks ?? 0) + 1;
  const ready = policy.for === 0 || (looks >= 2 && now - since >= policy.for);
  return { policy: name, state: "open", because, since, looks, ready };
}
