import { clauseText, sessionText } from "../../../events/mod.ts";
import { type Clause, formatQuantity } from "../../../language/mod.ts";
import type { GateReport, LookExplanation, SessionExplanation, VerdictReport } from "./explanation.ts";

/** The note on accounts that may not be killable, if the server does not show which these are. */
export const SHIELD_UNKNOWN = "whose account has SYSTEM_USER, so that a kill would be refused, is not known";

export interface TextOptions {
  /** Show every session; otherwise only those that a policy selects, or may select. */
  readonly everySession: boolean;
}

/** An explanation for people. */
export function explanationText(
  explanation: LookExplanation,
  { everySession }: TextOptions,
): readonly string[] {
  const { database, flavor, version, mode, at, paused, policies, blind, sessions, shield_unknown } =
    explanation;
  const shown = everySession ? sessions : sessions.filter(isOfInterest);
  const gates = new Map(policies.map((gate) => [gate.policy, gate]));
  return [
    `${database}: ${flavor} ${version}, ${mode}, at ${at}`,
    ...paused === undefined ? [] : [`  ${paused}`],
    ...policies.flatMap(gateLines),
    ...policies.length === 0 ? ["  no policy is in force here"] : [],
    ...blind === undefined ? [] : [`  no session can be judged: ${blind}`],
    ...shield_unknown === undefined ? [] : [`  ${SHIELD_UNKNOWN}: ${shield_unknown}`],
    ...shown.flatMap((session) => ["", ...sessionLines(session, gates)]),
    ...everySession ? [] : summaryLines(sessions.length, sessions.length - shown.length),
  ];
}

/** Whether a policy selects it, or that is unknown. */
function isOfInterest({ verdicts }: SessionExplanation): boolean {
  return verdicts.some(({ selects }) => selects !== false);
}

function summaryLines(all: number, hidden: number): readonly string[] {
  if (all === 0) return ["", "  no other session is there"];
  if (hidden === 0) return [];
  const which = hidden === all ? "none of them is" : `${hidden} of them are not`;
  return ["", `  ${all} sessions; ${which} selected by any policy (--session ID tells why)`];
}

function gateLines({ policy, mode, action, state, ready, for_ms, because }: GateReport): readonly string[] {
  const waits = state === "open" && !ready && for_ms !== undefined
    ? `, and acts once it is so for ${formatQuantity({ type: "duration", value: for_ms })}`
    : "";
  return [
    `  policy ${policy} (${mode === "dry-run" ? "dry-run, " : ""}${action}): ${
      because.length === 0 ? "always " : ""
    }${state}${waits}`,
    ...clauseLines(because, "    "),
  ];
}

/** A session with the verdict of each policy, and the clauses that decided. */
export function sessionLines(
  { session, statement, never, verdicts }: SessionExplanation,
  gates: ReadonlyMap<string, GateReport>,
): readonly string[] {
  const text = statement === undefined ? "" : `: ${statement.digest_text}`;
  return [
    `  ${sessionText(session)}${text}`,
    ...never === undefined ? [] : [`    never selected: ${never}`],
    ...verdicts.flatMap((verdict) => [
      `    ${verdict.policy}: ${verdictText(verdict, gates.get(verdict.policy))}`,
      ...clauseLines(verdict.because, "      "),
    ]),
  ];
}

/** A policy's verdict on a session, in words. */
export function verdictText(
  { selects, decision, reason, refused }: VerdictReport,
  gate: GateReport | undefined,
): string {
  if (decision === "match") return "matches";
  if (decision === "kill") {
    const action = gate?.mode === "dry-run" ? `would ${gate.action}` : `${gate?.action}`;
    return refused === undefined ? action : `${action}, but ${refused}`;
  }
  if (decision === "skip") return `selected, and spared: ${reason}`;
  if (selects === null) return "not selected, since nobody knows";
  if (!selects) return "not selected";
  return gate?.state === "open"
    ? "selected, but an earlier policy decides"
    : `selected, but its gate is ${gate?.state}`;
}

function clauseLines(clauses: readonly Clause[], indent: string): readonly string[] {
  return clauses.map((clause) => `${indent}${clauseText(clause)}`);
}
