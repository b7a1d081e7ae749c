import type { Row } from "../../connection/mod.ts";
import { isPeerPlace, type PeerPlace } from "../statement.ts";
import { numberOf, placeOf, textOf } from "../value.ts";
import type { AgentPeer } from "./status.ts";

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

/** A core as the ProxySQL that lists it sees it; `missingAfter` in milliseconds. */
export function agentPeerOf(
  { hostname, port, Uptime_s, last_check_ms }: Row,
  missingAfter: number,
): AgentPeer {
  const [uptime, ago] = [numberOf(Uptime_s) ?? null, numberOf(last_check_ms) ?? null];
  // Of one that has not answered since the list was loaded, the last check is the time since the machine began.
  const state = uptime === null || uptime <= 0
    ? "unreached"
    : ago !== null && ago > missingAfter
    ? "missing"
    : "up";
  return {
    address: placeOf(textOf(hostname).toLowerCase(), port),
    state,
    uptime_s: uptime,
    last_check_ms: ago,
  };
}
