import { isReleased, type Level, type OutcomeKind, OUTCOMES, type ReleasedOutcome } from "../policy/mod.ts";

/** What a `kill` event says of a session. */
export type ReportedOutcome = Exclude<OutcomeKind, ReleasedOutcome> | "would-kill" | "skipped";

/** What is said of an outcome, and how much it matters. */
interface Row {
  readonly meaning: string;
  readonly level: Level;
}

const TRIED = Object.fromEntries(
  Object.entries(OUTCOMES).filter(([kind]) => !isReleased(kind as OutcomeKind)),
) as unknown as Readonly<Record<Exclude<OutcomeKind, ReleasedOutcome>, Row>>;

/** Every outcome of a `kill` event: those of what was tried, and what is told where nothing was. */
export const REPORTED_OUTCOMES: Readonly<Record<ReportedOutcome, Row>> = {
  ...TRIED,
  "would-kill": { meaning: "a dry run: once for each execution and policy", level: "info" },
  skipped: { meaning: "it was not tried: see `reason`", level: "info" },
};
