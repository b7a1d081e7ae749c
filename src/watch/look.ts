import type { Clock } from "../clock.ts";
import type { Policy, Rules } from "../config/mod.ts";
import type { Lease } from "../database/mod.ts";
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
  type CauseOptions,
  type CausesFound,
  type Health,
  type HealthReport,
  type Session,
  type SessionCounts,
  type SessionFilter,
  type SessionlessTransaction,
  type Snapshot,
  type StatementOptions,
  type Wanted,
  withAlike,
} from "../snapshot/mod.ts";
import { withHold } from "./hold.ts";
import type { Needs } from "./needs.ts";

/** Where a look reads: a server, what was recorded of one, or what a test has written down. */
export interface LookSource {
  /** What this program's own sessions are known by there. */
  readonly own: Snapshot["own"];
  /** The sessions of others cannot be seen. */
  readonly blind: boolean;
  health(): Promise<HealthReport>;
  sessions(filter: SessionFilter): Promise<readonly Session[]>;
  counts(): Promise<SessionCounts>;
  /** Adds what is read of some of the sessions only. */
  details(
    sessions: readonly Session[],
    options: StatementOptions & CauseOptions,
  ): Promise<CausesFound>;
}

/** What one reading of one database came to. */
export interface Look {
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
  readonly report: HealthReport;
  /** Absent where no gate was ready, or the sessions cannot be seen. */
  readonly snapshot?: Snapshot;
  /** Transactions that may be the cause, and that no kill reaches. */
  readonly sessionless: readonly SessionlessTransaction[];
}

/** What a look is made for. */
export interface LookOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** Why nothing is killed at this look, by what was seen beside the database. */
  readonly hold: Hold | undefined;
  /** Reads all of every session, also where no policy asks: to explain, and to record. */
  readonly everything?: boolean;
}

/**
 * Reads a database's health, its sessions if a policy's gate is ready, and what is dear to read of those that
 * are left then; and decides.
 * @throws {DatabaseError}
 */
export async function look(
  source: LookSource,
  options: LookOptions,
  memory: Memory,
  clock: Clock,
): Promise<Look> {
  const { rules, hold, everything = false } = options;
  const report = await source.health();
  const now = clock.now();
  const recognized = recognize(memory, report.report, { now, grace: rules.grace });
  const known = withHold(recognized, hold ?? holdWithout(report.lease));
  const gatesNow = gates(report, rules, known, { now, wall: clock.wall() });
  if (source.blind || !(everything || gatesNow.some(({ ready }) => ready))) {
    const after = rememberGates(known, gatesNow);
    return { gates: gatesNow, decisions: [], memory: after, report, sessionless: [] };
  }
  const reader = { source, options, clock, memory: known };
  const read = await (everything ? readEverything(report, reader) : readSnapshot(report, gatesNow, reader));
  return { gates: gatesNow, ...decide(read.snapshot, gatesNow, rules, known, now), report, ...read };
}

interface Reader {
  readonly source: LookSource;
  readonly options: LookOptions;
  readonly memory: Memory;
  readonly clock: Clock;
}

type Read = Required<Pick<Look, "snapshot" | "sessionless">>;

async function readSnapshot(
  report: HealthReport,
  gates: readonly Gate[],
  { source, options: { rules, needs }, memory, clock }: Reader,
): Promise<Read> {
  const { health, report: { uptime } } = report;
  const at = clock.now();
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  const found = await source.sessions({
    uptime,
    // Who is like whom can be told only where all are read.
    ...!needs.alike && {
      ids: Object.values(memory.settled).map(({ id }) => id),
      wanted: ready.map((policy) => wantedBy(policy, rules, health)),
    },
  });
  const basic = snapshotOf(report, needs.alike ? withAlike(found) : found, { source, at });
  const left = narrow(basic, gates, rules, memory);
  if (left.length === 0) return { snapshot: basic, sessionless: [] };
  const counts = ready.some(({ then }) => then !== "log") ? await source.counts() : undefined;
  const { sessions, sessionless } = await source.details(basic.sessions, {
    ids: new Set(left.map(({ id }) => id)),
    needs: needs.causes,
    tags: rules.tags,
    health,
  });
  return { snapshot: { ...basic, sessions, ...counts && { counts } }, sessionless };
}

async function readEverything(
  report: HealthReport,
  { source, options: { rules, needs }, clock }: Reader,
): Promise<Read> {
  const { health, report: { uptime } } = report;
  const at = clock.now();
  const found = withAlike(await source.sessions({ uptime }));
  const { sessions, sessionless } = await source.details(found, {
    ids: new Set(found.map(({ id }) => id)),
    needs: needs.causes,
    tags: rules.tags,
    health,
  });
  const counts = await source.counts();
  return { snapshot: { ...snapshotOf(report, sessions, { source, at }), counts }, sessionless };
}

function snapshotOf(
  { health, methods = {}, report: { identity } }: HealthReport,
  sessions: readonly Session[],
  { source: { own }, at }: { readonly source: LookSource; readonly at: number },
): Snapshot {
  return { at, health, methods, sessions, server: identity, own };
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
