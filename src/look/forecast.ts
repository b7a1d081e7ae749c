import { actionOf, type Policy, type Rules, type Session } from "../policy/mod.ts";
import {
  canSelectIdle,
  canSelectRunning,
  type Expression,
  NOT_READ_YET,
  type Readings,
  shortestLimit,
  type Subject,
} from "../language/mod.ts";

/**
 * What a reading of old sessions shows about the near future. A session that will be old enough by `until` would
 * already have shown up in it, so there is no need to read sessions again before that. This way a server without
 * long-running statements is rarely asked for its sessions.
 */
export interface Forecast {
  /** The policies that the sessions were read for. */
  readonly policies: readonly Policy[];
  /** By the clock's `now`. */
  readonly until: number;
  /** No session will be old enough before `until`. If this is false, sessions are read at every look until then. */
  readonly nobody: boolean;
}

/** Makes the forecast of a reading of old sessions that was made at the moment `at`. */
export function forecastFrom(
  sessions: readonly Session[],
  { policies, far, at }: { readonly policies: readonly Policy[]; readonly far: number; readonly at: number },
): Forecast {
  return { policies, until: at + far, nobody: sessions.length === 0 };
}

/**
 * How far ahead one reading of sessions can rule out all victims of these policies, in milliseconds: half of the
 * shortest age that they ask for. 0 if anything but its age can make a policy select a session.
 */
export function farthest(policies: readonly Policy[], rules: Rules): number {
  const known = FARTHEST.get(rules) ?? new Map<Policy, number>();
  FARTHEST.set(rules, known);
  return Math.min(...policies.map((policy) => {
    const far = known.get(policy) ?? farthestOf(policy, rules);
    known.set(policy, far);
    return far;
  }));
}

/** Cached, since it depends only on the configuration. */
const FARTHEST = new WeakMap<Rules, Map<Policy, number>>();

function farthestOf(
  { where, then }: Policy,
  { limits, domain: { actions } }: Pick<Rules, "limits" | "domain">,
): number {
  if (asksOfDatabase(where)) return 0;
  const database = { limits, database: {} };
  const far = (shortestLimit(where, database) ?? 0) / 2;
  const endsStatement = actionOf(actions, then).acts_on === "statement";
  const begun = begunWithin(far, where, { endsStatement });
  return far > 0 && begun.every((ages) => isNever(sessionWith(where.needs, ages))) ? far : 0;

  function isNever(session: Readings): boolean {
    const subject: Subject = { ...database, session };
    return where.evaluate(subject) === false;
  }
}

/** The values of sessions that begin to run, or to be idle, just now: at age 0 and at age `far`. */
function begunWithin(
  far: number,
  where: Expression,
  { endsStatement }: { readonly endsStatement: boolean },
): readonly Readings[] {
  const running = { running: true, idle: false, idle_time: NONE };
  const idle = { running: false, idle: true, time: NONE };
  return [0, far].flatMap((age) => [
    ...canSelectRunning(where) ? [{ ...running, time: age }] : [],
    ...!endsStatement && canSelectIdle(where) ? [{ ...idle, idle_time: age }] : [],
  ]);
}

const NONE = { unknown: "it is not in that state" };

function sessionWith(names: readonly string[], ages: Readings): Readings {
  return { ...Object.fromEntries(names.map((name) => [name, NOT_READ_YET])), ...ages };
}

/** Whether an expression asks for a value of the database. */
export function asksOfDatabase({ rows }: Pick<Expression, "rows">): boolean {
  return [...rows.values()].some(({ scope }) => scope === "database");
}

/** Whether sessions need not be read now for these policies. */
export function isQuiet(forecast: Forecast | undefined, policies: readonly Policy[], now: number): boolean {
  return forecast !== undefined && forecast.nobody && now < forecast.until &&
    policies.every((policy) => forecast.policies.includes(policy));
}
