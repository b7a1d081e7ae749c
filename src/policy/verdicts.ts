import { actionOf } from "./action.ts";
import type { Policy, Rules } from "./policy.ts";
import { type Clause, explain, type Truth } from "../language/mod.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";

/** One policy's verdict on one session at one look. */
export interface PolicyVerdict {
  readonly policy: string;
  /** Whether its `where` is true; null if that is unknown. */
  readonly selects: boolean | null;
  /** The clauses that decided `where`. */
  readonly because: readonly Clause[];
  /** What would happen to the session; absent if the gate is not open, or nothing would happen. */
  readonly decision?: Decision;
}

/** All policies' verdicts on one session. */
export interface SessionVerdicts {
  readonly session: Session;
  /** Why no policy is asked about it; absent if they are. */
  readonly never?: string;
  readonly policies: readonly PolicyVerdict[];
}

/**
 * Each policy's verdict on each session, even if it would do nothing. An open gate counts as ready, so the verdict
 * shown is the one after the gate's `for`. Pure.
 */
export function verdicts(
  snapshot: Snapshot,
  gates: readonly Gate[],
  rules: Rules,
  memory: Memory,
  now: number,
): readonly SessionVerdicts[] {
  const open = gates.map((gate) => gate.asReady());
  const { decisions } = decide(snapshot, open, rules, memory, now);
  return snapshot.sessions.map((session) => {
    const never = rules.domain.whyNever(session, snapshot.own);
    if (never !== undefined) return { session, never, policies: [] };
    const of = (policy: Policy) => verdictOf(policy, session, { snapshot, rules, decisions });
    return { session, policies: rules.policies.map(of) };
  });
}

function verdictOf(
  { name, where, then }: Policy,
  session: Session,
  { snapshot, rules, decisions }: {
    readonly snapshot: Snapshot;
    readonly rules: Rules;
    readonly decisions: readonly Decision[];
  },
): PolicyVerdict {
  const { health, methods = {} } = snapshot;
  const { truth, because } = explain(where, { limits: rules.limits, database: health, methods, session });
  const decision = decisions.find((decision) => decision.policy === name && decision.session === session);
  const idle = truth === true && actionOf(rules.domain.actions, then).acts_on === "statement" &&
    !session.running;
  return {
    policy: name,
    selects: idle ? false : nullIfUnknown(truth),
    because: idle ? [NOT_RUNNING] : because,
    ...decision !== undefined && { decision },
  };
}

/** Why a statement action does not act on a session that runs no statement. */
const NOT_RUNNING: Clause = { expression: "running", left: "false" };

function nullIfUnknown(truth: Truth): boolean | null {
  return truth ?? null;
}
