import type { Rules } from "../config/mod.ts";
import type { Clock } from "../clock.ts";
import { PROGRAM_NAME, type Server } from "../database/mod.ts";
import {
  decide,
  type Decision,
  type Gate,
  gates,
  type Memory,
  recognize,
  rememberGates,
} from "../policy/mod.ts";
import { readHealth, readSessions } from "../snapshot/mod.ts";

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
  const { health, report } = await readHealth(watching, capabilities, needs);
  const now = clock.now();
  const known = recognize(memory, report, { now, grace: rules.grace });
  const gatesNow = gates(health, rules, known, now);
  const blind = capabilities.gaps.some(({ need }) => need === "sessions");
  if (blind || !gatesNow.some(({ ready }) => ready)) {
    return { gates: gatesNow, decisions: [], memory: rememberGates(known, gatesNow) };
  }
  const at = clock.now();
  const sessions = await readSessions(watching, capabilities, { uptime: report.uptime });
  const snapshot = {
    at,
    health,
    sessions,
    server: report.identity,
    own: { user: capabilities.user, program: PROGRAM_NAME },
  };
  return { gates: gatesNow, ...decide(snapshot, gatesNow, rules, known, now) };
}

/** The names that the policies in force refer to. */
export function needsOf({ policies, protect }: Rules): ReadonlySet<string> {
  const expressions = [...policies.flatMap(({ when, where }) => [when, where]), ...protect];
  return new Set(expressions.flatMap((expression) => expression?.needs ?? []));
}
