import { isPeerPlace, sendableComment, type Statement, STATEMENTS } from "../statement.ts";
import type { DesiredPeer } from "./discovery.ts";
import { keyOf, type PeerRow } from "./peer.ts";
import type { IsOwn } from "./self.ts";

/** So many reads in a row have to agree that a core is gone: one of them could be wrong for a moment. */
export const CONFIRMATIONS = 2;

/** What the list of cores should become is decided from this. */
export interface MembershipQuestion {
  /** The list in force. */
  readonly current: readonly PeerRow[];
  /** Who is there, by a read that was answered and is not empty. */
  readonly desired: readonly DesiredPeer[];
  /** How many such reads in a row did not have a core, this one included, by key. */
  readonly absences: ReadonlyMap<string, number>;
  readonly isOwn: IsOwn;
  /** Whether a core answers; those that do not leave first. By key. */
  answers(key: string): boolean;
  /** Whether a read has failed a moment ago: then few may leave, but not many. */
  readonly unsure: boolean;
}

/** What is to be changed in the list of cores. */
export interface Membership {
  readonly put: readonly PeerRow[];
  readonly drop: readonly PeerRow[];
  /** Who is not there and stays listed, and why. */
  readonly kept: readonly { readonly peer: PeerRow; readonly reason: string }[];
  /** Who is there and cannot be listed. */
  readonly unusable: readonly string[];
}

/**
 * Compares the list with who is there. Its own row is never removed, and nobody is while it is not known which row that is;
 * never more than half at once; and nobody whom only one read did not have.
 */
export function membershipOf(question: MembershipQuestion): Membership {
  const { current, desired, absences, isOwn } = question;
  const usable = desired.filter(isPeerPlace);
  const unusable = desired.filter((peer) => !isPeerPlace(peer)).map(({ host, port }) =>
    `${host} ${port} cannot be listed: this is no host with a port`
  );
  const wanted = new Map(usable.map((peer) => [keyOf(peer), peer]));
  const put = putsOf(current, wanted);
  const gone = current.filter((peer) => !wanted.has(keyOf(peer)));
  if (gone.length === 0 || usable.length === 0) return { put, drop: [], kept: [], unusable };
  if (!current.some(isOwn) && !usable.some(isOwn)) {
    const reason = "which of the cores is this ProxySQL itself is not known: set POD_IP or POD_NAME";
    return { put, drop: [], kept: gone.map((peer) => ({ peer, reason })), unusable };
  }
  const own = gone.filter(isOwn).map((peer) => ({ peer, reason: "it is this ProxySQL itself" }));
  const leaving = gone.filter((peer) => !isOwn(peer) && (absences.get(keyOf(peer)) ?? 0) >= CONFIRMATIONS);
  const { drop, kept } = halfOf(leaving, question);
  return { put, drop, kept: [...own, ...kept], unusable };
}

/** Who is new, or has another comment than it should. */
function putsOf(current: readonly PeerRow[], wanted: ReadonlyMap<string, DesiredPeer>): readonly PeerRow[] {
  const listed = new Map(current.map((peer) => [keyOf(peer), peer]));
  return [...wanted].flatMap(([key, { host, port, comment: given = "" }]) => {
    const row = listed.get(key);
    const comment = sendableComment(given);
    if (row === undefined) return [{ host, port, weight: 0, comment }];
    return comment === "" || comment === row.comment ? [] : [{ ...row, comment }];
  });
}

function halfOf(
  leaving: readonly PeerRow[],
  { current, answers, unsure }: MembershipQuestion,
): Pick<Membership, "drop" | "kept"> {
  const half = Math.floor(current.length / 2);
  if (leaving.length <= half) return { drop: leaving, kept: [] };
  if (unsure) {
    const reason = "more than half would leave, a moment after it was not known who is there";
    return { drop: [], kept: leaving.map((peer) => ({ peer, reason })) };
  }
  const first = leaving.toSorted((a, b) => Number(answers(keyOf(a))) - Number(answers(keyOf(b))));
  const reason = "more than half would leave: half of them at once, once that is confirmed";
  return { drop: first.slice(0, half), kept: first.slice(half).map((peer) => ({ peer, reason })) };
}

/** The list after a change. */
export function listAfter(
  current: readonly PeerRow[],
  { put, drop }: Pick<Membership, "put" | "drop">,
): readonly PeerRow[] {
  const gone = new Set([...put, ...drop].map(keyOf));
  return [...current.filter((peer) => !gone.has(keyOf(peer))), ...put];
}

/**
 * What makes the list that is edited the wanted one, and puts it into force. Sent twice, it does the same. A comment that
 * somebody else wrote and that cannot be sent stays where its row is as wanted, and is left out where it is not.
 */
export function statementsFor(
  edited: readonly PeerRow[],
  wanted: readonly PeerRow[],
): readonly Statement[] {
  const is = new Set(edited.map(wholeOf));
  const keys = new Set(wanted.map(exactKey));
  return [
    ...wanted.map((peer) =>
      is.has(wholeOf(peer)) ? peer : { ...peer, comment: sendableComment(peer.comment) }
    )
      .filter((peer) => !is.has(wholeOf(peer))).map(STATEMENTS.putPeer),
    ...edited.filter((peer) => !keys.has(exactKey(peer))).map(STATEMENTS.dropPeer),
    STATEMENTS.runPeers(),
  ];
}

/** SQLite compares the names of hosts with their case. */
function exactKey({ host, port }: PeerRow): string {
  return `${host} ${port}`;
}

function wholeOf(peer: PeerRow): string {
  return JSON.stringify([exactKey(peer), peer.weight, peer.comment]);
}

/** How many reads in a row did not have a core of the list. */
export class Absences {
  readonly #counts = new Map<string, number>();

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** After a read that was answered. */
  note(current: readonly PeerRow[], desired: readonly DesiredPeer[]): void {
    const there = new Set(desired.map(keyOf));
    const absent = current.map(keyOf).filter((key) => !there.has(key));
    const counts = absent.map((key) => [key, (this.#counts.get(key) ?? 0) + 1] as const);
    this.#counts.clear();
    for (const [key, count] of counts) this.#counts.set(key, count);
  }

  /** After a read that failed, or a change: what is decided next needs reads of its own. */
  clear(): void {
    this.#counts.clear();
  }
}
