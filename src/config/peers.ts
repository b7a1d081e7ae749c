import { didYouMean, quoted } from "../text/nearest.ts";
import { isWrong, type Path, type Problems, type WrittenMapping } from "../yaml/mod.ts";
import type { LeaderConfig, PeersConfig } from "./config.ts";
import { hostPortText } from "./host_port.ts";
import { leaderKeys, leaseKeys, peersKeys, type WrittenLeader, type WrittenPeers } from "./peers_keys.ts";

interface Reading {
  readonly problems: Problems;
  /** Of the ProxySQL. */
  readonly path: Path;
  /** The names of all databases; undefined where these are not known. */
  readonly databases: readonly string[] | undefined;
}

/** Of each only one is meant. */
const SOURCES = ["kubernetes", "dns", "static"] as const;

/** Where it is told which cores there are; undefined where nothing is said, or where it is wrong, which is reported. */
export function readPeers(
  written: WrittenPeers | undefined,
  { problems, path }: Pick<Reading, "problems" | "path">,
): PeersConfig | undefined {
  if (written === undefined) return undefined;
  const named = SOURCES.filter((source) => Object.hasOwn(written, source));
  if (named.length > 1) {
    problems.report(
      [...path, "peers", named[1]!],
      `"${named[0]}" and "${named[1]}" exclude each other`,
      "key",
    );
    return undefined;
  }
  const { kubernetes, dns, port = peersKeys.port.default } = written;
  if (kubernetes?.selector !== undefined) {
    const { namespace, selector } = kubernetes;
    return { kind: "kubernetes", ...namespace !== undefined && { namespace }, selector, port };
  }
  if (dns !== undefined) return { kind: "dns", name: dns, port };
  return written.static === undefined ? undefined : readStatic(written, { problems, path });
}

function readStatic(
  written: WrittenPeers,
  { problems, path }: Pick<Reading, "problems" | "path">,
): PeersConfig | undefined {
  if (written.port !== undefined) {
    problems.report([...path, "peers", "port"], 'each address under "static" has its port', "key");
  }
  const peers = (written.static ?? []).filter((peer) => peer !== undefined);
  const texts = peers.map((peer) => hostPortText(peer).toLowerCase());
  for (const [index, text] of texts.entries()) {
    if (texts.indexOf(text) === index) continue;
    problems.report([...path, "peers", "static", index], `this core is named twice: ${quoted(text)}`);
  }
  return peers.length === 0 ? undefined : { kind: "static", peers };
}

/** Which agent may write. Where nothing is said, none, unless Kubernetes is asked already. */
export function readLeader(
  written: WrittenLeader | undefined,
  { problems, path, databases, peers }: Reading & { readonly peers: PeersConfig | undefined },
): LeaderConfig {
  const inKubernetes = peers?.kind === "kubernetes";
  if (written === undefined) written = inKubernetes ? "kubernetes" : "never";
  if (written === "always" || written === "never") return { kind: written };
  if (written === "kubernetes") written = { kubernetes: {} };
  const { kubernetes, database, lock } = written;
  if (kubernetes !== undefined) {
    const other = Object.hasOwn(written, "database") ? "database" : lock === undefined ? undefined : "lock";
    if (other !== undefined) {
      problems.report([...path, "leader", other], `"kubernetes" and "${other}" exclude each other`, "key");
    }
    const namespace = kubernetes.namespace ?? (inKubernetes ? peers.namespace : undefined);
    return {
      kind: "kubernetes",
      ...namespace !== undefined && { namespace },
      lease: kubernetes.lease ?? leaseKeys.lease.default,
    };
  }
  if (database === undefined) return { kind: "never" };
  if (databases !== undefined && !databases.includes(database)) {
    const near = didYouMean(database, databases, '"');
    problems.report([...path, "leader", "database"], `no database has this name: ${quoted(database)}${near}`);
  }
  return { kind: "database", database, lock: lock ?? leaderKeys.lock.default };
}

/** Reports a core that nobody tells of the others. */
export function checkPeers(
  written: { readonly role?: string | undefined; readonly peers?: WrittenPeers | undefined },
  { problems, path }: Pick<Reading, "problems" | "path">,
): void {
  if (written.role !== "core" || written.peers !== undefined || isWrong(written, "peers")) return;
  problems.report([...path, "role"], 'a core needs "peers", which tells it of the others: "core"');
}

/** What was read, as a file would have it. */
export function writtenPeers(peers: PeersConfig): WrittenMapping {
  switch (peers.kind) {
    case "kubernetes": {
      const { namespace, selector, port } = peers;
      return { kubernetes: { ...namespace !== undefined && { namespace }, selector }, port };
    }
    case "dns":
      return { dns: peers.name, port: peers.port };
    case "static":
      return { static: peers.peers.map(hostPortText) };
  }
}

/** What was read, as a file would have it. */
export function writtenLeader(leader: LeaderConfig): WrittenMapping | string {
  switch (leader.kind) {
    case "kubernetes": {
      const { namespace, lease } = leader;
      return { kubernetes: { ...namespace !== undefined && { namespace }, lease } };
    }
    case "database":
      return { database: leader.database, lock: leader.lock };
    default:
      return leader.kind;
  }
}
