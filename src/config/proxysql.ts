import { join } from "node:path";
import { quoted } from "../text/nearest.ts";
import { formatQuantity } from "../language/mod.ts";
import {
  ioReason,
  isWrong,
  type Path,
  type Problems,
  type Written,
  type WrittenMapping,
} from "../yaml/mod.ts";
import { isIpAddress } from "./address.ts";
import { readHttp, warnOfGrace } from "./agent_http.ts";
import type { ProxysqlConfig, StampConfig, Tls } from "./config.ts";
import { listenText } from "./listen_keys.ts";
import { describePlugins, pluginsReport, readPlugins } from "./plugins.ts";
import { checkPeers, readLeader, readPeers, writtenLeader, writtenPeers } from "./peers.ts";
import {
  addressText,
  drainKeys,
  dumpKeys,
  proxysqlKeys,
  readyKeys,
  stampKeys,
  type WrittenProxysql,
} from "./proxysql_keys.ts";
import type { SecretReading } from "./secret_source.ts";

interface Reading extends SecretReading {
  readonly warnings: Problems;
  /** The folder of what the program keeps. */
  readonly state: string;
  /** The names of all databases; undefined where these are not known. */
  readonly databases: readonly string[] | undefined;
}

const DEFAULT_NAME = proxysqlKeys.name.default;

/** A ProxySQL, before its accounts are read. */
export type ReadProxysql = Omit<ProxysqlConfig, "admin" | "stats">;

/** The ProxySQLs of a configuration. What is wrong is reported, and is not among them. */
export async function readProxies(
  written: readonly (WrittenProxysql | undefined)[] | undefined,
  reading: Reading,
): Promise<readonly ReadProxysql[]> {
  const isOne = written?.length === 1;
  const found = await Promise.all((written ?? []).map((each, index) => {
    // The path of the only one is good for both ways to write it: a place that is not there is that of what is above it.
    const path = isOne ? ["proxysql"] : ["proxysql", index];
    return readProxysql(each, { ...reading, path });
  }));
  const proxies = found.filter((each) => each !== undefined);
  for (const [index, { name }] of proxies.entries()) {
    const path = isOne ? ["proxysql", "name"] : ["proxysql", found.indexOf(proxies[index])];
    if (proxies.findIndex((other) => other.name === name) < index) {
      reading.problems.report(path, `another ProxySQL has this name: ${quoted(name)}`);
    }
    if (NONE.has(name)) {
      reading.problems.report(path, `a database is behind none where it says so: ${quoted(name)}`);
    }
  }
  return proxies;
}

/** What a database says that is behind none. */
export const NONE: ReadonlySet<string> = new Set(["off", "false"]);

async function readProxysql(
  written: WrittenProxysql | undefined,
  reading: Reading & { readonly path: Path },
): Promise<ReadProxysql | undefined> {
  if (written?.address === undefined) return undefined;
  const { name = DEFAULT_NAME, digests = {}, drain = {}, http = {} } = written;
  const { purge = dumpKeys.purge.default, folder, every } = digests;
  if (every !== undefined && folder === undefined && !isWrong(digests, "folder")) {
    reading.problems.report([...reading.path, "digests", "every"], 'dumps need a place: "folder" is missing');
  }
  const listen = await readHttp(http, reading);
  warnOfGrace(written, reading);
  if (typeof purge === "object" && digests.mode === "total") {
    const message =
      'digests are emptied after a dump of what came since the one before only: "mode" is "total"';
    reading.problems.report([...reading.path, "digests", "purge"], message);
  }
  checkPeers(written, reading);
  const peers = readPeers(written.peers, reading);
  const file = drain.file ?? drainKeys.file.default;
  // What is kept of the only one has kept its names from when it had none.
  const suffix = name === DEFAULT_NAME ? "" : `-${name}`;
  return {
    name,
    address: written.address,
    tls: await readTls(written, reading),
    role: written.role ?? proxysqlKeys.role.default,
    timeout: written.timeout ?? proxysqlKeys.timeout.default,
    interval: written.interval ?? proxysqlKeys.interval.default,
    missingAfter: written.missing_after ?? proxysqlKeys.missing_after.default,
    stamp: stampOf(written),
    digests: {
      ...folder !== undefined && { folder: reading.placed(folder) },
      format: digests.format ?? dumpKeys.format.default,
      ...every !== undefined && { every },
      mode: digests.mode ?? dumpKeys.mode.default,
      keep: digests.keep ?? dumpKeys.keep.default,
      maxSize: digests.max_size ?? dumpKeys.max_size.default,
      text: digests.text ?? dumpKeys.text.default,
      comments: digests.comments ?? dumpKeys.comments.default,
      ...typeof purge === "object" && purge.memory !== undefined && { purge: { memory: purge.memory } },
      state: join(reading.state, `proxysql${suffix}.sqlite`),
    },
    drain: {
      file: file === drainKeys.file.default ? join(reading.state, `${file}${suffix}`) : reading.placed(file),
      delay: drain.delay ?? drainKeys.delay.default,
      timeout: drain.timeout ?? drainKeys.timeout.default,
      closeIdle: drain.close_idle ?? drainKeys.close_idle.default,
      shutdown: drain.shutdown ?? drainKeys.shutdown.default,
    },
    drainsAtEnd: written.drain !== undefined,
    drainsByGet: drain.http_get ?? drainKeys.http_get.default,
    backends: http.ready?.backends ?? readyKeys.backends.default,
    ...listen !== undefined && { http: listen },
    acts: join(reading.state, `proxysql-acts${suffix}.jsonl`),
    plugins: readPlugins(written.plugins ?? [], reading),
    ...peers !== undefined && { peers },
    leader: readLeader(written.leader, { ...reading, peers }),
  };
}

function stampOf({ stamp = proxysqlKeys.stamp.default }: WrittenProxysql): StampConfig {
  if (typeof stamp === "string") return { at: stamp, prune: stampKeys.prune.default };
  return { at: stamp.at ?? stampKeys.at.default, prune: stamp.prune ?? stampKeys.prune.default };
}

async function readTls(
  { address, ssl_mode: mode = proxysqlKeys.ssl_mode.default, ssl_ca: ca }: WrittenProxysql,
  { problems, placed, path }: Reading & { readonly path: Path },
): Promise<Tls> {
  if (mode === "verify-identity" && address !== undefined && "host" in address && isIpAddress(address.host)) {
    problems.report(
      [...path, "address"],
      `"verify-identity" compares the host name, and this is an IP address: "${address.host}"`,
    );
  }
  if (ca === undefined) return { mode };
  try {
    return { mode, ca: await Deno.readTextFile(placed(ca)) };
  } catch (error) {
    problems.report([...path, "ssl_ca"], `cannot read the file: ${ioReason(error)}: ${quoted(ca)}`);
    return { mode };
  }
}

/** A ProxySQL as it was understood, as a file would have it; of its accounts only the names. */
export interface ProxysqlReport extends WrittenMapping {
  readonly name: string;
  readonly address: string;
  readonly ssl_mode: string;
  readonly role: string;
  readonly timeout: string;
  readonly interval: string;
  readonly missing_after: string;
  readonly user?: string;
  readonly stats_user?: string;
  readonly peers?: WrittenMapping;
  readonly leader: WrittenMapping | string;
  readonly stamp: WrittenMapping;
  readonly digests: WrittenMapping;
  readonly drain: WrittenMapping;
  readonly http: WrittenMapping;
}

/** Reports how a ProxySQL was understood. */
export function proxysqlReport(config: ProxysqlConfig): ProxysqlReport {
  const { name, address, tls, role, peers, leader, digests, drain, backends, admin, stats, http } = config;
  const time = (value: number) => formatQuantity({ type: "duration", value });
  const size = (value: number) => formatQuantity({ type: "bytes", value });
  const { folder, format, mode, text, comments, purge } = digests;
  return {
    name,
    address: addressText(address),
    ssl_mode: tls.mode,
    role,
    ...peers !== undefined && { peers: writtenPeers(peers) },
    leader: writtenLeader(leader),
    timeout: time(config.timeout),
    interval: time(config.interval),
    missing_after: time(config.missingAfter),
    stamp: { ...config.stamp },
    ...admin !== undefined && { user: admin.user },
    ...stats !== undefined && { stats_user: stats.user },
    digests: {
      ...folder !== undefined && { folder },
      ...digests.every !== undefined && { every: time(digests.every) },
      ...{ format, mode, keep: time(digests.keep), max_size: size(digests.maxSize), text, comments },
      purge: purge === undefined ? "never" : { memory: size(purge.memory) },
    },
    drain: {
      file: drain.file,
      delay: time(drain.delay),
      timeout: time(drain.timeout),
      close_idle: time(drain.closeIdle),
      shutdown: drain.shutdown,
      http_get: config.drainsByGet,
    },
    http: {
      ...http !== undefined && {
        listen: listenText(http.address),
        ...http.hosts.length > 0 && { hosts: http.hosts },
        ...http.hasToken && { token_file: "***" },
        ...http.hasTls && { tls: "***" },
      },
      ready: { backends },
    },
    ...config.plugins.length > 0 && { plugins: pluginsReport(config.plugins) },
  };
}

/** A value, and what is in it. */
function described(value: Written): string {
  if (Array.isArray(value)) return value.map(described).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, inner]) => `${key} ${described(inner!)}`).join(", ");
}

/** In lines for people. */
export function describeProxysql(report: ProxysqlReport): readonly string[] {
  const { name, address, ssl_mode, role, peers, leader, timeout, user, stats_user, stamp } = report;
  const { digests, drain, http } = report;
  const who = [user, stats_user].filter((name) => name !== undefined);
  const { purge, ...dump } = digests;
  const { ready, ...served } = http;
  const words = (values: WrittenMapping) =>
    Object.entries(values).map(([key, value]) => `${key} ${String(value)}`).join(", ");
  return [
    `${
      name === DEFAULT_NAME ? name : `proxysql ${name}`
    } (${address}): role ${role}, timeout ${timeout}, ssl_mode ${ssl_mode}` +
    (who.length === 0 ? "" : `, as ${who.join(" and ")} with password ***`),
    `  interval ${report.interval}, missing_after ${report.missing_after}, stamp: ${words(stamp)}`,
    ...peers === undefined ? [] : [`  peers: ${described(peers)}`],
    `  leader: ${described(leader)}`,
    `  digests: ${words(dump)}, purge ${
      typeof purge === "object" ? words(purge as WrittenMapping) : "never"
    }`,
    `  drain: ${words(drain)}`,
    `  ready: ${words(ready as WrittenMapping)}`,
    ...Object.keys(served).length === 0 ? [] : [`  http: ${words(served)}`],
    ...describePlugins(report["plugins"] as readonly WrittenMapping[] | undefined),
  ];
}
