import type { Clock } from "../clock.ts";
import {
  actionOf,
  everyNeed,
  forget,
  type Memory,
  needsOf,
  NO_MEMORY,
  type Policy,
  type Rules,
  type Session,
} from "../policy/mod.ts";
import {
  clauseOf,
  type Expression,
  type IsHidden,
  type Readings,
  truthName,
  withRecordedTruths,
} from "../language/mod.ts";
import { type Look, look } from "../look/mod.ts";
import type { LookSource } from "../target/mod.ts";
import {
  clauseKey,
  isHidden,
  questionOf,
  type RecordedDatabase,
  type RecordedLook,
  type RecordedSession,
  type RecordingHeader,
} from "./recording.ts";

/** A policy that cannot be replayed. */
export interface UnreplayablePolicy {
  readonly policy: string;
  /** Names and clauses that it depends on and the recording lacks. */
  readonly missing: readonly string[];
}

/** The policies of one database, run over its recording. */
export interface Replay {
  /**
   * Policies that are left out, some of them only from a certain look on, since it is unknown what they would have
   * decided.
   */
  readonly notRecorded: readonly UnreplayablePolicy[];
  /** The rules without them. */
  readonly rules: Rules;
  /** What a dry run would have made of the next look. Decisions are about sessions of `snapshot`. */
  look(recorded: RecordedLook): Promise<Look>;
}

/**
 * Begins a replay. It is a dry run: the recording cannot show what a kill would have changed, so a session that
 * would be killed counts as gone.
 */
export function newReplay(
  rules: Rules,
  kept: RecordedDatabase,
  header: Pick<RecordingHeader, "hashed">,
): Replay {
  const asked = withTruths(
    { ...rules, mode: "dry-run" },
    (name) => isHidden(name, { ...header, vocabulary: rules.domain.vocabulary }),
  );
  const notRecorded = [...missingNames(asked, kept, header)];
  let replayed = without(asked, notRecorded);
  const clauses = replayed.policies.flatMap((policy) => namesOf(policy, replayed))
    .flatMap((name) => clauseOf(name) ?? []);
  const places = new Map(clauses.map((text) => [text, kept.clauses.indexOf(clauseKey(text, header))]));
  let memory: Memory = NO_MEMORY;
  let connected: number | undefined;
  const lookAt = (recorded: RecordedLook) => {
    const options = { rules: replayed, needs: everyNeed(replayed), hold: undefined, everything: true };
    return look(sourceOf(recorded, places), options, memory, clockOf(recorded));
  };
  return {
    notRecorded,
    get rules() {
      return replayed;
    },
    async look(recorded) {
      if (connected !== undefined && connected !== recorded.connected) {
        memory = forget(memory, { now: recorded.connected, grace: rules.grace });
      }
      connected = recorded.connected;
      let found = await lookAt(recorded);
      const missing = missingSessions(found, recorded, replayed);
      if (missing.length > 0) {
        notRecorded.push(...missing);
        replayed = without(replayed, missing);
        found = await lookAt(recorded);
      }
      memory = found.memory;
      return found;
    },
  };
}

function without(rules: Rules, left: readonly UnreplayablePolicy[]): Rules {
  const policies = rules.policies.filter(({ name }) => !left.some(({ policy }) => policy === name));
  return { ...rules, policies };
}

/** The policies that ask for names and clauses that are not in the recording. */
function missingNames(
  rules: Rules,
  { names, clauses }: RecordedDatabase,
  header: Pick<RecordingHeader, "hashed">,
): readonly UnreplayablePolicy[] {
  const isKept = (name: string) => {
    const clause = clauseOf(name);
    return clause === undefined ? names.includes(name) : clauses.includes(clauseKey(clause, header));
  };
  return rules.policies.flatMap((policy) => {
    const missing = namesOf(policy, rules).filter((name) => !isKept(name));
    if (missing.length === 0) return [];
    return [{ policy: policy.name, missing: missing.map((name) => clauseOf(name) ?? name) }];
  });
}

/** The policies that would act now, and ask for sessions that were not read at this look. */
function missingSessions(
  { gates }: Look,
  { at, asked, deferred }: RecordedLook,
  { policies, limits }: Rules,
): readonly UnreplayablePolicy[] {
  if (asked === undefined || deferred) return [];
  return policies
    .filter((policy, index) => gates[index]!.ready && !asked.includes(questionOf(policy, limits)))
    .map(({ name }) => ({ policy: name, missing: [`the sessions that it asks for, at ${at}`] }));
}

function withTruths(rules: Rules, hidden: IsHidden): Rules {
  const rewritten = (expression: Expression) => withRecordedTruths(expression, hidden);
  return {
    ...rules,
    policies: rules.policies.map((policy) => ({ ...policy, where: rewritten(policy.where) })),
    protect: rules.protect.map(rewritten),
  };
}

/** Everything a policy depends on, including what it implies and what `protect` needs. */
function namesOf(policy: Policy, rules: Rules): readonly string[] {
  const protect = actionOf(rules.domain.actions, policy.then).acts_on === null ? [] : rules.protect;
  const { health, causes } = needsOf({ ...rules, policies: [policy], protect });
  return [...new Set([...health, ...causes])];
}

function sourceOf(
  { report, health, methods, own, counts, sessions, deferred }: RecordedLook,
  places: ReadonlyMap<string, number>,
): LookSource {
  const there = (sessions ?? []).map((session) => sessionOf(session, places));
  return {
    own: own ?? { user: "", program: "" },
    blind: sessions === undefined || deferred === true,
    health: () => Promise.resolve({ health, report, ...methods && { methods } }),
    sessions: () => Promise.resolve(there),
    alike: (sessions) => sessions,
    counts: () => Promise.resolve(counts ?? { running: 0, connections: 0 }),
    details: () => Promise.resolve({ sessions: there, sessionless: [] }),
    guards: () => Promise.resolve(there),
  };
}

function sessionOf(
  { values, truths }: RecordedSession,
  places: ReadonlyMap<string, number>,
): Session {
  const recorded = [...places].map(([text, at]) => [truthName(text), truths[at] ?? AS_RECORDED]);
  const session: Readings = {
    ...values,
    sql: values["running"] === true ? { unknown: "not recorded" } : "",
    ...Object.fromEntries(recorded),
  };
  // Its shape was checked when it was read.
  return session as Session;
}

const AS_RECORDED = { unknown: "as it was when it was recorded" };

/** The recorded time, which stands still during a look. */
function clockOf({ now, at }: RecordedLook): Clock {
  return { now: () => now, wall: () => Date.parse(at), sleep: () => Promise.resolve() };
}
