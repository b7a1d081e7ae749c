import type { DatabaseState } from "../fleet/mod.ts";
import type { Standing } from "./standing.ts";

type Counts = Readonly<Record<string, number>>;

/** The fleet in figures, for the first sentence of the page. */
export interface Summary {
  readonly databases: number;
  readonly standings: Readonly<Partial<Record<Standing, number>>>;
  /** How many databases are in enforce mode. */
  readonly armed: number;
  /** Open gates, of policies that have one, by what their policy may do there. */
  readonly gates: { readonly armed: number; readonly dry: number };
  /** On how many databases nothing is killed now, by reason. */
  readonly held: Counts;
  /** Of how many databases the budget is spent. */
  readonly spent: number;
  /** What became of kills in the last ten minutes. */
  readonly kills: Counts;
  readonly lease: {
    readonly held: number;
    readonly unavailable: number;
    /** How many are held elsewhere, by holder. */
    readonly elsewhere: Counts;
  };
  /** How long ago the latest look of all ended, in milliseconds; null before the first. */
  readonly last_look_ms: number | null;
}

/** Kills count for so long, in milliseconds. */
const KILLS = 600_000;

/**
 * The fleet in figures.
 * @param standings By name of the database.
 * @param now In milliseconds since 1970.
 */
export function summaryOf(
  states: readonly DatabaseState[],
  { standings, now }: { readonly standings: ReadonlyMap<string, Standing>; readonly now: number },
): Summary {
  const gates = states.flatMap((state) => state.gates)
    .filter(({ state, because }) => state === "open" && because.length > 0);
  const leases = states.flatMap(({ lease }) => lease ?? []);
  const latest = states.reduce((last, { lookedAt = -Infinity }) => Math.max(last, lookedAt), -Infinity);
  const isArmed = ({ mode }: { readonly mode: string }) => mode === "enforce";
  return {
    databases: states.length,
    standings: counts(states.flatMap(({ name }) => standings.get(name) ?? [])),
    armed: states.filter(isArmed).length,
    gates: { armed: gates.filter(isArmed).length, dry: gates.filter((gate) => !isArmed(gate)).length },
    held: counts(states.flatMap(({ hold }) => hold?.reason ?? [])),
    spent: states.filter(({ budget }) => budget === "spent").length,
    kills: counts(
      states.flatMap(({ ticks }) => ticks.filter(({ at }) => at > now - KILLS)).map(({ outcome }) => outcome),
    ),
    lease: {
      held: leases.filter(({ state }) => state === "held").length,
      unavailable: leases.filter(({ state }) => state === "unavailable").length,
      elsewhere: counts(
        leases.filter(({ state }) => state === "elsewhere").map(({ holder }) => holder ?? "another program"),
      ),
    },
    last_look_ms: latest === -Infinity ? null : Math.max(0, now - latest),
  };
}

/** How often each text is there. */
function counts(texts: readonly string[]): Counts {
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  return Object.fromEntries(found);
}
