import { clauseText } from "../../events/mod.ts";
import type { PastDecision } from "../history.ts";
import { csvLine } from "./csv.ts";

/** A past decision as a line of CSV; without one, the names of the columns. */
export function pastDecisionCsv(decision?: PastDecision): string {
  return csvLine(
    decision === undefined
      ? COLUMNS.map(([name]) => name)
      : COLUMNS.map(([, value]) => value(decision) ?? null),
  );
}

type Value = string | number | null | undefined;

const COLUMNS: readonly (readonly [name: string, value: (decision: PastDecision) => Value])[] = [
  ["at", ({ at }) => at],
  ["database", ({ database }) => database],
  ["policy", ({ policy }) => policy],
  ["action", ({ action }) => action],
  ["outcome", ({ event, outcome }) => outcome ?? event],
  ["reason", ({ reason }) => reason],
  ["took_ms", ({ took_ms }) => took_ms],
  ["time_ms", ({ session }) => session.time_ms ?? session.idle_time_ms],
  ["session", ({ session }) => session.id],
  ["user", ({ session }) => session.user],
  ["host", ({ session }) => session.host],
  ["db", ({ session }) => session.db],
  ["program", ({ session }) => session.program],
  ["tags", ({ statement }) => statement && JSON.stringify(statement.tags)],
  ["digest", ({ statement }) => statement?.digest],
  ["digest_text", ({ statement }) => statement?.digest_text],
  ["because", ({ because }) => because.map(clauseText).join("; ")],
  ["note", ({ note }) => note],
  ["mode", ({ mode }) => mode],
  ["command", ({ session }) => session.command],
];
