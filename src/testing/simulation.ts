import type { Clock } from "../clock.ts";
import type { Trial } from "./trial.ts";
import { actionOf, type Memory, needsOf, NO_MEMORY } from "../policy/mod.ts";
import { type Look, look, SHORTEST_PAUSE } from "../look/mod.ts";
import { SimulatedServer } from "./simulated_server.ts";

/** A look at the server of a test. */
export interface SimulatedLook extends Look {
  /** In milliseconds since the test began. */
  readonly at: number;
  /** When the next one is. */
  readonly until: number;
  /** What was known before it. */
  readonly before: Memory;
}

/**
 * The looks of a test as if its database was armed: from its beginning at every interval until it ends, and in
 * between where time alone changes what can be decided. Every decision is told at every look, also those that
 * were told before. Where something is expected, the look has all sessions, open gate or not.
 */
export async function* simulate(trial: Trial): AsyncGenerator<SimulatedLook> {
  const { database: { rules, interval }, start, expect } = trial;
  const armed = { ...rules, mode: "enforce" } as const;
  const needs = needsOf(armed);
  const server = new SimulatedServer(trial, needs);
  const times = expect.map(({ at }) => at);
  // Who is alike is worked out by the server, for the test may say something else.
  const options = { rules: armed, needs: { ...needs, alike: false }, hold: undefined, window: interval };
  let memory = NO_MEMORY;
  for (let now = 0; now <= Math.max(...times);) {
    server.moveTo(now);
    const clock = clockAt(now, start);
    const before = { ...memory, told: [] };
    const found = await look(server, options, before, clock);
    const due = Math.max(now + SHORTEST_PAUSE, found.next ?? Infinity);
    const until = Math.min(due, (Math.floor(now / interval) + 1) * interval);
    const isAsked = times.some((at) => at >= now && at < until);
    const whole = isAsked ? await look(server, { ...options, everything: true }, before, clock) : found;
    yield { at: now, until, before, ...whole };
    for (const { verdict, action, session } of whole.decisions) {
      if (verdict === "act") server.kill(session.id, actionOf(rules.domain.actions, action));
    }
    memory = whole.memory;
    now = until;
  }
}

/** Simulated time stands still during a look. */
function clockAt(now: number, start: number): Clock {
  return { now: () => now, wall: () => start + now, sleep: () => Promise.resolve() };
}
