import type { Row } from "../../connection/mod.ts";
import { AdminError } from "../admin_error.ts";
import { isPeerPlace, sendableComment, type Statement, STATEMENTS } from "../statement.ts";
import { numberOf } from "../value.ts";
import type { DesiredPeer } from "./discovery.ts";
import { type Send, Stop } from "./hand.ts";
import type { AgentAdmin } from "./options.ts";
import { keyOf, type PeerRow, peerRowsOf } from "./peer.ts";

/** All that a resync may send: which cores the file has, and so which are removed, is known once it is loaded. */
export function resyncStatements(
  listed: readonly PeerRow[],
  peers: readonly DesiredPeer[],
): readonly Statement[] {
  const wanted = new Set(peers.map(keyOf));
  return [
    STATEMENTS.loadPeers(),
    ...listed.filter((peer) => !wanted.has(keyOf(peer))).map(STATEMENTS.dropPeer),
    ...rowsOf(peers).map(STATEMENTS.putPeer),
    STATEMENTS.runPeers(),
  ];
}

/** What a resync works with. */
export interface ResyncOptions {
  readonly admin: Pick<AgentAdmin, "rows" | "rowsIfKnown">;
  readonly send: Send;
  /** Who is there, as far as that is known: they are listed beside those of the file. */
  readonly peers: readonly DesiredPeer[];
}

/**
 * Takes the list of cores from ProxySQL's file: first the file is loaded, which removes nothing and shows that it is good;
 * then what is neither in it nor among the peers is removed; only then the list is put into force. Stopped anywhere before
 * that, what runs is as before. Returns how many cores are listed.
 * @throws {AdminError} @throws {Stop}
 */
export async function resync({ admin, send, peers }: ResyncOptions): Promise<number> {
  const last = numberOf((await admin.rowsIfKnown(STATEMENTS.lastPeer()))?.[0]?.["last"]);
  const { affectedRows } = await send(STATEMENTS.loadPeers());
  if (affectedRows === 0) throw new Stop("its file lists no core", { untouched: true });
  const wanted = new Set(peers.map(keyOf));
  for (const peer of await notOfFile(admin, last)) {
    if (!wanted.has(keyOf(peer))) await send(STATEMENTS.dropPeer(peer));
  }
  const listed = new Set(peerRowsOf(await admin.rows(STATEMENTS.listedPeers())).map(keyOf));
  for (const peer of rowsOf(peers)) {
    if (!listed.has(keyOf(peer))) await send(STATEMENTS.putPeer(peer));
  }
  const count = (await admin.rows(STATEMENTS.listedPeers())).length;
  if (count === 0) throw new Stop("no core is listed any more: somebody else changes the list");
  await send(STATEMENTS.runPeers());
  return count;
}

/**
 * The rows that were there before the file was loaded, and were not loaded again: ProxySQL loads by INSERT OR REPLACE (read
 * in its source), so what comes from the file is numbered anew. Where no row is, they cannot be told apart, and all stay.
 */
async function notOfFile(
  admin: Pick<AgentAdmin, "rows">,
  last: number | undefined,
): Promise<readonly PeerRow[]> {
  if (last === undefined) return [];
  const [old, all] = [
    await admin.rows(STATEMENTS.peersUpTo(last)),
    await admin.rows(STATEMENTS.listedPeers()),
  ];
  return all.length > old.length ? peerRowsOf(old) : [];
}

function rowsOf(peers: readonly DesiredPeer[]): readonly PeerRow[] {
  return peers.filter(isPeerPlace).map(({ host, port, comment = "" }) => ({
    ...{ host, port, weight: 0 },
    comment: sendableComment(comment),
  }));
}

/** The list in force; for who may read statistics only it is what the metrics name. */
export async function peersInForce(
  admin: Pick<AgentAdmin, "rows">,
  metrics: readonly Row[],
): Promise<readonly PeerRow[]> {
  try {
    return peerRowsOf(await admin.rows(STATEMENTS.peersInForce()));
  } catch (error) {
    if (!(error instanceof AdminError) || error.kind !== "unknown") throw error;
    return peerRowsOf(metrics);
  }
}
