import type { Clock } from "../clock.ts";
import type { Policy, Rules } from "../config/mod.ts";
import {
  clauseOf,
  type Expression,
  type IsHidden,
  type Readings,
  truthName,
  withRecordedTruths,
} from "../language/mod.ts";
import { forget, type Memory, NO_MEMORY } from "../policy/mod.ts";
import type { Session } from "../snapshot/mod.ts";
import { type Look, look, type LookSource } from "./look.ts";
import { everyNeed, needsOf } from "./needs.ts";
import {
  clauseKey,
  isHidden,
  type RecordedDatabase,
  type RecordedLook,
  type RecordedSession,
  type RecordingHeader,
} from "./recording.ts";

/** A policy that cannot be replayed. */
export interface NotRecorded {
  readonly policy: string;
  /** Names and clauses that it depends on, and that the recording does not have. */
  readonly missing: readonly string[];
}

/** The policies of one database, run over what was recorded of it. */
export interface Replay {
  /** Policies that are left out: nobody knows what they would have decided. */
  readonly notRecorded: readonly NotRecorded[];
  /** The rules without them. */
  readonly rules: Rules;
  /** What a dry run would have made of the next look. Decisions are about sessions of `snapshot`. */
  look(recorded: RecordedLook): Promise<Look>;
}

/**
 * Begins a replay. It is a dry run: the recording knows nothing of what would have changed after a kill, so what
 * would be killed counts as gone.
 */
export function newReplay(
  rules: Rules,
  kept: RecordedDatabase,
  header: Pick<RecordingHeader, "hashed">,
): Replay {
  const asked = withTruths({ ...rules, mode: "dry-run" }, (name) => isHidden(name, header));
  const isKept = (name: string) => {
    const clause = clauseOf(name);
    return clause === undefined
      ? kept.names.includes(name)
      : kept.clauses.includes(clauseKey(clause, header));
  };
  const notRecorded = asked.policies.flatMap((policy): readonly NotRecorded[] => {
    const missing = namesOf(policy, asked).filter((name) => !isKept(name));
    return missing.length === 0
      ? []
      : [{ policy: policy.name, missing: missing.map((name) => clauseOf(name) ?? name) }];
  });
  const left = asked.policies.filter(({ name }) => !notRecorded.some(({ policy }) => policy === name));
  const replayed = { ...asked, policies: left };
  const clauses = left.flatMap((policy) => namesOf(policy, replayed)).flatMap((name) => clauseOf(name) ?? []);
  const places = new Map(clauses.map((text) => [text, kept.clauses.indexOf(clauseKey(text, header))]));
  const options = { rules: replayed, needs: everyNeed(replayed), hold: undefined, everything: true };
  let memory: Memory = NO_MEMORY;
  let connected: number | undefined;
  return {
    notRecorded,
    rules: replayed,
    async look(recorded) {
      if (connected !== undefined && connected !== recorded.connected) {
        memory = forget(memory, { now: recorded.connected, grace: rules.grace });
      }
      connected = recorded.connected;
      const found = await look(sourceOf(recorded, places), options, memory, clockOf(recorded));
      memory = found.memory;
      return found;
    },
  };
}

function withTruths(rules: Rules, hidden: IsHidden): Rules {
  const rewritten = (expression: Expression) => withRecordedTruths(expression, hidden);
  return {
    ...rules,
    policies: rules.policies.map((policy) => ({ ...policy, where: rewritten(policy.where) })),
    protect: rules.protect.map(rewritten),
  };
}

/** All that a policy depends on, what it implies and who is protected included. */
function namesOf(policy: Policy, rules: Rules): readonly string[] {
  const protect = policy.then === "log" ? [] : rules.protect;
  const { health, causes } = needsOf({ ...rules, policies: [policy], protect });
  return [...new Set([...health, ...causes])];
}

function sourceOf(
  { report, health, methods, own, counts, sessions }: RecordedLook,
  places: ReadonlyMap<string, number>,
): LookSource {
  const there = (sessions ?? []).map((session) => sessionOf(session, places));
  return {
    own: own ?? { user: "", program: "" },
    blind: sessions === undefined,
    health: () => Promise.resolve({ health, report, ...methods && { methods } }),
    sessions: () => Promise.resolve(there),
    counts: () => Promise.resolve(counts ?? { running: 0, connections: 0 }),
    details: () => Promise.resolve({ sessions: there, sessionless: [] }),
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
