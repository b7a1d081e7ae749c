import { recordPositions, type Rings, type SourceLag } from "./replication/ring.ts";
import { type Channel, type SourceCandidate, sourceOf } from "./replication/channel.ts";
import type { Position } from "./replication/position.ts";
import type { ReplicationCapabilities } from "./probe_replication.ts";
import type { Server } from "./server.ts";
import type { WatchedRings } from "./replication/replication_input.ts";
import type { SelfReport } from "../policy/mod.ts";

/** The positions of a server that other databases need. */
export interface WantedPosition {
  readonly file: boolean;
}

/** A watched database that others may follow. */
interface Source {
  readonly candidate: SourceCandidate;
  /** The capabilities of its current connection. */
  readonly replication: ReplicationCapabilities;
  /** The longest time between two looks at it, in milliseconds. */
  readonly interval: number;
  readonly rings: Rings;
  /** Undefined if no database follows it. */
  readonly wanted: WantedPosition | undefined;
}

/** The address of a database, for replicas that name it as their source. */
export interface SourceAddress {
  readonly name: string;
  readonly interval: number;
  /** `host:port` as configured; undefined for a socket. */
  readonly address: string | undefined;
}

/** A look at a source counts as fresh for at least this long, in milliseconds. */
const FRESH = 5000;

/** All watched databases, as possible sources of each other. */
export class Sources {
  readonly #sources = new Map<string, Source>();
  /** An index of database names by the server's own name and address, since there may be thousands. */
  readonly #names = new Map<string, Set<string>>();

  /** Records a database's identity and the position of its stream when it answered. */
  note(
    { name, interval, address }: SourceAddress,
    { capabilities: { replication } }: Pick<Server, "capabilities">,
    { identity: { server }, positions, at, behind }: Pick<SelfReport, "identity"> & {
      readonly positions: readonly Position[] | undefined;
      readonly at: number;
      /** Its own lag behind its sources. */
      readonly behind?: SourceLag | undefined;
    },
  ): void {
    const known = this.#sources.get(name);
    const isKnown = known?.candidate.server === server && known.replication === replication;
    if (isKnown && positions === undefined) return;
    const addresses = [...address === undefined ? [] : [address], ...replication.addresses];
    const candidate = { name, server, serverId: replication.serverId, addresses };
    const { rings = {}, wanted } = known ?? {};
    this.#sources.set(name, {
      candidate,
      replication,
      interval,
      rings: positions === undefined ? rings : recordPositions(rings, { server, positions, at, behind }),
      wanted,
    });
    this.#index(candidate, known?.candidate);
  }

  /** Forgets a database that is no longer watched. */
  forget(name: string): void {
    for (const names of this.#names.values()) names.delete(name);
    this.#sources.delete(name);
  }

  /** The positions of a database that others have asked for. */
  wanted(name: string): WantedPosition | undefined {
    return this.#sources.get(name)?.wanted;
  }

  /**
   * The positions of the database that a channel follows, if it is watched. From now on they are read at each look.
   * @param named The source's name from the configuration.
   */
  ringsOf(channel: Channel, named: string | undefined): WatchedRings | undefined {
    const name = named ?? sourceOf(channel, this.#candidatesFor(channel))?.name;
    const source = name === undefined ? undefined : this.#sources.get(name);
    if (name === undefined || source === undefined) return undefined;
    const file = source.wanted?.file === true || channel.received?.kind === "file";
    if (source.wanted?.file !== file) this.#sources.set(name, { ...source, wanted: { file } });
    return { rings: source.rings, fresh: Math.max(FRESH, 3 * source.interval) };
  }

  #candidatesFor({ source: { uuid, address } }: Channel): readonly SourceCandidate[] {
    const names = this.#names.get(uuid === "" ? address : uuid) ?? [];
    return [...names].map((name) => this.#sources.get(name)!.candidate);
  }

  #index(candidate: SourceCandidate, before: SourceCandidate | undefined): void {
    const [now, then] = [keysOf(candidate), before === undefined ? [] : keysOf(before)];
    if (now.length === then.length && now.every((key, index) => key === then[index])) return;
    for (const key of then) this.#names.get(key)?.delete(candidate.name);
    for (const key of now) {
      const names = this.#names.get(key) ?? new Set();
      this.#names.set(key, names.add(candidate.name));
    }
  }
}

function keysOf({ server, addresses }: SourceCandidate): readonly string[] {
  return [server, ...addresses];
}
