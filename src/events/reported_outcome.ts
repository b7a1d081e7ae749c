import { isReleased, type Level, type OutcomeKind, OUTCOMES, type ReleasedOutcome } from "../policy/mod.ts";

/** The outcome that a `kill` event reports. */
export type ReportedOutcome = Exclude<OutcomeKind, ReleasedOutcome> | "would-kill" | "skipped";

/** The meaning of an outcome, and its level. */
interface Row {
  readonly meaning: string;
  readonly level: Level;
}

const TRIED = Object.fromEntries(
  Object.entries(OUTCOMES).filter(([kind]) => !isReleased(kind as OutcomeKind)),
) as unknown as Readonly<Record<Exclude<OutcomeKind, ReleasedOutcome>, Row>>;

/** Every outcome of a `kill` event: those of kills that were tried, and those of kills that were not. */
export const REPORTED_OUTCOMES: Readonly<Record<ReportedOutcome, Row>> = {
  ...TRIED,
  "would-kill": { meaning: "a dry run: once for each execution and policy", level: "info" },
  skipped: { meaning: "it was not tried: see `reason`", level: "info" },
};
