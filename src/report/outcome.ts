import { type OutcomeKind, OUTCOMES } from "../policy/mod.ts";

/** How an outcome is counted. */
export type Counted = "kill" | "would-kill" | "skipped" | "other";

/** What a report counts an outcome as, by its name in the journal. One that a later program wrote is `other`. */
export function countedAs(outcome: string): Counted {
  if (outcome === "would-kill" || outcome === "skipped") return outcome;
  const row = Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome as OutcomeKind] : undefined;
  if (row?.spends === "released") return "skipped";
  return row?.counts_as === "kill" ? "kill" : "other";
}

/** What an intent is called whose outcome is not known yet. */
export const OPEN = "open";
