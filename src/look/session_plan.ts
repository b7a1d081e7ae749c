import {
  actionOf,
  type Health,
  type Memory,
  type Needs,
  type Policy,
  remembersNothing,
  type Rules,
} from "../policy/mod.ts";
import type { Readings } from "../language/mod.ts";
import type { SessionFilter, SessionSelector } from "../target/mod.ts";
import { farthest, type Forecast, isQuiet } from "./forecast.ts";

/** Which sessions are read. */
export interface SessionPlan {
  /** For whom. */
  readonly policies: readonly Policy[];
  /** By their age, for so far ahead, in milliseconds; 0: by all that the server can tell. */
  readonly far: number;
}

/** What a plan is made for. */
export interface PlanOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** How far to look ahead, in milliseconds. */
  readonly window?: number;
  /** What an earlier look has seen ahead. */
  readonly forecast?: Forecast | undefined;
}

/** Which sessions to read for policies at a moment of the clock's `now`: undefined where none need be. */
export function planFor(
  policies: readonly Policy[],
  { rules, needs, window = 0, forecast }: PlanOptions,
  memory: Memory,
  now: number,
): SessionPlan | undefined {
  if (policies.length === 0 || (isQuiet(forecast, policies, now) && remembersNothing(memory))) {
    return undefined;
  }
  // Who is like whom can be told only where all are read. Where somebody was old enough, that is not asked again so soon.
  const isNear = window === 0 || needs.alike || (forecast?.nobody === false && now < forecast.until);
  const far = isNear ? 0 : farthest(policies, rules);
  return { policies, far: far > window ? far : 0 };
}

/** The sessions that are read by a plan. */
export function filterFor(
  { policies, far }: SessionPlan,
  { rules, needs, memory, health, uptime = 0, window = 0 }: PlanOptions & {
    readonly memory: Memory;
    readonly health: Health;
    /** What nothing can be older than, in milliseconds. */
    readonly uptime?: number | undefined;
  },
): SessionFilter {
  if (needs.alike) return { uptime };
  const ahead = far > 0 ? { window: far, far: true } : { window };
  return {
    uptime,
    ids: Object.values(memory.settled).map(({ id }) => id),
    wanted: policies.map((policy) => ({ ...wantedBy(policy, { rules, health }), ...ahead })),
  };
}

/** The sessions that a policy may select. */
function wantedBy(
  { where, then }: Policy,
  { rules: { limits, domain }, health }: { readonly rules: Rules; readonly health: Health },
): SessionSelector {
  const values: Readings = health;
  return {
    tree: where.tree,
    running: actionOf(domain.actions, then).acts_on === "statement",
    constants: (name) => name.startsWith("limits.") ? limits[name.slice("limits.".length)] : values[name],
  };
}
