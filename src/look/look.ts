import type { Clock } from "../clock.ts";
import {
  actionOf,
  decide,
  type Decision,
  endangered,
  type Gate,
  gates,
  type Hold,
  type Memory,
  type Moment,
  narrow,
  type Needs,
  type Policy,
  recognize,
  rememberGates,
  type Rules,
  type Session,
  type Snapshot,
} from "../policy/mod.ts";
import type { HealthReport, Lease, LookSource, QueueHead, SessionlessTransaction } from "../target/mod.ts";

import { withHold } from "./hold.ts";
import { nextMoment } from "./next_moment.ts";
import { asksOfDatabase, type Forecast, forecastFrom } from "./forecast.ts";
import { filterFor, planFor, type SessionPlan } from "./session_plan.ts";

/** The result of one look at one database. */
export interface Look {
  /** The moment it was decided at. */
  readonly moment: Moment;
  readonly gates: readonly Gate[];
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
  readonly report: HealthReport;
  /** Absent if no gate was ready, or if the account cannot see sessions. */
  readonly snapshot?: Snapshot;
  /** Transactions that may be the cause and that no kill can reach. */
  readonly sessionless: readonly SessionlessTransaction[];
  /** The heads of lock queues; absent if locks were not read. */
  readonly heads?: readonly QueueHead[];
  /** When, by the clock's `now`, the passage of time alone may change a decision; absent if no such moment is known. */
  readonly next?: number;
  /** When, by the clock's `now`, transactions and locks were read; absent if they were not. */
  readonly causesAt?: number;
  /** Nothing was decided, because transactions and locks may not be read again so soon. */
  readonly deferred?: true;
  /** Present if sessions were read by their age. */
  readonly forecast?: Forecast;
}

export interface LookOptions {
  readonly rules: Rules;
  readonly needs: Needs;
  /** The moment by the clock's `wall` that `during` is judged by; omitted = now. */
  readonly wall?: number;
  /** Whether to take the lease, since only its holder may kill; omitted = no. */
  readonly lease?: boolean;
  /** Why nothing is killed at this look, by what was found outside the database. */
  readonly hold: Hold | undefined;
  /** Reads every value of every session, even if no policy asks for it: for `explain` and `record`. */
  readonly everything?: boolean;
  /** The server's uptime in milliseconds. If it is given, sessions may be read in the same round trip as the gates. */
  readonly uptime?: number | undefined;
  /** How far ahead to predict changes by time alone, in milliseconds; omitted = not at all. */
  readonly window?: number;
  /** From this moment of the clock's `now`, transactions and locks may be read again; omitted = now. */
  readonly causesFrom?: number;
  /** The last forecast for this server. */
  readonly forecast?: Forecast | undefined;
}

/**
 * Reads a database's health; if a policy's gate is ready, its sessions; and for those still in question the costly
 * values. Then decides.
 * @throws {TargetError}
 */
export async function look(
  source: LookSource,
  options: LookOptions,
  memory: Memory,
  clock: Clock,
): Promise<Look> {
  const { rules, hold, everything = false, window = 0, wall = clock.wall() } = options;
  const begun = clock.now();
  const expected = expectedReady(options, memory);
  const aheadPlan = planFor(expected, options, memory, begun);
  const ahead = aheadPlan && filterFor(aheadPlan, { ...options, memory, health: {} });
  const { sessions, ...report } = await source.health({
    needs: options.needs.health,
    lease: options.lease ?? false,
    sessions: ahead,
  });
  const moment = { now: clock.now(), wall };
  const { now } = moment;
  const recognized = recognize(memory, report.report, { now, grace: rules.grace });
  const known = withHold(recognized, hold ?? holdWithout(report.lease));
  const gatesNow = gates(report, rules, known, moment);
  const ready = rules.policies.filter((_, index) => gatesNow[index]!.ready);
  // A forecast for another server says nothing about this one.
  const isSame = recognized.holdUntil === memory.holdUntil;
  const plan = everything
    ? undefined
    : planFor(ready, isSame ? options : { ...options, forecast: undefined }, known, now);
  if (source.blind || (plan === undefined && !everything)) {
    const memory = rememberGates(known, gatesNow, rules, now);
    const next = earliest(
      nextMoment({ gates: gatesNow, rules, memory, now, window }),
      ready.length === 0 ? undefined : options.forecast?.until,
    );
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
  // Sessions that were read ahead can be used only if they were read for every policy that is ready now.
  const isRead = aheadPlan !== undefined && ready.every((policy) => expected.includes(policy));
  const found = isRead && sessions !== undefined ? { sessions, at: begun } : undefined;
  const reader = { source, options, clock, memory: known, found };
  const { left, ...read } = plan === undefined
    ? await readEverything(report, reader)
    : await readSnapshot(report, gatesNow, { ...reader, plan: found === undefined ? plan : aheadPlan! });
  const { snapshot } = read;
  // Nothing is decided about sessions whose costly values may not be read yet.
  const decided = left === "later"
    ? { decisions: [], memory: rememberGates(known, gatesNow, rules, now) }
    : decide(snapshot, gatesNow, rules, known, now);
  const crossing = nextMoment({ snapshot, gates: gatesNow, rules, memory: decided.memory, now, window });
  const next = earliest(crossing, left === "later" ? options.causesFrom ?? now : undefined);
  return {
    moment,
    gates: gatesNow,
    ...decided,
    report,
    ...read,
    ...next !== undefined && { next },
    ...left === "later" && { deferred: true },
  };
}

interface Reader {
  readonly source: LookSource;
  readonly options: LookOptions;
  readonly memory: Memory;
  readonly clock: Clock;
  /** The sessions that were read ahead, if they can be used. */
  readonly found: { readonly sessions: readonly Session[]; readonly at: number } | undefined;
}

/** The earlier of two moments; undefined if there is neither. */
function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? a ?? b : Math.min(a, b);
}

/** `left`: whether the costly values were read, were not needed, or may only be read later. */
type SnapshotReading =
  & Required<Pick<Look, "snapshot" | "sessionless">>
  & Pick<Look, "causesAt" | "forecast" | "heads">
  & {
    readonly left: "read" | "none" | "later";
  };

async function readSnapshot(
  report: HealthReport,
  gates: readonly Gate[],
  { source, options: { rules, needs, window = 0, causesFrom = 0 }, memory, clock, found, plan }: Reader & {
    readonly plan: SessionPlan;
  },
): Promise<SnapshotReading> {
  const { health, report: { uptime } } = report;
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  const at = found?.at ?? clock.now();
  const sessions = found?.sessions ??
    await source.sessions(filterFor(plan, { rules, needs, window, memory, uptime, health }));
  const forecast = plan.far === 0 ? {} : { forecast: forecastFrom(sessions, { ...plan, at }) };
  const basic = snapshotOf(report, needs.alike ? source.alike(sessions) : sessions, { source, at });
  const left = narrow(basic, gates, rules, memory);
  if (left.length === 0) return { snapshot: basic, sessionless: [], left: "none", ...forecast };
  const causes = rules.domain.paced.some((name) => needs.causes.has(name));
  if (causes && clock.now() < causesFrom) {
    return { snapshot: basic, sessionless: [], left: "later", ...forecast };
  }
  const counts = ready.some(({ then }) => actionOf(rules.domain.actions, then).share_of !== null)
    ? await source.counts()
    : undefined;
  const { sessions: detailed, ...others } = await source.details(basic.sessions, {
    ids: idsOf(left),
    needs: needs.causes,
    selecting: needs.health,
    tags: rules.tags,
    health,
  });
  const danger = endangered({ ...basic, sessions: detailed }, gates, rules, memory);
  const guarded = danger.length === 0 ? detailed : await source.guards(detailed, idsOf(danger));
  return {
    snapshot: { ...basic, sessions: guarded, ...counts && { counts } },
    ...others,
    left: "read",
    ...causes && { causesAt: at },
    ...forecast,
  };
}

async function readEverything(
  report: HealthReport,
  { source, options: { rules, needs }, clock }: Reader,
): Promise<SnapshotReading> {
  const { health, report: { uptime } } = report;
  const at = clock.now();
  const found = source.alike(await source.sessions({ uptime }));
  const { sessions, ...others } = await source.details(found, {
    ids: idsOf(found),
    needs: needs.causes,
    selecting: needs.health,
    tags: rules.tags,
    health,
  });
  const counts = await source.counts();
  const guarded = await source.guards(sessions, idsOf(sessions));
  return { snapshot: { ...snapshotOf(report, guarded, { source, at }), counts }, ...others, left: "read" };
}

function idsOf(sessions: readonly Session[]): ReadonlySet<number> {
  return new Set(sessions.map(({ id }) => id));
}

function snapshotOf(
  { health, methods = {}, report: { identity } }: HealthReport,
  sessions: readonly Session[],
  { source: { own, shielded }, at }: { readonly source: LookSource; readonly at: number },
): Snapshot {
  return { at, health, methods, sessions, server: identity, own, ...shielded && { shielded } };
}

/** The policies whose gates were ready at the last look: most probably they still are. */
function expectedReady({ rules, uptime, everything }: LookOptions, { gates }: Memory): readonly Policy[] {
  if (uptime === undefined || everything) return [];
  const ready = rules.policies.filter(({ name }) => gates[name]?.ready);
  // Which sessions to read may depend on values that come in the same round trip.
  return ready.some(({ where }) => asksOfDatabase(where)) ? [] : ready;
}

function holdWithout(lease: Lease | undefined): Hold | undefined {
  return lease === undefined || lease.state === "held" ? undefined : { reason: "lease" };
}
