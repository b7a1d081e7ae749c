import type { Row } from "../../connection/mod.ts";
import { isPeerPlace, type PeerPlace } from "../statement.ts";
import { type Peer, peerOf } from "../status.ts";
import { byName, numberOf, placeOf, textOf } from "../value.ts";

/** A row of the list of cores. */
export interface PeerRow extends PeerPlace {
  readonly weight: number;
  readonly comment: string;
}

/** What a core is compared by: names of hosts have no case. */
export function keyOf({ host, port }: PeerPlace): string {
  return placeOf(host.toLowerCase(), port);
}

/** The rows that can be named in a statement; others are left alone, whoever wrote them. */
export function peerRowsOf(rows: readonly Row[]): readonly PeerRow[] {
  return rows.map(({ hostname, port, weight, comment }) => ({
    host: textOf(hostname),
    port: numberOf(port) ?? 0,
    weight: numberOf(weight) ?? 0,
    comment: textOf(comment),
  })).filter(isPeerPlace);
}

/** The cores as the ProxySQL that lists them sees them, with addresses as {@linkcode keyOf} has them. */
export function peersSeen(
  metrics: readonly Row[],
  { missingAfter, pace }: { readonly missingAfter: number; readonly pace: readonly Row[] },
): readonly Peer[] {
  const after = Math.max(missingAfter, 1.5 * betweenMetrics(pace));
  return metrics.map((row) => peerOf({ ...row, hostname: textOf(row["hostname"]).toLowerCase() }, after));
}

/** A core that is well was silent for as long, since ProxySQL asks for metrics once in so many checks; in milliseconds. */
function betweenMetrics(pace: readonly Row[]): number {
  const values = byName(pace);
  const of = (name: string) => numberOf(values.get(`admin-cluster_check_${name}`)) ?? 0;
  return of("interval_ms") * of("status_frequency");
}
