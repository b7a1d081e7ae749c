/**
 * Stands in the place of a blocker without a session: a prepared XA transaction whose client is gone, or a
 * transaction of the server itself. No connection has this id.
 */
export const NO_SESSION = 0;

/**
 * One session waits for what another one holds; both are connection ids. A thread of the server's own that has
 * none, such as an applier of MariaDB's in its performance schema, has an id below 0.
 */
export interface WaitEdge {
  readonly waiter: number;
  readonly blocker: number;
}

/** What one read of locks found. */
export interface Waits {
  readonly edges: readonly WaitEdge[];
  /** All that wait, also where nobody is known to block them. */
  readonly waiting: readonly number[];
  /** Those among `waiting` that apply what the source sent. */
  readonly appliers: readonly number[];
  /** Why blockers may be missing; undefined where all of them are known. */
  readonly gap: string | undefined;
}

/** Nobody waits. */
export const NO_WAITS: Waits = { edges: [], waiting: [], appliers: [], gap: undefined };

/** A session's place among those that wait for each other. */
export interface WaitPlace {
  readonly waiting: boolean;
  /** How many wait for it, also indirectly. */
  readonly blocking: number;
  /** Whether an applier is among those. */
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

/** Puts together what several reads found: a chain may go through row locks and metadata locks. */
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

/** Everybody that waits for `id`, each counted once; in a circle the session itself is not among them. */
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
