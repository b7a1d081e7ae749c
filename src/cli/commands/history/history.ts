import { systemClock } from "../../../clock.ts";
import {
  coverageOf,
  decisionText,
  type HistoryFilter,
  mergedHistory,
  type PastDecision,
  pastDecisionCsv,
  PeriodError,
  readMoment,
} from "../../../report/mod.ts";
import { REPORTED_OUTCOMES } from "../../../events/mod.ts";
import { JournalError, type JournalReader } from "../../../journal/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { knownName, openJournals } from "../../journals.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper history`. */
export const history: Run = async (invocation, terminal) => {
  const chosen = await openJournals(invocation, terminal);
  if (typeof chosen === "number") return chosen;
  using journals = chosen;
  try {
    const filter = historyFilter(invocation, journals.journals);
    print(journals.journals, filter, { terminal, format: invocation.options.get("format") ?? "pretty" });
    return 0;
  } catch (error) {
    if (error instanceof PeriodError) throw new UsageError(error.message);
    if (!(error instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
};

function historyFilter({ options }: Invocation, journals: readonly JournalReader[]): HistoryFilter {
  const now = systemClock.wall();
  const to = readMoment(options.get("until") ?? "now", now);
  const from = readMoment(options.get("since") ?? "24h", now);
  if (from >= to) throw new UsageError("--since has to be before --until");
  const session = options.get("session");
  if (session !== undefined && !/^\d{1,15}$/.test(session)) {
    throw new UsageError(`--session is the id of a session, a whole number: ${quoted(session)}`);
  }
  return {
    period: { from, to },
    database: knownName(journals, "database", options.get("database")),
    policy: knownName(journals, "policy", options.get("policy")),
    digest: options.get("digest"),
    user: options.get("user"),
    outcome: readOutcome(options.get("outcome")),
    session: session === undefined ? undefined : Number(session),
  };
}

function readOutcome(text: string | undefined): string | undefined {
  const known = [...Object.keys(REPORTED_OUTCOMES), "match", "open"];
  if (text === undefined || known.includes(text)) return text;
  throw new UsageError(
    `--outcome is one of ${known.join(", ")}: ${quoted(text)}${didYouMean(text, known, '"')}`,
  );
}

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
