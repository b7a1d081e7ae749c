import { CHECKSUMS } from "./tables.ts";
import { type Given, type ProxyOptions, ProxyState } from "./proxy_state.ts";
import { ProxysqlStandIn } from "./stand_in.ts";

/** Checks that have to differ before somebody copies (admin-cluster_*_diffs_before_sync). */
const DIFFS = 3;

/** How a peer is seen by another one. */
interface Seen {
  diffs: number;
  uptime: number;
  lastCheck: number;
}

/**
 * Several stand-ins that copy from each other as ProxySQL's cluster does: whoever lists a peer asks it, and takes what it
 * has if its version is above 1, its epoch newer or its own version still 1, and its checksum another one for three
 * checks. Nothing happens by itself: each `tick()` is one interval.
 */
export class ProxysqlCluster implements AsyncDisposable {
  readonly cores: readonly ProxysqlStandIn[];
  readonly satellites: readonly ProxysqlStandIn[];
  readonly #seen = new Map<string, Seen>();

  private constructor(cores: readonly ProxysqlStandIn[], satellites: readonly ProxysqlStandIn[]) {
    this.cores = cores;
    this.satellites = satellites;
  }

  /** Starts so many; all of them list the cores. */
  static async start(
    { cores = 2, satellites = 1 }: { readonly cores?: number; readonly satellites?: number } = {},
    options: ProxyOptions = {},
  ): Promise<ProxysqlCluster> {
    const many = (count: number) =>
      Promise.all(Array.from({ length: count }, () => ProxysqlStandIn.start(options)));
    const cluster = new ProxysqlCluster(await many(cores), await many(satellites));
    for (const proxy of cluster.all) {
      // Right after it is loaded nobody of the list was reached yet.
      proxy.onLoadPeers = () => cluster.#forget(proxy);
      for (const { port } of cluster.cores) {
        const peer = { hostname: "127.0.0.1", port };
        proxy.add("proxysql_servers", peer);
        proxy.add("runtime_proxysql_servers", peer);
      }
    }
    return cluster;
  }

  get all(): readonly ProxysqlStandIn[] {
    return [...this.cores, ...this.satellites];
  }

  /** One interval of a second: everybody asks the peers that it lists. */
  tick(seconds = 1): void {
    for (let second = 1; second <= seconds; second++) {
      for (const proxy of this.all) {
        // What it sees is read at the end only.
        if (proxy.isUp && !proxy.behaviour.frozen) this.#ask(proxy, second === seconds);
      }
    }
  }

  #ask(proxy: ProxysqlStandIn, isShown: boolean): void {
    const peers = proxy.tables.prepare("SELECT hostname, port FROM runtime_proxysql_servers").all();
    if (isShown) {
      proxy.tables.exec(
        "DELETE FROM stats_proxysql_servers_checksums; DELETE FROM stats_proxysql_servers_metrics",
      );
    }
    for (const { hostname, port } of peers) {
      const peer = this.all.find((each) => hostname === "127.0.0.1" && each.port === Number(port));
      const seen = this.#seenBy(proxy, Number(port), String(hostname));
      const answers = peer !== undefined && peer.isUp && !peer.behaviour.frozen;
      seen.lastCheck = answers ? 0 : seen.lastCheck + 1000;
      if (answers) seen.uptime = Math.max(1, Math.floor((proxy.now() - peer.startedAt) / 1000));
      if (answers) this.#compare(proxy, { peer, isShown });
      if (!isShown) continue;
      proxy.add("stats_proxysql_servers_metrics", {
        ...{ hostname, port, weight: 0, comment: "", response_time_ms: 1, Queries: 0 } as Given,
        ...{ Client_Connections_connected: 0, Client_Connections_created: 0 },
        ...{ Uptime_s: seen.uptime, last_check_ms: seen.lastCheck },
      });
    }
  }

  #compare(
    proxy: ProxysqlStandIn,
    { peer, isShown }: { readonly peer: ProxysqlStandIn; readonly isShown: boolean },
  ): void {
    const now = Math.floor(proxy.now() / 1000);
    for (const name of CHECKSUMS) {
      const [own, other] = [proxy.checksumOf(name), peer.checksumOf(name)];
      const seen = this.#seenBy(proxy, peer.port, name);
      seen.diffs = own.checksum === other.checksum ? 0 : seen.diffs + 1;
      if (isShown) {
        proxy.add("stats_proxysql_servers_checksums", {
          ...{ hostname: "127.0.0.1", port: peer.port, name, ...other, changed_at: now, updated_at: now },
          diff_check: seen.diffs,
        });
      }
      const isNewer = own.version === 1 || other.epoch > own.epoch;
      if (seen.diffs < DIFFS || other.version <= 1 || !isNewer) continue;
      proxy.adopt(name, peer.inForce(name.replace(/_v2$/, "")), other);
    }
  }

  #forget(proxy: ProxysqlStandIn): void {
    for (const key of this.#seen.keys()) if (key.startsWith(`${proxy.port} `)) this.#seen.delete(key);
  }

  #seenBy(proxy: ProxyState & { readonly port: number }, port: number, name = ""): Seen {
    const key = `${proxy.port} ${port} ${name}`;
    // A peer that was never reached: its last check is the time since the machine began.
    const seen = this.#seen.get(key) ?? { diffs: 0, uptime: 0, lastCheck: 5_000_000 };
    this.#seen.set(key, seen);
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
