import type { Policy, Rules } from "../config/mod.ts";
import type { Clock } from "../clock.ts";
import { type Lease, PROGRAM_NAME, type Server } from "../database/mod.ts";
import {
  decide,
  type Decision,
  type Gate,
  gates,
  type Hold,
  type Memory,
  recognize,
  rememberGates,
} from "../policy/mod.ts";
import type { Readings } from "../language/mod.ts";
import { type Health, readHealth, readSessionCounts, readSessions, type Wanted } from "../snapshot/mod.ts";
import { withHold } from "./hold.ts";

/** What one reading of one database came to. */
export interface Look {
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
  /** Absent where it was not asked for. */
  readonly lease?: Lease;
}

/** What a look is made for. */
export interface LookOptions {
  readonly rules: Rules;
  readonly needs: ReadonlySet<string>;
  /** Whether only the holder of the lease kills. */
  readonly lease: boolean;
  /** Why nothing is killed at this look, by what was seen beside the database. */
  readonly hold: Hold | undefined;
}

/**
 * Reads a database's health, and its sessions if a policy's gate is ready, and decides.
 * @throws {DatabaseError}
 */
export async function look(
  { watching, capabilities }: Server,
  { rules, needs, lease: wanted, hold }: LookOptions,
  memory: Memory,
  clock: Clock,
): Promise<Look> {
  const { health, report, lease } = await readHealth(watching, capabilities, { needs, lease: wanted });
  const now = clock.now();
  const recognized = recognize(memory, report, { now, grace: rules.grace });
  const known = withHold(recognized, hold ?? holdWithout(lease));
  const gatesNow = gates(health, rules, known, now);
  const seen = { gates: gatesNow, ...lease && { lease } };
  const blind = capabilities.gaps.some(({ need }) => need === "sessions");
  if (blind || !gatesNow.some(({ ready }) => ready)) {
    return { ...seen, decisions: [], memory: rememberGates(known, gatesNow) };
  }
  const at = clock.now();
  const ready = rules.policies.filter((_, index) => gatesNow[index]!.ready);
  const sessions = await readSessions(watching, capabilities, {
    uptime: report.uptime,
    ids: Object.values(known.settled).map(({ id }) => id),
    wanted: ready.map((policy) => wantedBy(policy, rules, health)),
  });
  const mayKill = sessions.length > 0 && ready.some(({ then }) => then !== "log");
  const counts = mayKill ? await readSessionCounts(watching, capabilities) : undefined;
  const own = { user: capabilities.user, program: PROGRAM_NAME };
  const snapshot = { at, health, sessions, server: report.identity, own, ...counts && { counts } };
  return { ...seen, ...decide(snapshot, gatesNow, rules, known, now) };
}

/** The sessions that a policy may select. */
function wantedBy({ where, then }: Policy, { limits }: Rules, health: Health): Wanted {
  return {
    tree: where.tree,
    running: then === "kill query",
    constants: (name) =>
      name.startsWith("limits.") ? limits[name.slice("limits.".length)] : (health as Readings)[name],
  };
}

function holdWithout(lease: Lease | undefined): Hold | undefined {
  return lease === undefined || lease.state === "held" ? undefined : { reason: "lease" };
}

/** The names that the policies in force refer to. */
export function needsOf({ policies, protect }: Rules): ReadonlySet<string> {
  const expressions = [...policies.flatMap(({ when, where }) => [when, where]), ...protect];
  return new Set(expressions.flatMap((expression) => expression?.needs ?? []));
}
