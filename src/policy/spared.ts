import type { Policy, Rules } from "../config/mod.ts";
import { type Clause, explain, isUnknown, type Subject, type Truth, valuesNamed } from "../language/mod.ts";
import type { Session } from "../snapshot/mod.ts";
import type { SkipReason } from "./decision.ts";
import { needsVerb } from "./never.ts";

/** Why a session is spared. */
export interface Spared {
  readonly reason: SkipReason;
  /** What spoke for that. */
  readonly because: readonly Clause[];
}

/** What keeps a policy from a session that it selected, whatever else is the case: undefined where nothing does. */
export function whySpared(
  policy: Policy,
  session: Session,
  { rules, subject }: { readonly rules: Rules; readonly subject: Subject },
): Spared | undefined {
  if (needsVerb(session) && !namesVerb(policy, session)) return { reason: "needs-verb", because: [] };
  return protection(rules, subject) ?? rollbackCost(policy, session, rules);
}

function namesVerb({ where }: Policy, { verb }: Session): boolean {
  return typeof verb === "string" && valuesNamed(where, "verb").has(verb);
}

/** The first protection that holds, else the first that may hold. */
function protection({ protect }: Rules, subject: Subject): Spared | undefined {
  const find = (truth: Truth) => protect.find((expression) => expression.evaluate(subject) === truth);
  const [sure, possible] = [find(true), find(undefined)];
  const protection = sure ?? possible;
  return protection && {
    reason: sure === undefined ? "protected-unknown" : "protected",
    because: explain(protection, subject).because,
  };
}

/** The server would have too much to undo, or nobody knows how much. */
function rollbackCost(
  { rollback }: Policy,
  { rows_modified = { unknown: "not read" } }: Session,
  { rollbackRows }: Rules,
): Spared | undefined {
  if (rollback === "any" || (!isUnknown(rows_modified) && rows_modified <= rollbackRows)) return undefined;
  return {
    reason: "rollback-cost",
    because: [{
      expression: "rows_modified > limits.rollback_rows",
      left: isUnknown(rows_modified) ? `unknown: ${rows_modified.unknown}` : String(rows_modified),
      right: String(rollbackRows),
    }],
  };
}
