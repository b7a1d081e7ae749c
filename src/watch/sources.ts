import type { SelfReport, Server } from "../database/mod.ts";
import {
  type Channel,
  type Position,
  recordPositions,
  type Rings,
  type SourceCandidate,
  sourceOf,
  type WatchedRings,
} from "../snapshot/mod.ts";

/** A watched database that others may follow. */
interface Source {
  readonly candidate: SourceCandidate;
  /** The longest time between two looks at it, in milliseconds. */
  readonly interval: number;
  readonly rings: Rings;
  /** Which of its positions others have asked for; undefined where none has. */
  readonly wanted: { readonly file: boolean } | undefined;
}

/** The databases that a program watches, by their names, as sources of each other. */
export type Sources = Map<string, Source>;

/** Where a database is, for those who name it as their source. */
export interface SourceAddress {
  readonly name: string;
  readonly interval: number;
  /** `host:port` as configured; absent where it is a socket. */
  readonly address: string | undefined;
}

/** Notes who a database is, and where its stream has come to, when its answer came. */
export function noteSource(
  sources: Sources,
  { name, interval, address }: SourceAddress,
  { capabilities: { replication } }: Server,
  { identity: { server }, positions, at }: Pick<SelfReport, "identity"> & {
    readonly positions: readonly Position[] | undefined;
    readonly at: number;
  },
): void {
  const { serverId } = replication;
  const addresses = [...address === undefined ? [] : [address], ...replication.addresses];
  const { rings = {}, wanted } = sources.get(name) ?? {};
  sources.set(name, {
    candidate: { name, server, serverId, addresses },
    interval,
    rings: positions === undefined ? rings : recordPositions(rings, { server, positions, at }),
    wanted,
  });
}

/** Which positions of a database others have asked for. */
export function wantedPosition(sources: Sources, name: string): { readonly file: boolean } | undefined {
  return sources.get(name)?.wanted;
}

/**
 * The positions of the database that a channel follows, where it is watched; from now on they are read.
 * @param named The user's word on which it is.
 */
export function ringsOf(
  sources: Sources,
  channel: Channel,
  named: string | undefined,
): WatchedRings | undefined {
  const candidates = [...sources.values()].map(({ candidate }) => candidate);
  const name = named ?? sourceOf(channel, candidates)?.name;
  const source = name === undefined ? undefined : sources.get(name);
  if (name === undefined || source === undefined) return undefined;
  const file = source.wanted?.file === true || channel.received?.kind === "file";
  if (source.wanted?.file !== file) sources.set(name, { ...source, wanted: { file } });
  return { rings: source.rings, fresh: Math.max(FRESH, 3 * source.interval) };
}

/** How old a look at a source may be at least, in milliseconds. */
const FRESH = 5000;
