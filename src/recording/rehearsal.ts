import type { DatabaseConfig } from "../config/mod.ts";
import type { Decision, Policy, SkipReason, Verdict } from "../policy/mod.ts";
import { sessionReport, type StatementReport } from "../events/mod.ts";
import { type Clause, clauseOf } from "../language/mod.ts";
import type { Look } from "../look/mod.ts";
import { newReplay, type Replay, type UnreplayablePolicy } from "./replay.ts";
import type { RecordedDatabase, RecordedLook, RecordingHeader } from "./recording.ts";

/** One decision of a replay: a line of `--format json`. */
export interface DecisionReport {
  readonly kind: "decision";
  /** When the look was, in ISO format. */
  readonly at: string;
  readonly database: string;
  readonly policy: string;
  /** As it is configured; whatever it is, the replay is a dry run. */
  readonly mode: string;
  readonly action: string;
  readonly verdict: Exclude<Verdict["verdict"], "act">;
  readonly reason?: SkipReason;
  /** The recorded truth of a hidden clause played a part. */
  readonly from_recorded_truth?: true;
  readonly because: readonly Clause[];
  readonly session: ReturnType<typeof sessionReport>;
  readonly statement?: StatementReport;
}

/** What one policy did in a replay. */
export interface PolicyReplayReport {
  readonly policy: string;
  readonly mode: string;
  readonly action: string;
  /** At how many looks its gate was open. */
  readonly open: number;
  readonly would_kill: number;
  readonly matched: number;
  readonly spared: number;
  /** The hidden clauses whose recorded truth was used. */
  readonly recorded_truths?: readonly string[];
}

/** The result of a replay of one database: a line of `--format json`. */
export interface DatabaseReplayReport {
  readonly kind: "summary";
  readonly database: string;
  readonly looks: number;
  /** At how many of them no sessions were read. */
  readonly without_sessions: number;
  /** When the first and the last of them were, in ISO format; absent without any. */
  readonly from?: string;
  readonly to?: string;
  readonly policies: readonly PolicyReplayReport[];
  readonly not_recorded: readonly UnreplayablePolicy[];
}

/** A look that was replayed. */
export interface ReplayedLook {
  readonly found: Look;
  readonly decisions: readonly DecisionReport[];
}

/** The policies of one database replayed over a recording, with the results so far. */
export interface Rehearsal {
  readonly replay: Replay;
  readonly decisions: readonly DecisionReport[];
  see(recorded: RecordedLook): Promise<ReplayedLook>;
  report(): DatabaseReplayReport;
}

/** Begins to rehearse a configuration on one database. */
export function newRehearsal(
  { name: database, rules }: DatabaseConfig,
  kept: RecordedDatabase,
  header: RecordingHeader,
): Rehearsal {
  const replay = newReplay(rules, kept, header);
  const decisions: DecisionReport[] = [];
  const open = new Map<string, number>();
  const times: string[] = [];
  let unseen = 0;
  const modeOf = (name: string) => rules.policies.find((policy) => policy.name === name)?.mode ?? rules.mode;
  return {
    replay,
    decisions,
    async see(recorded) {
      const found = await replay.look(recorded);
      times.push(recorded.at);
      if (found.snapshot === undefined) unseen++;
      for (const { policy, state } of found.gates) {
        if (state === "open") open.set(policy, (open.get(policy) ?? 0) + 1);
      }
      const made = found.decisions.map((decision) =>
        decisionReport(decision, recorded, modeOf(decision.policy))
      );
      decisions.push(...made);
      return { found, decisions: made };
    },
    report() {
      const [from, to] = [times[0], times.at(-1)];
      return {
        kind: "summary",
        database,
        looks: times.length,
        without_sessions: unseen,
        ...from !== undefined && to !== undefined && { from, to },
        policies: replay.rules.policies.map((policy) =>
          policyReport(policy, { decisions, mode: modeOf(policy.name), open: open.get(policy.name) ?? 0 })
        ),
        not_recorded: replay.notRecorded,
      };
    },
  };
}

function decisionReport(
  decision: Decision,
  { at, database, sessions }: RecordedLook,
  mode: string,
): DecisionReport {
  const { policy, action, verdict, because, session } = decision;
  if (verdict === "act") throw new TypeError("a replay acts on nothing");
  const statement = sessions?.find(({ values }) => values["id"] === session.id)?.statement;
  return {
    kind: "decision",
    at,
    database,
    policy,
    mode,
    action,
    verdict,
    ...decision.verdict === "skip" && { reason: decision.reason },
    ...because.some(({ by }) => by === "recorded truth") && { from_recorded_truth: true },
    because,
    session: sessionReport(session),
    ...statement !== undefined && { statement },
  };
}

function policyReport(
  { name, then, where }: Policy,
  { decisions, mode, open }: {
    readonly decisions: readonly DecisionReport[];
    readonly mode: string;
    readonly open: number;
  },
): PolicyReplayReport {
  const count = (verdict: DecisionReport["verdict"]) =>
    decisions.filter((decision) => decision.policy === name && decision.verdict === verdict).length;
  const truths = where.needs.flatMap((name) => clauseOf(name) ?? []);
  return {
    policy: name,
    mode,
    action: then,
    open,
    would_kill: count("would-kill"),
    matched: count("match"),
    spared: count("skip"),
    ...truths.length > 0 && { recorded_truths: truths },
  };
}
