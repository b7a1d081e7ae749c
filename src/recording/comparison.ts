import type { DatabaseConfig } from "../config/mod.ts";
import { type Clause, explain } from "../language/mod.ts";
import type { RecordedDatabase, RecordedLook, RecordingHeader } from "./recording.ts";
import {
  type DatabaseReplayReport,
  type DecisionReport,
  newRehearsal,
  type Rehearsal,
  type ReplayedLook,
} from "./rehearsal.ts";

export type SideName = "old" | "new";

/** Why one configuration does not kill a session that the other one kills. */
export interface WhyNot {
  readonly why: string;
  readonly because: readonly Clause[];
}

/** A session that the two configurations treat differently: a line of `--format json`. */
export interface Difference {
  readonly kind: "difference";
  readonly database: string;
  /** Which of them would kill it; `both`: by different policies or with different actions. */
  readonly killed_by: SideName | "both";
  readonly old?: DecisionReport;
  readonly new?: DecisionReport;
  /** The other one's reason; absent if both would kill it. */
  readonly not_killed?: WhyNot;
}

/** How two configurations compare on one database: a line of `--format json`. */
export interface ComparisonReport {
  readonly kind: "comparison";
  readonly database: string;
  readonly only_old: number;
  readonly only_new: number;
  /** Killed by both, in whatever way. */
  readonly both: number;
  readonly old: DatabaseReplayReport;
  readonly new: DatabaseReplayReport;
}

/** Two rehearsals of one database in parallel. */
export interface Comparison {
  /** Whether no policy has been left out so far, on either side. */
  isComplete(): boolean;
  see(recorded: RecordedLook): Promise<void>;
  differences(): readonly Difference[];
  report(): ComparisonReport;
}

/** Begins to compare two configurations on one database. */
export function newComparison(
  configs: Readonly<Record<SideName, DatabaseConfig>>,
  kept: RecordedDatabase,
  header: RecordingHeader,
): Comparison {
  const older = sideOf(configs.old, kept, header);
  const newer = sideOf(configs.new, kept, header);
  return {
    isComplete: () => [older, newer].every(({ rehearsal }) => rehearsal.replay.notRecorded.length === 0),
    async see(recorded) {
      const [oldSeen, newSeen] = [await older.rehearsal.see(recorded), await newer.rehearsal.see(recorded)];
      noteKills({ side: older, seen: oldSeen }, { side: newer, seen: newSeen });
      noteKills({ side: newer, seen: newSeen }, { side: older, seen: oldSeen });
    },
    differences: () => [
      ...onlyBy("old", older, newer),
      ...onlyBy("new", newer, older),
      ...otherwise(older, newer),
    ],
    report() {
      const reports = { old: older.rehearsal.report(), new: newer.rehearsal.report() };
      const [onlyOld, onlyNew] = [onlyBy("old", older, newer).length, onlyBy("new", newer, older).length];
      return {
        kind: "comparison",
        database: configs.new.name,
        only_old: onlyOld,
        only_new: onlyNew,
        both: older.kills.size - onlyOld,
        ...reports,
      };
    },
  };
}

interface Side {
  readonly rehearsal: Rehearsal;
  /** The first kill of each execution. */
  readonly kills: Map<string, DecisionReport>;
  /** Why executions that the other side killed were not killed at that look. */
  readonly spared: Map<string, WhyNot>;
  /** Policies that are in dry run, whatever the mode of the database. */
  readonly shadows: ReadonlySet<string>;
}

function sideOf(database: DatabaseConfig, kept: RecordedDatabase, header: RecordingHeader): Side {
  const shadows = database.rules.policies.filter(({ mode }) => mode === "dry-run").map(({ name }) => name);
  return {
    rehearsal: newRehearsal(database, kept, header),
    kills: new Map(),
    spared: new Map(),
    shadows: new Set(shadows),
  };
}

/** One side at one look. */
interface SideLook {
  readonly side: Side;
  readonly seen: ReplayedLook;
}

/** Notes the kills of one side, and why the other side does not make them at this look. */
function noteKills(
  { side: { kills, shadows }, seen: { found, decisions } }: SideLook,
  other: SideLook,
): void {
  for (const [index, decision] of decisions.entries()) {
    const { execution, id } = found.decisions[index]!.session;
    const { verdict, policy } = decision;
    if (verdict !== "would-kill" || shadows.has(policy) || kills.has(execution)) continue;
    kills.set(execution, decision);
    other.side.spared.set(execution, whyNot(policy, id, other));
  }
}

/** The verdict of the policy with the same name on the session at the same look. */
function whyNot(policy: string, id: number, { side: { rehearsal }, seen: { found } }: SideLook): WhyNot {
  const { replay: { rules, notRecorded }, decisions } = rehearsal;
  if (notRecorded.some((left) => left.policy === policy)) return { why: "it was not replayed", because: [] };
  const index = rules.policies.findIndex(({ name }) => name === policy);
  const [gate, { snapshot }] = [found.gates[index], found];
  const session = snapshot?.sessions.find((session) => session.id === id);
  if (gate === undefined || snapshot === undefined || session === undefined) {
    return { why: `it has no policy ${policy}`, because: [] };
  }
  if (!gate.ready) {
    const why = gate.state === "open" ? "its gate is not open for long enough" : `its gate is ${gate.state}`;
    return { why, because: gate.because };
  }
  const { health: database, methods = {} } = snapshot;
  const subject = { limits: rules.limits, database, methods, session };
  const { truth, because } = explain(rules.policies[index]!.where, subject);
  if (truth !== true) return { why: "not selected", because };
  const last = decisions.findLast((decision) => decision.policy === policy && decision.session.id === id);
  return last?.verdict === "skip"
    ? { why: `spared, ${last.reason}`, because: last.because }
    : { why: "selected, but another policy decides", because: [] };
}

function onlyBy(name: SideName, side: Side, other: Side): readonly Difference[] {
  return [...side.kills].filter(([execution]) => !other.kills.has(execution)).map(([execution, kill]) => ({
    kind: "difference",
    database: kill.database,
    killed_by: name,
    [name]: kill,
    not_killed: other.spared.get(execution)!,
  }));
}

/** Killed by both, but by another policy or with another action. */
function otherwise(older: Side, newer: Side): readonly Difference[] {
  return [...newer.kills].flatMap(([execution, kill]): readonly Difference[] => {
    const old = older.kills.get(execution);
    if (old === undefined || (old.policy === kill.policy && old.action === kill.action)) return [];
    return [{ kind: "difference", database: kill.database, killed_by: "both", old, new: kill }];
  });
}
