import type { Unknown } from "../../language/mod.ts";
import { type Position, reached } from "./position.ts";

/** How far a source is itself behind its own sources. */
export interface SourceLag {
  readonly ms: number;
  /** The names of these servers, and of those that they follow in turn. */
  readonly through: readonly string[];
}

/** A position of a source, and when it was seen there. */
export interface Sample {
  readonly position: Position;
  /** When it was first seen, by the clock's `now`, in milliseconds. */
  readonly first: number;
  /** When it was last seen. */
  readonly last: number;
  /** The source's own lag when it was first seen there; absent if it has no source, or if its lag is unknown. */
  readonly behind?: SourceLag;
  /** The same for when it was last seen there. */
  readonly latest?: SourceLag;
}

/**
 * The positions of a source over the last hour or more, oldest first. Only changes are stored. Plain, immutable
 * data.
 */
export interface Ring {
  /** The identity of the source. Positions of a different server cannot be compared. */
  readonly server: string;
  readonly samples: readonly Sample[];
}

/** The position of a source at one look. */
export interface Sighting {
  readonly server: string;
  readonly position: Position;
  /** When it answered, by the clock's `now`, in milliseconds. */
  readonly at: number;
  readonly behind?: SourceLag | undefined;
}

/** The lag of a replica, in milliseconds. `atLeast`: it is a lower bound. */
export interface RingLag {
  readonly ms: number;
  readonly atLeast: boolean;
  /** The lag of its source in a chain; absent if there is none, or if it is unknown. */
  readonly above?: number;
}

/** What a lag is computed from, besides positions. */
export interface LagOptions {
  /** When the replica's position was read, by the clock that the ring uses. */
  readonly now: number;
  /** The greatest age of the last look, in milliseconds: longer than the time between two looks. */
  readonly fresh?: number | undefined;
  /** The identity of the replica. In a circle, its source's lag behind the replica itself does not count. */
  readonly self?: string | undefined;
}

/** Samples older than this may be dropped, in milliseconds. */
const KEEP = 2 * 3_600_000;
/** The gap between two samples may be this fraction of the younger one's age, so a lag is off by 2% at most. */
const RESOLUTION = 0.02;
/** A hard limit, in case the clock or the polling misbehaves. */
const MOST = 1000;
/** If a source was not seen for longer than this, it may have written more, in milliseconds. */
export const FRESH = 5000;

/** Adds the position of one look. Starts over if the source is a different server, or went back (RESET, a restore). */
export function recordPosition(ring: Ring | undefined, { server, position, at, behind }: Sighting): Ring {
  const latest = behind && { latest: behind };
  const sample: Sample = { position, first: at, last: at, ...behind && { behind }, ...latest };
  const start: Ring = { server, samples: [sample] };
  const newest = ring?.samples.at(-1);
  if (ring === undefined || newest === undefined || ring.server !== server || at < newest.last) return start;
  if (reached(position, newest.position) !== true) return start;
  if (reached(newest.position, position) === true) {
    const { latest: _, ...same } = newest;
    return { server, samples: [...ring.samples.slice(0, -1), { ...same, last: at, ...latest }] };
  }
  return { server, samples: thinned([...ring.samples, sample], at) };
}

/**
 * Drops samples whose neighbours are close enough for their age. The newer neighbour is kept: lag is measured from
 * there, so it comes out too small rather than too large.
 */
function thinned(samples: readonly Sample[], now: number): readonly Sample[] {
  const kept: Sample[] = [];
  for (const [index, sample] of samples.entries()) {
    const next = samples[index + 1];
    const before = kept.at(-1);
    const old = next !== undefined && now - next.first > KEEP;
    const dense = next !== undefined && before !== undefined &&
      next.first - before.last <= RESOLUTION * (now - next.first);
    if (!old && !dense) kept.push(sample);
  }
  return kept.slice(-MOST);
}

/**
 * The lag of a replica at `position`: how long ago its source was first seen to have what the replica lacks. It is
 * never higher than the real lag, and lower by at most the time between two looks. It is 0 if the replica has
 * everything that the last look saw. The source's own lag is as old as the look that found it.
 */
export function lagBehind(
  ring: Ring,
  position: Position,
  { now, fresh = FRESH, self }: LagOptions,
): RingLag | Unknown {
  const { samples } = ring;
  // Positions only grow, so this finds the first sample that the replica has not reached.
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const has = reached(position, samples[middle]!.position);
    if (has === undefined) return { unknown: "its position and its source's cannot be compared" };
    if (has) low = middle + 1;
    else high = middle;
  }
  const missing = samples[low];
  if (missing !== undefined) {
    return { ms: Math.max(0, now - missing.first), atLeast: low === 0, ...above(missing.behind, self) };
  }
  const seen = samples.at(-1);
  if (seen === undefined) return { unknown: "its source has not been looked at" };
  if (now - seen.last > fresh) return { unknown: "its source has not been looked at for a while" };
  return { ms: 0, atLeast: false, ...above(seen.latest, self) };
}

/** The source's own lag, unless it is behind the replica itself, as in a circle. */
function above(behind: SourceLag | undefined, self: string | undefined): Pick<RingLag, "above"> {
  return behind === undefined || behind.ms === 0 || (self !== undefined && behind.through.includes(self))
    ? {}
    : { above: behind.ms };
}

/** The rings of one source, one for each kind of position. */
export type Rings = Readonly<Partial<Record<Position["kind"], Ring>>>;

/** Adds the positions of one look at a source. */
export function recordPositions(
  rings: Rings,
  { positions, ...sighting }: Omit<Sighting, "position"> & { readonly positions: readonly Position[] },
): Rings {
  const added = positions.map((position) => [
    position.kind,
    recordPosition(rings[position.kind], { ...sighting, position }),
  ]);
  return { ...rings, ...Object.fromEntries(added) };
}
