/**
 * Stands for a blocker without a session: a prepared XA transaction whose client has gone, or an internal
 * transaction of the server. No connection has this id.
 */
export const NO_SESSION = 0;

/**
 * One session waits for another; both are connection ids. An internal thread without one, such as an applier in
 * MariaDB's performance schema, has a negative id.
 */
export interface WaitEdge {
  readonly waiter: number;
  readonly blocker: number;
}

/** The result of one read of locks. */
export interface Waits {
  readonly edges: readonly WaitEdge[];
  /** All waiting sessions, even those whose blockers are unknown. */
  readonly waiting: readonly number[];
  /** The replication appliers among `waiting`. */
  readonly appliers: readonly number[];
  /** Why blockers may be missing; undefined if all are known. */
  readonly gap: string | undefined;
}

export const NO_WAITS: Waits = { edges: [], waiting: [], appliers: [], gap: undefined };

/** A session's place in the wait graph. */
export interface WaitPlace {
  readonly waiting: boolean;
  /** How many sessions wait for it, directly or indirectly. */
  readonly blocking: number;
  /** Whether one of them is a replication applier. */
  readonly blocks_replication: boolean;
}

/** Who waits for whom. */
export interface WaitGraph {
  /** By connection id; a session that is not in it neither waits nor blocks. */
  readonly places: ReadonlyMap<number, WaitPlace>;
  /** The direct blockers of each, by connection id. A waiting session that is not in it has unknown blockers. */
  readonly blockers: ReadonlyMap<number, readonly number[]>;
  /** Blockers that wait for nobody, including `NO_SESSION`. There are none if everything is in a deadlock. */
  readonly roots: readonly number[];
  /** Why blockers may be missing. */
  readonly gap: string | undefined;
}

/** Combines the results of several reads, since a chain may go through row locks and metadata locks. */
export function waitGraph(reads: readonly Waits[]): WaitGraph {
  const waiting = new Set(
    reads.flatMap((read) => [...read.waiting, ...read.edges.map(({ waiter }) => waiter)]),
  );
  const appliers = new Set(reads.flatMap((read) => read.appliers));
  const waitersOf = new Map<number, Set<number>>();
  const blockers = new Map<number, Set<number>>();
  for (const { waiter, blocker } of reads.flatMap((read) => read.edges)) {
    if (waiter === blocker) continue;
    blockers.set(waiter, (blockers.get(waiter) ?? new Set()).add(blocker));
    const waiters = waitersOf.get(blocker);
    if (waiters === undefined) waitersOf.set(blocker, new Set([waiter]));
    else waiters.add(waiter);
  }
  const places = new Map<number, WaitPlace>();
  for (const id of new Set([...waiting, ...waitersOf.keys()])) {
    const behind = allBehind(id, waitersOf);
    places.set(id, {
      waiting: waiting.has(id),
      blocking: behind.size,
      blocks_replication: [...behind].some((waiter) => appliers.has(waiter)),
    });
  }
  return {
    places,
    blockers: new Map([...blockers].map(([waiter, ids]) => [waiter, [...ids].toSorted((a, b) => a - b)])),
    roots: [...waitersOf.keys()].filter((id) => !waiting.has(id)).toSorted((a, b) => a - b),
    gap: reads.find(({ gap }) => gap !== undefined)?.gap,
  };
}

/** All sessions that wait for `id`, directly or indirectly, each once. In a deadlock, `id` itself is not among them. */
function allBehind(id: number, waitersOf: ReadonlyMap<number, ReadonlySet<number>>): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const waiter of waitersOf.get(next) ?? []) {
      if (waiter === id || found.has(waiter)) continue;
      found.add(waiter);
      open.push(waiter);
    }
  }
  return found;
}
