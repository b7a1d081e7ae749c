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
  /** The memory before it. */
  readonly before: Memory;
}

/**
 * The looks of a test, as if its database were armed: at every interval from its beginning to its end, and in
 * between where time alone may change a decision. Each look reports all its decisions, even repeated ones. A look at
 * which something is expected has all sessions, whether or not a gate is open.
 */
export async function* simulate(trial: Trial): AsyncGenerator<SimulatedLook> {
  const { database: { rules, interval }, start, expect } = trial;
  const armed = { ...rules, mode: "enforce" } as const;
  const needs = needsOf(armed);
  const server = new SimulatedServer(trial, needs);
  const times = expect.map(({ at }) => at);
  // The simulated server says which sessions are alike, since the test may set that.
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
