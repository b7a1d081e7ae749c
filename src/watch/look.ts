import type { Rules } from "../config/mod.ts";
import type { Clock } from "../clock.ts";
import type { Server } from "../database/mod.ts";
import { decide, type Decision, type Gate, gates, type Memory, rememberGates } from "../policy/mod.ts";
import { type Health, readHealth, readSessions } from "../snapshot/mod.ts";

/** What one reading of one database came to. */
export interface Look {
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
}

/**
 * Reads a database's health, and its sessions if a policy's gate is ready, and decides.
 * @throws {DatabaseError}
 */
export async function look(
  { watching, capabilities }: Server,
  { rules, needs }: { readonly rules: Rules; readonly needs: ReadonlySet<string> },
  memory: Memory,
  clock: Clock,
): Promise<Look> {
  const health = await readHealth(watching, capabilities, needs);
  const now = clock.now();
  const gatesNow = gates(health, rules, memory, now);
  const blind = capabilities.gaps.some(({ need }) => need === "sessions");
  if (blind || !gatesNow.some(({ ready }) => ready)) {
    return { gates: gatesNow, decisions: [], memory: rememberGates(memory, gatesNow) };
  }
  const at = clock.now();
  const sessions = await readSessions(watching, capabilities, { uptime: uptimeOf(health) });
  const snapshot = { at, health, sessions, own_user: capabilities.user };
  return { gates: gatesNow, ...decide(snapshot, gatesNow, rules, memory, now) };
}

/** A server that does not say how long it is up has no session old enough to be selected by its age. */
function uptimeOf({ uptime }: Health): number {
  return typeof uptime === "number" ? uptime : 0;
}

/** The names that the policies in force refer to. */
export function needsOf({ policies, protect }: Rules): ReadonlySet<string> {
  const expressions = [...policies.flatMap(({ when, where }) => [when, where]), ...protect];
  return new Set(expressions.flatMap((expression) => expression?.needs ?? []));
}
