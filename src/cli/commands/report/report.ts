import { systemClock } from "../../../clock.ts";
import {
  makeReport,
  type ProxiedExecutions,
  QueryError,
  readReportQuery,
  type Report,
  reportCsv,
  reportMarkdown,
  type ReportOptions,
} from "../../../report/mod.ts";
import { JournalError, type JournalReader } from "../../../journal/mod.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { openJournals, optionsAsked } from "../../journals.ts";
import { textOf } from "../../terminal.ts";
import { UsageError } from "../../usage_error.ts";
import { writeWhole } from "../../whole_file.ts";
import { reportText } from "./report_text.ts";

/** `query-sniper report`. */
export const report: Run = async (invocation, terminal) => {
  const { options } = invocation;
  const { dumps, others } = partedFiles(invocation);
  const chosen = await openJournals({ ...invocation, arguments: others }, terminal);
  if (typeof chosen === "number") return chosen;
  using journals = chosen;
  try {
    const { exempt, aliases } = journals.config;
    const asked = { now: systemClock.wall(), exempt, aliases };
    const query = readReportQuery(optionsAsked(invocation), journals.journals, asked);
    const executions = await executionsIn(dumps, journals.journals, query);
    const made = makeReport(journals.journals, { ...query, executions });
    return await write(
      await formatted(made, options.get("format") ?? "table"),
      options.get("output"),
      terminal,
    );
  } catch (error) {
    if (error instanceof QueryError) throw new UsageError(error.message);
    // Of what reads dumps, which is loaded late, the name tells.
    if (!(error instanceof JournalError) && (error as Error).name !== "DumpReadError") throw error;
    terminal.warn(`query-sniper: ${printable((error as Error).message)}`);
    return 1;
  }
};

/** Files without an option are journals where `--journal` is given, else dumps. */
function partedFiles(
  { options, arguments: files }: Invocation,
): { readonly dumps: readonly string[]; readonly others: readonly string[] } {
  const first = options.get("executions");
  if (first === undefined) return { dumps: [], others: files };
  return options.has("journal")
    ? { dumps: [first], others: files }
    : { dumps: [first, ...files], others: [] };
}

/** What dumps tell of the digests that the journals know; undefined where there are none. */
async function executionsIn(
  dumps: readonly string[],
  journals: readonly JournalReader[],
  { by, database, period }: ReportOptions,
): Promise<ProxiedExecutions | undefined> {
  if (dumps.length === 0) return undefined;
  if (by !== "digest") throw new UsageError("--executions goes with --by digest: dumps have nothing else");
  if (database !== undefined) {
    throw new UsageError("--executions goes without --database: dumps do not tell which one it was");
  }
  const digests = journals.flatMap((journal) =>
    journal.all<{ readonly digest: string }>("SELECT digest FROM digest").map(({ digest }) => digest)
  );
  const { executionsOf } = await import("../../../proxysql/dump_executions.ts");
  return await executionsOf(dumps, { digests: new Set(digests), period });
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
