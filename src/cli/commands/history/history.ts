import { systemClock } from "../../../clock.ts";
import {
  coverageOf,
  decisionText,
  type HistoryFilter,
  mergedHistory,
  type PastDecision,
  pastDecisionCsv,
  QueryError,
  readHistoryQuery,
} from "../../../report/mod.ts";
import { JournalError, type JournalReader } from "../../../journal/mod.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { openJournals, optionsAsked } from "../../journals.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper history`. */
export const history: Run = async (invocation, terminal) => {
  const chosen = await openJournals(invocation, terminal);
  if (typeof chosen === "number") return chosen;
  using journals = chosen;
  try {
    const filter = readHistoryQuery(optionsAsked(invocation), journals.journals, systemClock.wall());
    print(journals.journals, filter, { terminal, format: invocation.options.get("format") ?? "pretty" });
    return 0;
  } catch (error) {
    if (error instanceof QueryError) throw new UsageError(error.message);
    if (!(error instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
};

/** The decisions on standard output; what is covered too in the format for people, else on standard error. */
function print(
  journals: readonly JournalReader[],
  filter: HistoryFilter,
  { terminal, format }: { readonly terminal: Terminal; readonly format: string },
): void {
  const text = FORMATS[format] ?? decisionText;
  if (format === "csv") terminal.print(pastDecisionCsv());
  let count = 0;
  let lines: string[] = [];
  for (const decision of mergedHistory(journals, filter)) {
    count++;
    if (lines.push(text(decision)) < MANY) continue;
    terminal.print(...lines);
    lines = [];
  }
  if (lines.length > 0) terminal.print(...lines);
  const covered = coverageOf(journals, filter, { now: systemClock.wall(), count });
  (format === "pretty" ? terminal.print : terminal.warn)(...covered);
}

/** How many lines are printed at once. */
const MANY = 1000;

const FORMATS: Readonly<Record<string, (decision: PastDecision) => string>> = {
  pretty: decisionText,
  json: (decision) => JSON.stringify(decision),
  csv: pastDecisionCsv,
};
