import type { Clock } from "../../src/clock.ts";
import { type Health, type Memory, NO_MEMORY, type Rules, type Session } from "../../src/policy/mod.ts";
import { type Look, look } from "../../src/look/look.ts";
import { type LookRecord, newLookRecord } from "../../src/recording/look_record.ts";
import { withAlike } from "../../src/mysql/reads/alike.ts";
import { everyNeed } from "../../src/policy/needs.ts";
import type { RecordedLook } from "../../src/recording/recording.ts";
import { rules as rulesOf } from "../policy/fixture.ts";

/** What a server showed at one look. */
export interface Shown {
  readonly now: number;
  readonly health: Health;
  readonly sessions: readonly Session[];
  /** Of the server process; another one is another server. */
  readonly started?: number;
}

/** A look as the recorder makes it: at all there is, as a rehearsal. */
export async function lookAt(
  { now, health, sessions, started = 1 }: Shown,
  rules: Rules,
  memory: Memory = NO_MEMORY,
): Promise<Look> {
  const clock: Clock = { now: () => now, wall: () => START + now, sleep: () => Promise.resolve() };
  const source = {
    own: { user: "sniper", program: "query-sniper" },
    blind: false,
    health: () =>
      Promise.resolve({
        health,
        report: { identity: { server: "one", started }, uptime: 1e9, readOnly: false },
      }),
    alike: withAlike,
    sessions: () => Promise.resolve(sessions),
    counts: () =>
      Promise.resolve({
        running: sessions.filter(({ running }) => running).length,
        connections: sessions.length,
      }),
    details: (sessions: readonly Session[]) => Promise.resolve({ sessions, sessionless: [] }),
    guards: (sessions: readonly Session[]) => Promise.resolve(sessions),
  };
  const rehearsed = { ...rules, mode: "dry-run" } as const;
  const options = { rules: rehearsed, needs: everyNeed(rehearsed), hold: undefined, everything: true };
  return await look(source, options, memory, clock);
}

/** The wall clock at the test's beginning. */
export const START = Date.parse("2026-11-21T10:00:00.000Z");

/** A plain hash, which shows what was hashed. */
export const HASHING = { hash: (text: string) => `#${[...text].reverse().join("")}` };

/** How a database with these rules is written down. */
export function recordOf(rules: Rules, hashed?: string): LookRecord {
  return newLookRecord({ name: "shop", rules }, { ...HASHING, ...hashed !== undefined && { hashed } });
}

/** A recorded look at one session. */
export async function recordedLook(sessions: readonly Session[] = [], now = 0): Promise<RecordedLook> {
  const rules = rulesOf([]);
  return recordOf(rules).record(await lookAt({ now, health: {}, sessions }, rules), 0);
}
