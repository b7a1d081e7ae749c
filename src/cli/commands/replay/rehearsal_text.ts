import { clauseText } from "../../../events/mod.ts";
import type { DatabaseReplayReport, DecisionReport, UnreplayablePolicy } from "../../../recording/mod.ts";
import { columns } from "../../columns.ts";

/** The result of a replay of one database, for people. */
export function rehearsalText(
  report: DatabaseReplayReport,
  decisions: readonly DecisionReport[],
): readonly string[] {
  return [
    headline(report),
    ...columns([
      ["POLICY", "MODE", "ACTION", "LOOKS OPEN", "WOULD KILL", "MATCHED", "SPARED"],
      ...report.policies.map(({ policy, mode, action, open, would_kill, matched, spared }) =>
        [policy, mode, action, open, would_kill, matched, spared].map(String)
      ),
    ]).map(indented),
    ...notRecordedLines(report.not_recorded),
    "",
    ...decisions.length === 0 ? ["  nothing would have been decided"] : decisionLines(decisions),
  ];
}

/** Describes the looks that were replayed. */
export function headline({ database, looks, without_sessions, from, to }: DatabaseReplayReport): string {
  const span = from === undefined ? "" : `, ${from} to ${to}`;
  const unseen = without_sessions === 0 ? "" : `, ${without_sessions} of them without sessions`;
  return `${database}: ${looks} look${looks === 1 ? "" : "s"}${span}${unseen}`;
}

/** The policies that were left out, and why. */
export function notRecordedLines(notRecorded: readonly UnreplayablePolicy[]): readonly string[] {
  return notRecorded.map(({ policy, missing }) => `  ${policy}: not recorded: ${missing.join(", ")}`);
}

/** Decisions in columns; below each, the clauses that led to it, and then its notes. */
export function decisionLines(
  decisions: readonly DecisionReport[],
  more: (index: number) => readonly string[] = () => [],
): readonly string[] {
  const [head, ...lines] = columns([HEADINGS, ...decisions.map(cells)]);
  const below = (index: number) => [...decisions[index]!.because.map(clauseText), ...more(index)];
  return [
    head!,
    ...lines.flatMap((line, index) => [line, ...below(index).map(indented)]),
  ].map(indented);
}

const HEADINGS = ["TIME", "POLICY", "VERDICT", "SESSION", "USER", "STATEMENT"];

function cells(
  { at, policy, verdict, action, reason, session, statement }: DecisionReport,
): readonly string[] {
  const words = { "would-kill": `would ${action}`, match: "matched", skip: `spared, ${reason}` };
  const text = statement === undefined ? "" : statement.digest_text || statement.digest;
  return [at.slice(11, -1), policy, words[verdict], String(session.id), session.user ?? "unknown", text];
}

function indented(line: string): string {
  return `  ${line}`;
}
