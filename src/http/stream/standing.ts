import { type DatabaseState, isHurt } from "../fleet/mod.ts";

/**
 * How a database stands, for those who look at the fleet, the worst first. `hurt`: a gate is open · `unreachable` ·
 * `silent`: it is watched, and no look has ended for too long · `connecting` · `recovering`: none is open any more, but
 * one was, or something was killed, a moment ago · `well`.
 */
export const STANDINGS = ["hurt", "unreachable", "silent", "connecting", "recovering", "well"] as const;
export type Standing = typeof STANDINGS[number];

/** For how long a database that has recovered is still shown, in milliseconds. */
export const RECOVERING = 600_000;

/** So many looks that did not come are silence, and never less than this, in milliseconds. */
const SILENT_LOOKS = 3;
const SILENT = 3_000;

/** @param now In milliseconds since 1970. */
export function standingOf(state: DatabaseState, now: number): Standing {
  if (state.reach === "unreachable") return "unreachable";
  if (state.reach === "connecting" && state.lookedAt === undefined) return "connecting";
  if (now - (state.lookedAt ?? state.since) > silenceOf(state)) return "silent";
  if (isHurt(state)) return "hurt";
  const isRecent = (at: number) => at > now - RECOVERING;
  const hasClosed = state.gates.some((gate) =>
    gate.state === "closed" && gate.before === "open" && isRecent(gate.since)
  );
  return hasClosed || state.ticks.some(({ at }) => isRecent(at)) ? "recovering" : "well";
}

/** How long a database may take for a look before it is silent, in milliseconds. */
function silenceOf({ interval }: DatabaseState): number {
  return Math.max(SILENT, SILENT_LOOKS * interval);
}
