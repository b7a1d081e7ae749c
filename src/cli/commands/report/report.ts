import { systemClock } from "../../../clock.ts";
import {
  makeReport,
  PeriodError,
  readComparedPeriod,
  readPeriod,
  type Report,
  reportCsv,
  type ReportKey,
  reportMarkdown,
} from "../../../report/mod.ts";
import { JournalError } from "../../../journal/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { type ChosenJournals, knownName, openJournals } from "../../journals.ts";
import { textOf } from "../../terminal.ts";
import { UsageError } from "../../usage_error.ts";
import { writeWhole } from "../../whole_file.ts";
import { reportText } from "./report_text.ts";

const KEYS = ["digest", "shape", "database", "user", "policy"] as const;
const TAG = /^tag\.[a-z_][a-z0-9_]{0,63}$/;

/** `query-sniper report`. */
export const report: Run = async (invocation, terminal) => {
  const { options } = invocation;
  const chosen = await openJournals(invocation, terminal);
  if (typeof chosen === "number") return chosen;
  using journals = chosen;
  try {
    const made = makeReport(journals.journals, reportOptions(invocation, journals));
    return await write(
      await formatted(made, options.get("format") ?? "table"),
      options.get("output"),
      terminal,
    );
  } catch (error) {
    if (error instanceof PeriodError) throw new UsageError(error.message);
    if (!(error instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
};

function reportOptions({ options }: Invocation, { journals, config }: ChosenJournals) {
  const now = systemClock.wall();
  const by = readKey(options.get("by") ?? "digest");
  const period = readPeriod({ since: options.get("since") ?? "7d", until: options.get("until") }, now);
  const compare = options.get("compare");
  return {
    period,
    by,
    database: knownName(journals, "database", options.get("database")),
    policy: knownName(journals, "policy", options.get("policy")),
    exempt: config.exempt,
    aliases: config.aliases,
    compare: compare === undefined ? undefined : readComparedPeriod(compare, period, now),
    now,
  };
}

function readKey(text: string): ReportKey {
  const key = KEYS.find((key) => key === text);
  if (key !== undefined) return key;
  if (TAG.test(text)) return text as `tag.${string}`;
  throw new UsageError(
    `--by is one of ${KEYS.join(", ")} and tag.KEY: ${quoted(text)}${didYouMean(text, KEYS, '"')}`,
  );
}

/** A report in lines. */
async function formatted(made: Report, format: string): Promise<readonly string[]> {
  switch (format) {
    case "json":
      return [JSON.stringify(made)];
    case "csv":
      return reportCsv(made);
    case "markdown":
      return reportMarkdown(made);
    case "html":
      return (await import("../../../report/html/page.ts")).reportPage(made).trimEnd().split("\n");
    default:
      return reportText(made);
  }
}

async function write(
  lines: readonly string[],
  file: string | undefined,
  terminal: Terminal,
): Promise<number> {
  if (file === undefined) {
    terminal.print(...lines);
    return 0;
  }
  try {
    await writeWhole(file, textOf(lines));
    return 0;
  } catch (error) {
    terminal.warn(`query-sniper: cannot write the report: ${ioReason(error)}: ${quoted(file)}`);
    return 1;
  }
}
