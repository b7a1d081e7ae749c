import type { Clock } from "../clock.ts";
import type { Trial } from "../config/mod.ts";
import { type Memory, NO_MEMORY } from "../policy/mod.ts";
import { type Look, look } from "./look.ts";
import { needsOf } from "./needs.ts";
import { SimulatedServer } from "./simulated_server.ts";

/** A look at the server of a test. */
export interface SimulatedLook extends Look {
  /** In milliseconds since the test began. */
  readonly at: number;
  /** What was known before it. */
  readonly before: Memory;
}

/**
 * The looks of a test, from its beginning at every interval until it ends, as if its database was armed. Every
 * decision is told at every look, also those that were told before.
 */
export async function* simulate(trial: Trial): AsyncGenerator<SimulatedLook> {
  const { database: { rules, interval }, start, expect } = trial;
  const armed = { ...rules, mode: "enforce" } as const;
  const needs = needsOf(armed);
  const server = new SimulatedServer(trial, needs);
  const times = expect.map(({ at }) => at);
  let memory = NO_MEMORY;
  for (let now = 0; now <= Math.max(...times); now += interval) {
    server.moveTo(now);
    const before = { ...memory, told: [] };
    // The list of sessions is wanted where somebody asks about one, open gate or not.
    const everything = times.some((at) => at >= now && at < now + interval);
    // Who is alike is worked out by the server, for the test may say something else.
    const options = { rules: armed, needs: { ...needs, alike: false }, hold: undefined, everything };
    const found = await look(server, options, before, clockAt(now, start));
    yield { at: now, before, ...found };
    for (const { verdict, action, session } of found.decisions) {
      if (verdict === "act") server.kill(session.id, action === "kill query" ? "query" : "connection");
    }
    memory = found.memory;
  }
}

/** Simulated time stands still during a look. */
function clockAt(now: number, start: number): Clock {
  return { now: () => now, wall: () => start + now, sleep: () => Promise.resolve() };
}
