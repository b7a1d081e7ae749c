import { systemClock } from "../../../clock.ts";
import {
  makeReport,
  QueryError,
  readReportQuery,
  type Report,
  reportCsv,
  reportMarkdown,
} from "../../../report/mod.ts";
import { JournalError } from "../../../journal/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { openJournals, optionsAsked } from "../../journals.ts";
import { textOf } from "../../terminal.ts";
import { UsageError } from "../../usage_error.ts";
import { writeWhole } from "../../whole_file.ts";
import { reportText } from "./report_text.ts";

/** `query-sniper report`. */
export const report: Run = async (invocation, terminal) => {
  const { options } = invocation;
  const chosen = await openJournals(invocation, terminal);
  if (typeof chosen === "number") return chosen;
  using journals = chosen;
  try {
    const { exempt, aliases } = journals.config;
    const asked = { now: systemClock.wall(), exempt, aliases };
    const made = makeReport(
      journals.journals,
      readReportQuery(optionsAsked(invocation), journals.journals, asked),
    );
    return await write(
      await formatted(made, options.get("format") ?? "table"),
      options.get("output"),
      terminal,
    );
  } catch (error) {
    if (error instanceof QueryError) throw new UsageError(error.message);
    if (!(error instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
};

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
