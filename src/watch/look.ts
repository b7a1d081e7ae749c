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
  type Moment,
  narrow,
  recognize,
  rememberGates,
} from "../policy/mod.ts";
import {
  type CauseOptions,
  type CausesFound,
  type Health,
  type HealthReport,
  needsCauses,
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
import { nextMoment } from "./next_moment.ts";

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
  /** What it was decided by. */
  readonly moment: Moment;
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
  readonly report: HealthReport;
  /** Absent where no gate was ready, or the sessions cannot be seen. */
  readonly snapshot?: Snapshot;
  /** Transactions that may be the cause, and that no kill reaches. */
  readonly sessionless: readonly SessionlessTransaction[];
  /** When, by the clock's `now`, time alone will have changed what can be decided; absent where it is not known to. */
  readonly next?: number;
  /** When, by the clock's `now`, transactions and locks were read; absent where they were not. */
  readonly causesAt?: number;
}

/** What a look is made for. */
export interface LookOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** Why nothing is killed at this look, by what was seen beside the database. */
  readonly hold: Hold | undefined;
  /** Reads all of every session, also where no policy asks: to explain, and to record. */
  readonly everything?: boolean;
  /** How far to look ahead for what time alone will change, in milliseconds; omitted = not at all. */
  readonly window?: number;
  /** From when on, by the clock's `now`, transactions and locks may be read again; omitted = now. */
  readonly causesFrom?: number;
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
  const { rules, hold, everything = false, window = 0 } = options;
  const report = await source.health();
  const moment = { now: clock.now(), wall: clock.wall() };
  const { now } = moment;
  const recognized = recognize(memory, report.report, { now, grace: rules.grace });
  const known = withHold(recognized, hold ?? holdWithout(report.lease));
  const gatesNow = gates(report, rules, known, moment);
  if (source.blind || !(everything || gatesNow.some(({ ready }) => ready))) {
    const memory = rememberGates(known, gatesNow);
    const next = nextMoment({ gates: gatesNow, rules, memory, now, window });
    return {
      moment,
      gates: gatesNow,
      decisions: [],
      memory,
      report,
      sessionless: [],
      ...next !== undefined && { next },
    };
  }
  const reader = { source, options, clock, memory: known };
  const { left, ...read } =
    await (everything ? readEverything(report, reader) : readSnapshot(report, gatesNow, reader));
  const { snapshot } = read;
  // Nothing is decided over sessions of which not all that it takes may be read yet.
  const decided = left === "later"
    ? { decisions: [], memory: rememberGates(known, gatesNow) }
    : decide(snapshot, gatesNow, rules, known, now);
  const crossing = nextMoment({ snapshot, gates: gatesNow, rules, memory: decided.memory, now, window });
  const next = left === "later" ? Math.min(options.causesFrom ?? now, crossing ?? Infinity) : crossing;
  return { moment, gates: gatesNow, ...decided, report, ...read, ...next !== undefined && { next } };
}

interface Reader {
  readonly source: LookSource;
  readonly options: LookOptions;
  readonly memory: Memory;
  readonly clock: Clock;
}

/** `left`: what is to be read of some sessions was read, need not be, or is not to be read so soon again. */
type Read = Required<Pick<Look, "snapshot" | "sessionless">> & Pick<Look, "causesAt"> & {
  readonly left: "read" | "none" | "later";
};

async function readSnapshot(
  report: HealthReport,
  gates: readonly Gate[],
  { source, options: { rules, needs, window = 0, causesFrom = 0 }, memory, clock }: Reader,
): Promise<Read> {
  const { health, report: { uptime } } = report;
  const at = clock.now();
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  const found = await source.sessions({
    uptime,
    // Who is like whom can be told only where all are read.
    ...!needs.alike && {
      ids: Object.values(memory.settled).map(({ id }) => id),
      wanted: ready.map((policy) => wantedBy(policy, { rules, health, window })),
    },
  });
  const basic = snapshotOf(report, needs.alike ? withAlike(found) : found, { source, at });
  const left = narrow(basic, gates, rules, memory);
  if (left.length === 0) return { snapshot: basic, sessionless: [], left: "none" };
  const causes = needsCauses(needs.causes);
  if (causes && clock.now() < causesFrom) return { snapshot: basic, sessionless: [], left: "later" };
  const counts = ready.some(({ then }) => then !== "log") ? await source.counts() : undefined;
  const { sessions, sessionless } = await source.details(basic.sessions, {
    ids: new Set(left.map(({ id }) => id)),
    needs: needs.causes,
    tags: rules.tags,
    health,
  });
  return {
    snapshot: { ...basic, sessions, ...counts && { counts } },
    sessionless,
    left: "read",
    ...causes && { causesAt: at },
  };
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
  return { snapshot: { ...snapshotOf(report, sessions, { source, at }), counts }, sessionless, left: "read" };
}

function snapshotOf(
  { health, methods = {}, report: { identity } }: HealthReport,
  sessions: readonly Session[],
  { source: { own }, at }: { readonly source: LookSource; readonly at: number },
): Snapshot {
  return { at, health, methods, sessions, server: identity, own };
}

/** The sessions that a policy may select. */
function wantedBy(
  { where, then }: Policy,
  { rules: { limits }, health, window }: {
    readonly rules: Rules;
    readonly health: Health;
    readonly window: number;
  },
): Wanted {
  const values: Readings = health;
  return {
    tree: where.tree,
    running: then === "kill query",
    window,
    constants: (name) => name.startsWith("limits.") ? limits[name.slice("limits.".length)] : values[name],
  };
}

function holdWithout(lease: Lease | undefined): Hold | undefined {
  return lease === undefined || lease.state === "held" ? undefined : { reason: "lease" };
}
