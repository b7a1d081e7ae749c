import {
  type Gate,
  isShielded,
  type Memory,
  type Policy,
  type PolicyVerdict,
  REFUSED,
  type SessionVerdicts,
  type Snapshot,
  verdicts,
} from "../../../policy/mod.ts";
import { type Capabilities, shieldRemedy } from "../../../mysql/mod.ts";
import { redactStatement, sessionReport, statementReading } from "../../../events/mod.ts";
import type { Clause } from "../../../language/mod.ts";
import type { Look } from "../../../look/mod.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";

/** The full result of one look at one database: one line of `--format json`. */
export interface LookExplanation {
  /** When, in ISO format. */
  readonly at: string;
  readonly database: string;
  readonly flavor: string;
  readonly version: string;
  readonly mode: string;
  /** Why nothing is killed there, and what ends that; absent if kills are not paused. */
  readonly paused?: string;
  readonly policies: readonly GateReport[];
  /** What would show which accounts it cannot kill; absent if that is known, or if no session is selected. */
  readonly shield_unknown?: string;
  /** Why sessions cannot be judged; absent if they can. */
  readonly blind?: string;
  readonly sessions: readonly SessionExplanation[];
}

/** The gate of one policy. */
export interface GateReport {
  readonly policy: string;
  readonly mode: string;
  readonly action: string;
  readonly state: Gate["state"];
  /** Whether the gate has been open for as long as `for` asks, so that the policy acts. */
  readonly ready: boolean;
  readonly for_ms?: number;
  readonly because: readonly Clause[];
}

/** All policies' verdicts on one session. */
export interface SessionExplanation {
  readonly session: ReturnType<typeof sessionReport>;
  readonly statement?: ReturnType<typeof redactStatement>;
  /** Why no policy is asked about it; absent if they are. */
  readonly never?: string;
  readonly verdicts: readonly VerdictReport[];
}

/** One policy's verdict on one session. */
export interface VerdictReport {
  readonly policy: string;
  /** Whether its `where` is true; null if that is unknown. */
  readonly selects: boolean | null;
  readonly because: readonly Clause[];
  /** `kill` stands for both `act` and `would-kill`. */
  readonly decision?: "kill" | "match" | "skip";
  /** Why it is skipped. */
  readonly reason?: string;
  /** Why the server would refuse the kill. */
  readonly refused?: string;
}

/** Builds the explanation of a look. Statements are without their literals. */
export function explanationOf(
  { name: database, rules }: WatchedDatabase,
  { gates, snapshot }: Look,
  { capabilities, memory, paused, now, wall }: {
    readonly capabilities: Capabilities;
    readonly memory: Memory;
    readonly paused: string | undefined;
    readonly now: number;
    readonly wall: number;
  },
): LookExplanation {
  const { flavor, version, gaps, shielded, user } = capabilities;
  const blind = gaps.find(({ need }) => need === "sessions");
  const sessions = snapshot === undefined
    ? []
    : verdicts(snapshot, gates, rules, memory, now).map((each) => sessionExplanation(each, snapshot));
  const kills = sessions.some(({ verdicts }) => verdicts.some(({ decision }) => decision === "kill"));
  return {
    at: new Date(wall).toISOString(),
    database,
    flavor,
    version,
    mode: rules.mode,
    ...paused !== undefined && { paused },
    policies: gates.map((gate, index) => gateReport(gate, rules.policies[index]!, rules.mode)),
    ...snapshot === undefined && { blind: `${blind?.missing} is missing: ${blind?.remedy}` },
    ...shielded === undefined && kills && { shield_unknown: shieldRemedy(user) },
    sessions,
  };
}

function gateReport({ state, ready, because }: Gate, policy: Policy, mode: string): GateReport {
  return {
    policy: policy.name,
    mode: policy.mode === "dry-run" ? "dry-run" : mode,
    action: policy.then,
    state,
    ready,
    ...policy.for > 0 && { for_ms: policy.for },
    because,
  };
}

function sessionExplanation(
  { session, never, policies }: SessionVerdicts,
  snapshot: Snapshot,
): SessionExplanation {
  const refused = isShielded(snapshot, session);
  const statement = statementReading(session);
  return {
    session: sessionReport(session),
    ...statement !== undefined && { statement: redactStatement(statement) },
    ...never !== undefined && { never },
    verdicts: policies.map((verdict) => verdictReport(verdict, refused)),
  };
}

function verdictReport(
  { policy, selects, because, decision }: PolicyVerdict,
  refused: boolean,
): VerdictReport {
  if (decision === undefined) return { policy, selects, because };
  const { verdict } = decision;
  const kills = verdict === "act" || verdict === "would-kill";
  return {
    policy,
    selects,
    because: decision.because,
    decision: kills ? "kill" : verdict,
    ...kills && refused && { refused: REFUSED },
    ...decision.verdict === "skip" && { reason: decision.reason },
  };
}
