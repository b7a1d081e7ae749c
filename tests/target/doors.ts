import type { Clock } from "../../src/clock.ts";
import { JournalError } from "../../src/journal/mod.ts";
import { vocabularyOf } from "../../src/language/mod.ts";
import { ACTIONS, type Decision, type Domain, type OutcomeKind, type Session } from "../../src/policy/mod.ts";
import { type Execution, type LookSource, type Target, type TargetConnection } from "../../src/target/mod.ts";

/** What the building shows of a door. */
export interface Door {
  readonly id: number;
  readonly room: string;
  /** For how long, in milliseconds; undefined where its sensor is broken. */
  readonly openFor: number | undefined;
}

/** A building: what is looked at, and acted on. */
export interface Building {
  readonly name: string;
  /** Those that are open. */
  readonly doors: Map<number, Door>;
  readonly draught: number;
}

/** Buildings, as the policy engine knows them. */
export const BUILDING_DOMAIN: Domain = {
  name: "building",
  vocabulary: vocabularyOf({
    rows: [
      { name: "draught", scope: "database", type: "number", meaning: "how strong the draught is" },
      { name: "room", scope: "session", type: "string", meaning: "where the door leads" },
      {
        name: "open_for",
        scope: "session",
        type: "duration",
        meaning: "how long it is open",
        grows: "always",
      },
    ],
    families: [],
    familiar: new Map(),
    unread: new Set(),
  }),
  actions: {
    log: ACTIONS.log,
    "close door": { ...ACTIONS["kill connection"], meaning: "closes the door" },
    "paint door": { ...ACTIONS["kill connection"], meaning: "paints the door: no executor knows how" },
  },
  whyNever: (door) => Reflect.get(door, "room") === "fire exit" ? "it is a fire exit" : undefined,
  consent: { name: "room", free: [], isMissing: () => false },
  orders: {
    oldest: { compare: (a, b) => openFor(b) - openFor(a), needs: ["open_for"] },
    newest: { compare: (a, b) => openFor(a) - openFor(b), needs: ["open_for"] },
    "most-blocking": { compare: () => 0, needs: [] },
  },
  holds: [],
  paced: [],
};

function openFor(door: Session): number {
  return Number(Reflect.get(door, "open_for"));
}

/** A building as a target. */
export function buildingTarget(building: Building, clock: Clock): Target {
  return {
    connect() {
      return Promise.resolve<TargetConnection>({
        identity: { flavor: "brick", version: "1", encrypted: false },
        source: sourceOf(building),
        executor: {
          carryOut: (decisions, execution) => carryOut(decisions, { ...execution, building, clock }),
        },
        gapsFor: () => [],
        check: () => Promise.resolve(),
        describeHolder: () => Promise.resolve("the porter"),
        occupant: () => Promise.resolve(undefined),
        close: () => Promise.resolve(),
      });
    },
  };
}

function sourceOf({ name, doors, draught }: Building): LookSource {
  const report = { identity: { server: name, started: 1 }, uptime: 3_600_000, readOnly: false };
  return {
    own: { user: "porter", program: "" },
    blind: false,
    health: () => Promise.resolve({ health: { draught }, report }),
    sessions: () => Promise.resolve([...doors.values()].map(sessionOf)),
    alike: (sessions) => sessions,
    counts: () => Promise.resolve({ running: doors.size, connections: doors.size }),
    details: (sessions) => Promise.resolve({ sessions, sessionless: [] }),
    guards: (sessions) => Promise.resolve(sessions),
  };
}

function sessionOf({ id, room, openFor }: Door): Session {
  const own = { room, open_for: openFor ?? { unknown: "its sensor is broken" } };
  const none = { unknown: "a door runs no statement" };
  const text = { user: "", host: "", db: "", command: "", state: "", sql: "", verb: "", program: "" };
  const activity = { running: true, idle: false, time: none, idle_time: none };
  return { ...text, ...activity, ...own, id, execution: `door ${id}`, rows_modified: 0, prepared: false };
}

/** Only what it knows is done, and only once it is written down. */
function carryOut(
  decisions: readonly Decision[],
  { building, clock, journal, report }: Execution & { readonly building: Building; readonly clock: Clock },
): Promise<void> {
  for (const decision of decisions) {
    const settle = (outcome: OutcomeKind, intent?: number) =>
      report({ decision, outcome, took_ms: 1, ...intent !== undefined && { intended: true } });
    if (decision.action !== "close door") {
      settle("denied");
      continue;
    }
    try {
      const intent = journal?.intend(building.name, decision, clock.wall());
      const outcome = building.doors.delete(decision.session.id) ? "killed" : "gone";
      if (intent !== undefined) journal?.conclude(intent, { outcome, took_ms: 1 });
      settle(outcome, intent);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      settle("journal");
    }
  }
  return Promise.resolve();
}
