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

/** What one look at one database came to, in full: one line of `--format json`. */
export interface LookExplanation {
  /** When, in ISO format. */
  readonly at: string;
  readonly database: string;
  readonly flavor: string;
  readonly version: string;
  readonly mode: string;
  /** Why nothing is killed from this host, by the pause file; absent where there is none. */
  readonly paused?: string;
  readonly policies: readonly GateReport[];
  /** What would show which accounts a kill does not reach; absent where that is known, or nobody is selected. */
  readonly shield_unknown?: string;
  /** Why sessions cannot be judged; absent where they can. */
  readonly blind?: string;
  readonly sessions: readonly SessionExplanation[];
}

/** The gate of one policy. */
export interface GateReport {
  readonly policy: string;
  readonly mode: string;
  readonly action: string;
  readonly state: Gate["state"];
  /** It acts: the gate is open for as long as its `for` wants. */
  readonly ready: boolean;
  readonly for_ms?: number;
  readonly because: readonly Clause[];
}

/** What all policies say of one session. */
export interface SessionExplanation {
  readonly session: ReturnType<typeof sessionReport>;
  readonly statement?: ReturnType<typeof redactStatement>;
  /** Why no policy is asked about it. */
  readonly never?: string;
  readonly verdicts: readonly VerdictReport[];
}

/** What one policy says of one session. */
export interface VerdictReport {
  readonly policy: string;
  /** Whether its `where` holds; null where that is unknown. */
  readonly selects: boolean | null;
  readonly because: readonly Clause[];
  /** `kill` stands for both `act` and `would-kill`. */
  readonly decision?: "kill" | "match" | "skip";
  /** Why it is skipped. */
  readonly reason?: string;
  /** Why the server would refuse the kill. */
  readonly refused?: string;
}

/** Puts together what was found; statements come without their literals. */
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
