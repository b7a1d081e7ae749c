import type { Clock } from "../clock.ts";
import type { Policy, Rules } from "../config/mod.ts";
import { type Lease, PROGRAM_NAME, type Server } from "../database/mod.ts";
import type { Readings } from "../language/mod.ts";
import {
  decide,
  type Decision,
  type Gate,
  gates,
  type Hold,
  type Memory,
  narrow,
  recognize,
  rememberGates,
} from "../policy/mod.ts";
import {
  type Health,
  type HealthReport,
  readCauses,
  readHealth,
  readSessionCounts,
  readSessions,
  type ReplicationInput,
  type SessionlessTransaction,
  type Snapshot,
  type Wanted,
  withAlike,
} from "../snapshot/mod.ts";
import { withHold } from "./hold.ts";
import type { Needs } from "./needs.ts";

/** What one reading of one database came to. */
export interface Look {
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
  readonly report: HealthReport;
  /** Transactions that may be the cause, and that no kill reaches. */
  readonly sessionless: readonly SessionlessTransaction[];
}

/** What a look is made for. */
export interface LookOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** Whether only the holder of the lease kills. */
  readonly lease: boolean;
  /** Why nothing is killed at this look, by what was seen beside the database. */
  readonly hold: Hold | undefined;
  /** Which of the server's own positions others want to know. */
  readonly position: { readonly file: boolean } | undefined;
  readonly replication: Omit<ReplicationInput, "now">;
  /** The user's own numbers. */
  readonly metrics: Health;
}

/**
 * Reads a database's health, its sessions if a policy's gate is ready, and what is dear to read of those that
 * are left then; and decides.
 * @throws {DatabaseError}
 */
export async function look(
  server: Server,
  options: LookOptions,
  memory: Memory,
  clock: Clock,
): Promise<Look> {
  const { watching, capabilities } = server;
  const { rules, needs, lease, hold, position } = options;
  const replication = { ...options.replication, now: clock.now() };
  const wanted = { needs: needs.health, lease, position, replication };
  const read = await readHealth(watching, capabilities, wanted);
  const report = { ...read, health: { ...read.health, ...options.metrics } };
  const now = clock.now();
  const recognized = recognize(memory, report.report, { now, grace: rules.grace });
  const known = withHold(recognized, hold ?? holdWithout(report.lease));
  const gatesNow = gates(report, rules, known, now);
  const blind = capabilities.gaps.some(({ need }) => need === "sessions");
  if (blind || !gatesNow.some(({ ready }) => ready)) {
    return {
      gates: gatesNow,
      decisions: [],
      memory: rememberGates(known, gatesNow),
      report,
      sessionless: [],
    };
  }
  const { snapshot, sessionless } = await readSnapshot(
    server,
    { options, report, gates: gatesNow },
    known,
    clock,
  );
  return { gates: gatesNow, ...decide(snapshot, gatesNow, rules, known, now), report, sessionless };
}

interface Reading {
  readonly options: LookOptions;
  readonly report: HealthReport;
  readonly gates: readonly Gate[];
}

async function readSnapshot(
  { watching, capabilities }: Server,
  { options: { rules, needs }, report, gates }: Reading,
  memory: Memory,
  clock: Clock,
): Promise<{ readonly snapshot: Snapshot; readonly sessionless: readonly SessionlessTransaction[] }> {
  const { health, methods = {}, report: { identity, uptime } } = report;
  const at = clock.now();
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  const found = await readSessions(watching, capabilities, {
    uptime,
    // Who is like whom can be told only where all are read.
    ...!needs.alike && {
      ids: Object.values(memory.settled).map(({ id }) => id),
      wanted: ready.map((policy) => wantedBy(policy, rules, health)),
    },
  });
  const basic: Snapshot = {
    at,
    health,
    methods,
    sessions: needs.alike ? withAlike(found) : found,
    server: identity,
    own: { user: capabilities.user, program: PROGRAM_NAME },
  };
  const left = narrow(basic, gates, rules, memory);
  if (left.length === 0) return { snapshot: basic, sessionless: [] };
  const kills = ready.some(({ then }) => then !== "log");
  const counts = kills ? await readSessionCounts(watching, capabilities) : undefined;
  const { sessions, sessionless } = await readCauses(watching, capabilities, basic.sessions, {
    ids: new Set(left.map(({ id }) => id)),
    needs: needs.causes,
    health,
  });
  return { snapshot: { ...basic, sessions, ...counts && { counts } }, sessionless };
}

/** The sessions that a policy may select. */
function wantedBy({ where, then }: Policy, { limits }: Rules, health: Health): Wanted {
  const values: Readings = health;
  return {
    tree: where.tree,
    running: then === "kill query",
    constants: (name) => name.startsWith("limits.") ? limits[name.slice("limits.".length)] : values[name],
  };
}

function holdWithout(lease: Lease | undefined): Hold | undefined {
  return lease === undefined || lease.state === "held" ? undefined : { reason: "lease" };
}
