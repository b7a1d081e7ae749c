import type { Peer } from "../status.ts";

/** What became of a core. */
export interface PeerChange {
  readonly state: "joined" | "left" | "silent" | "back";
  readonly peer: string;
  readonly reason?: string;
}

/** Notices which cores join and leave the list, fall silent, and are back. */
export class PeerWatch {
  #known: ReadonlySet<string> | undefined;
  readonly #silent = new Set<string>();

  /**
   * What has changed since the call before; the first one only looks who is listed.
   * @param listed The list in force: what ProxySQL has measured follows it late, and would tell the same twice.
   */
  changes(listed: readonly string[], peers: readonly Peer[]): readonly PeerChange[] {
    return [
      ...this.#list(listed),
      ...peers.filter(({ address }) => this.#known?.has(address)).flatMap((peer) => this.#change(peer)),
    ];
  }

  #list(listed: readonly string[]): readonly PeerChange[] {
    const [before, now] = [this.#known, new Set(listed)];
    this.#known = now;
    for (const peer of this.#silent) if (!now.has(peer)) this.#silent.delete(peer);
    if (before === undefined) return [];
    return [
      ...[...now].filter((peer) => !before.has(peer)).map((peer) => ({ state: "joined" as const, peer })),
      ...[...before].filter((peer) => !now.has(peer)).map((peer) => ({ state: "left" as const, peer })),
    ];
  }

  #change({ address: peer, state, last_check_ms: ago }: Peer): readonly PeerChange[] {
    if (state === "silent" && !this.#silent.has(peer)) {
      this.#silent.add(peer);
      return [{ state: "silent", peer, reason: `its last answer was ${Math.round((ago ?? 0) / 1000)}s ago` }];
    }
    return state === "up" && this.#silent.delete(peer) ? [{ state: "back", peer }] : [];
  }
}
