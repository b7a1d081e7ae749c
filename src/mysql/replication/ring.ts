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
  /** When the first answer with it came, in milliseconds of the clock's `now`. */
  readonly first: number;
  /** When the last one came. */
  readonly last: number;
  /** The source's own lag when it was first seen there; absent if it has no source, or if its lag is unknown. */
  readonly behind?: SourceLag;
  /** The same for when it was last seen there. */
  readonly latest?: SourceLag;
}

/** Where a source was in the last hour or more, oldest first. Only changes are kept. Plain data, never changed. */
export interface Ring {
  /** The source's own name for itself: positions of another server would mean nothing. */
  readonly server: string;
  readonly samples: readonly Sample[];
}

/** What a look at a source found. */
export interface Sighting {
  readonly server: string;
  readonly position: Position;
  /** When its answer came, in milliseconds of the clock's `now`. */
  readonly at: number;
  readonly behind?: SourceLag | undefined;
}

/** How far a replica is behind, in milliseconds; `atLeast`: it may be more. */
export interface RingLag {
  readonly ms: number;
  readonly atLeast: boolean;
  /** The lag of its source in a chain; absent if there is none, or if it is unknown. */
  readonly above?: number;
}

/** What a lag is computed from, besides positions. */
export interface LagOptions {
  /** When the replica was asked for its position, by the clock that the ring's samples were timed by. */
  readonly now: number;
  /** How old the last look may be, in milliseconds: longer than the time between two looks. */
  readonly fresh?: number | undefined;
  /** The replica's own name for itself: in a circle, how far its source is behind it is not its own lag. */
  readonly self?: string | undefined;
}

/** Samples older than this may go, in milliseconds. */
const KEEP = 2 * 3_600_000;
/** The gap between two samples may be this fraction of the younger one's age, so a lag is off by 2% at most. */
const RESOLUTION = 0.02;
/** A hard limit, in case the clock or the polling misbehaves. */
const MOST = 1000;
/** A source that was not seen for longer than this may have written meanwhile, in milliseconds. */
export const FRESH = 5000;

/** Adds what a look found; forgets everything where the source is another, or went back (RESET, a restore). */
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
 * Drops samples whose neighbours are near enough to each other for their age. The newer of two neighbours
 * stays: a lag is reckoned from there, so it comes out too small rather than too large.
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
 * How far a replica that is at `position` is behind: since when its source is known to have had what is
 * missing there. So it is never more than the truth, and less by at most the time between two looks. 0 where
 * the replica has all that the last look saw. What the source was behind itself is as old as the look that
 * found it.
 */
export function lagBehind(
  ring: Ring,
  position: Position,
  { now, fresh = FRESH, self }: LagOptions,
): RingLag | Unknown {
  const { samples } = ring;
  // Positions only grow, so what is reached are the samples up to some one.
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

/** In a circle, a server would be behind its own writes. */
function above(behind: SourceLag | undefined, self: string | undefined): Pick<RingLag, "above"> {
  return behind === undefined || behind.ms === 0 || (self !== undefined && behind.through.includes(self))
    ? {}
    : { above: behind.ms };
}

/** The rings of one source, one for each kind of position that it shows. */
export type Rings = Readonly<Partial<Record<Position["kind"], Ring>>>;

/** Adds the positions that one look at a source found. */
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
