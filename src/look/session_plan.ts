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

export interface SessionPlan {
  /** The policies to read sessions for. */
  readonly policies: readonly Policy[];
  /**
   * If more than 0, only sessions by their age are read, and the reading is good for this long, in milliseconds. 0:
   * sessions are filtered by everything the server can evaluate.
   */
  readonly far: number;
}

export interface PlanOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** How far to look ahead, in milliseconds. */
  readonly window?: number;
  /** The forecast of an earlier look. */
  readonly forecast?: Forecast | undefined;
}

/** Which sessions to read for the policies at a moment of the clock's `now`; undefined if none are needed. */
export function planFor(
  policies: readonly Policy[],
  { rules, needs, window = 0, forecast }: PlanOptions,
  memory: Memory,
  now: number,
): SessionPlan | undefined {
  if (policies.length === 0 || (isQuiet(forecast, policies, now) && remembersNothing(memory))) {
    return undefined;
  }
  // Sessions can be compared with each other only if all are read. If some session was old enough at the last
  // forecast, there is no point in making another one so soon.
  const isNear = window === 0 || needs.alike || (forecast?.nobody === false && now < forecast.until);
  const far = isNear ? 0 : farthest(policies, rules);
  return { policies, far: far > window ? far : 0 };
}

/** The filter for the sessions of a plan. */
export function filterFor(
  { policies, far }: SessionPlan,
  { rules, needs, memory, health, uptime = 0, window = 0 }: PlanOptions & {
    readonly memory: Memory;
    readonly health: Health;
    /** The server's uptime in milliseconds: no age can exceed it. */
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
