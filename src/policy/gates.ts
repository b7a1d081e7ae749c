import type { GatedPolicy, Rules } from "./policy.ts";
import type { Subject, Truth } from "../language/mod.ts";
import type { Snapshot } from "./snapshot.ts";
import { Gate, type PastGate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { isWithin, shownTime } from "./schedule.ts";

/** One moment, by both clocks, in milliseconds. */
export interface Moment {
  /** The clock's `now`. */
  readonly now: number;
  /** Since 1970-01-01 UTC. Only `during` uses it. */
  readonly wall: number;
}

/** The gate of each policy at this look, in the order of the policies. Outside its hours a policy's gate is closed. */
export function gates(
  { health, methods = {}, members }: GateInput,
  rules: GateRules,
  memory: Pick<Memory, "gates">,
  moment: Moment,
): readonly Gate[] {
  const subject: Subject = { limits: rules.limits, database: health, methods, ...members && { members } };
  return rules.policies.map((policy) => gateOf(policy, subject, memory.gates[policy.name], moment));
}

/** The values of a target; of a group, those of its members. */
export type GateInput = Pick<Snapshot, "health" | "methods"> & Pick<Subject, "members">;

/** What gates depend on, whatever their policies do. */
export type GateRules = Pick<Rules, "limits"> & { readonly policies: readonly GatedPolicy[] };

/** Whether a gate is open, and what decided that. */
interface Openness {
  readonly truth: Truth;
  readonly by: "when" | "until";
}

/** With `until`, an open gate stays open while `until` is false, whatever `when` is now. */
function openness({ when, until }: GatedPolicy, subject: Subject, isOpen: boolean): Openness {
  const opened = when === undefined || when.evaluate(subject);
  if (opened === true || until === undefined || !isOpen) return { truth: opened, by: "when" };
  const closed = until.evaluate(subject);
  return { truth: closed === undefined ? undefined : !closed, by: "until" };
}

function gateOf(
  policy: GatedPolicy,
  subject: Subject,
  before: PastGate | undefined,
  { now, wall }: Moment,
): Gate {
  const { name, during } = policy;
  if (during !== undefined && !isWithin(during, wall)) {
    const because = [{ expression: `during ${during.text}`, left: shownTime(during, wall) }];
    return new Gate({ policy: name, state: "closed", by: "during", looks: 0, ready: false }, because);
  }
  const { truth, by } = openness(policy, subject, before?.state === "open");
  const state = truth === undefined ? "unknown" : truth ? "open" : "closed";
  const [since, looks] = truth === true ? [before?.since ?? now, (before?.looks ?? 0) + 1] : [undefined, 0];
  const ready = since !== undefined && (policy.for === 0 || (looks >= 2 && now - since >= policy.for));
  const found = { policy: name, state, by, ...since !== undefined && { since }, looks, ready } as const;
  return new Gate(found, { expression: policy[by], subject });
}
