import {
  type Decision,
  type Gate,
  type Policy,
  type SessionVerdicts,
  type SkipReason,
  verdicts,
} from "../policy/mod.ts";
import type { Trial } from "./trial.ts";
import { clauseText } from "../events/mod.ts";
import { type Clause, formatQuantity } from "../language/mod.ts";
import type { SimulatedLook } from "./simulation.ts";

/** A decision in a test to act on a session, or to report it. */
export interface Selection {
  /** In milliseconds since the test began. */
  readonly at: number;
  readonly decision: Decision;
}

/** The state of a test at one look. */
export interface Scene {
  readonly trial: Trial;
  readonly look: SimulatedLook;
  /** All sessions killed so far, including at this look. */
  readonly kills: readonly Selection[];
}

/** Why policies did not act on a session at one look: a line for each policy. */
export function whyNotSelected(id: number, policies: readonly Policy[], scene: Scene): readonly string[] {
  const { trial: { database: { rules } }, look: { snapshot, gates, before, at } } = scene;
  const found = snapshot &&
    verdicts(snapshot, gates, { ...rules, mode: "enforce" }, before, at).find(({ session }) =>
      session.id === id
    );
  if (found === undefined) return [`session ${id} ${absence(id, scene)}`];
  if (found.never !== undefined) return [`session ${id} is never selected: ${found.never}`];
  return policies.map((policy) => `session ${id}, ${policy.name}: ${reason(policy, found, scene)}`);
}

function absence(id: number, { trial, look: { at }, kills }: Scene): string {
  const kill = kills.find(({ decision }) => decision.session.id === id);
  if (kill !== undefined) return `is gone: ${kill.decision.policy} killed it at ${time(kill.at)}`;
  const ends = trial.sessions.find((session) => session.id === id)?.ends;
  return ends !== undefined && ends <= at ? `is gone: it ended at ${time(ends)}` : "has not come yet";
}

function reason(policy: Policy, { session, policies }: SessionVerdicts, scene: Scene): string {
  const { look, kills } = scene;
  const { gates, decisions } = look;
  const gate = gates.find((gate) => gate.policy === policy.name)!;
  if (gate.state !== "open") return `its gate is ${gateText(gate)}`;
  const verdict = policies.find((verdict) => verdict.policy === policy.name)!;
  if (verdict.selects !== true) {
    return `"where" is ${verdict.selects === null ? "unknown" : "false"}: ${becauseText(verdict.because)}`;
  }
  if (!gate.ready) {
    return `its gate is open since ${time(gate.since ?? 0)}, and not yet for ${time(policy.for)}`;
  }
  const skipped = decisions.find((decision) =>
    decision.policy === policy.name && decision.session.id === session.id && decision.verdict === "skip"
  );
  if (skipped?.verdict === "skip") {
    return `spared, ${skipped.reason}${budgetText(skipped.reason, look)}: ${becauseText(skipped.because)}`;
  }
  const kill = kills.findLast(({ decision }) => decision.session.execution === session.execution);
  if (kill === undefined) return "an earlier policy decides over it";
  return `${kill.decision.policy} has decided over it at ${time(kill.at)}`;
}

/** The part of the budget that is spent. */
function budgetText(reason: SkipReason, { memory: { exhausted } }: SimulatedLook): string {
  if (reason !== "budget" || exhausted === null) return "";
  return ` (its ${exhausted.limit === "share" ? "share allows" : "kills are"} ${exhausted.allowed})`;
}

/** The state of a gate, with the clauses that decided it. */
export function gateText({ state, because }: Gate): string {
  return because.length === 0 ? state : `${state}: ${becauseText(because)}`;
}

/** Clauses with their values, on one line. */
export function becauseText(because: readonly Clause[]): string {
  return because.map(clauseText).join("; ");
}

/** A time of a test, as it is written. */
export function time(value: number): string {
  return formatQuantity({ type: "duration", value });
}
