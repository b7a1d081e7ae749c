import { systemClock } from "../../../clock.ts";
import { checkDatabase, type CheckReport } from "./check_report.ts";
import { checkText } from "./check_text.ts";
import { ProxyChecks } from "./proxy_check.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { holdsOf, pausedText } from "../../holds.ts";
import { Pauses } from "../../../watch/mod.ts";
import type { Run } from "../../invocation.ts";

/** `query-sniper check`. */
export const check: Run = async (invocation, terminal) => {
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { config, databases } = chosen;
  const isArmed = databases.some(({ rules }) => rules.mode === "enforce");
  const { journal: _, ...journalless } = config;
  // A dry run kills nothing, whether the journal can be written or not.
  const holds = await holdsOf(isArmed ? config : journalless, systemClock);
  const pauses = new Pauses(config.pause, { clock: systemClock });
  const progress = progressOf(databases.length);
  const proxies = new ProxyChecks(config.proxies, systemClock);
  const reports = await Promise.all(databases.map(async (database) => {
    const report = await checkDatabase(database, systemClock, proxies);
    progress.done();
    const paused = await pausedText(pauses, database.name);
    return heldBack(report, paused === undefined || holds.includes(paused) ? holds : [...holds, paused]);
  }));
  progress.end();
  const lines = invocation.options.get("format") === "json"
    ? reports.map((report: CheckReport) => JSON.stringify(report))
    : checkText(reports, holds);
  terminal.print(...lines);
  return reports.every(({ ok }) => ok) ? 0 : 1;
};

/** A hold on this host affects all of its armed databases. */
function heldBack(report: CheckReport, holds: readonly string[]): CheckReport {
  if (holds.length === 0 || "unreachable" in report) return report;
  return { ...report, ok: report.ok && report.mode !== "enforce", held: holds };
}

/** Shows the progress on one line of a terminal; prints nothing if the output is not a terminal. */
function progressOf(all: number): { done(): void; end(): void } {
  let done = 0;
  const isSeen = Deno.stderr.isTerminal();
  const write = (text: string) => {
    if (isSeen) Deno.stderr.writeSync(new TextEncoder().encode(text));
  };
  const show = () => write(`\r${done} of ${all} databases checked`);
  show();
  return {
    done() {
      done++;
      show();
    },
    end: () => write("\r\x1b[K"),
  };
}
