import { join } from "node:path";
import { quoted } from "../text/nearest.ts";
import { formatQuantity } from "../language/mod.ts";
import { ioReason, isWrong, type Problems, type WrittenMapping } from "../yaml/mod.ts";
import { isIpAddress } from "./address.ts";
import type { ListenConfig, ProxysqlConfig, Tls } from "./config.ts";
import { hasToken, readServer } from "./listen.ts";
import { isLoopback, listenText } from "./listen_keys.ts";
import {
  addressText,
  drainKeys,
  dumpKeys,
  proxysqlKeys,
  readyKeys,
  type WrittenProxysql,
} from "./proxysql_keys.ts";
import type { SecretReading } from "./secret_source.ts";

interface Reading extends SecretReading {
  readonly warnings: Problems;
  /** The folder of what the program keeps. */
  readonly state: string;
}

/** How long a pod has to end unless it says otherwise (terminationGracePeriodSeconds), in milliseconds. */
const GRACE = 30_000;

/** The ProxySQL of a configuration; undefined where there is none, or where it is wrong, which is reported. */
export async function readProxysql(
  written: WrittenProxysql | undefined,
  reading: Reading,
): Promise<Omit<ProxysqlConfig, "admin" | "stats"> | undefined> {
  if (written?.address === undefined) return undefined;
  const { digests = {}, drain = {}, http = {} } = written;
  const { purge = dumpKeys.purge.default, folder, every } = digests;
  if (every !== undefined && folder === undefined && !isWrong(digests, "folder")) {
    reading.problems.report(["proxysql", "digests", "every"], 'dumps need a place: "folder" is missing');
  }
  const listen = await readHttp(http, reading);
  warnOfGrace(written, reading);
  if (typeof purge === "object" && digests.mode === "total") {
    const message =
      'digests are emptied after a dump of what came since the one before only: "mode" is "total"';
    reading.problems.report(["proxysql", "digests", "purge"], message);
  }
  const file = drain.file ?? drainKeys.file.default;
  return {
    address: written.address,
    tls: await readTls(written, reading),
    role: written.role ?? proxysqlKeys.role.default,
    timeout: written.timeout ?? proxysqlKeys.timeout.default,
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
      state: join(reading.state, "proxysql.sqlite"),
    },
    drain: {
      file: file === drainKeys.file.default ? join(reading.state, file) : reading.placed(file),
      delay: drain.delay ?? drainKeys.delay.default,
      timeout: drain.timeout ?? drainKeys.timeout.default,
      closeIdle: drain.close_idle ?? drainKeys.close_idle.default,
      shutdown: drain.shutdown ?? drainKeys.shutdown.default,
    },
    drainsAtEnd: written.drain !== undefined,
    drainsByGet: drain.http_get ?? drainKeys.http_get.default,
    backends: http.ready?.backends ?? readyKeys.backends.default,
    ...listen !== undefined && { http: listen },
    acts: join(reading.state, "proxysql-acts.jsonl"),
  };
}

/** Where its agent listens. Who is not on this host has to show a token, but for what a probe asks for. */
async function readHttp(
  http: NonNullable<WrittenProxysql["http"]>,
  reading: Reading,
): Promise<ListenConfig | undefined> {
  const path = ["proxysql", "http"];
  const { listen: address, ready: _, ...keys } = http;
  if (address === undefined) {
    const [useless] = Object.keys(keys);
    if (useless !== undefined && !isWrong(http, "listen")) {
      reading.problems.report([...path, useless], 'nothing is served: "listen" is missing');
    }
    return undefined;
  }
  const server = { ...keys, address };
  if (!isLoopback(address.host)) {
    if (!hasToken(server) && keys.tls?.client_ca_file === undefined) {
      const message = `beyond this host, all but GET /healthz needs a token: "token_file" is missing: ${
        quoted(listenText(address))
      }`;
      reading.problems.report([...path, "listen"], message);
    } else if (!Object.hasOwn(keys, "tls")) {
      const message = 'without "tls" the token can be read on its way, by whoever sees the network';
      reading.warnings.report([...path, "listen"], message);
    }
  }
  return await readServer(server, { path, reading });
}

/** A drain that takes longer than a pod has is cut off. How long this one has is nowhere to be read. */
function warnOfGrace({ drain }: WrittenProxysql, { environment, warnings }: Reading): void {
  if (drain === undefined || environment("KUBERNETES_SERVICE_HOST") === undefined) return;
  const timeout = drain.timeout ?? drainKeys.timeout.default;
  const all = timeout + (drain.delay ?? drainKeys.delay.default);
  if (all < GRACE) return;
  const text = formatQuantity({ type: "duration", value: all });
  warnings.report(
    ["proxysql", "drain"],
    `a pod has 30s to end, unless its terminationGracePeriodSeconds says more, and a drain may take ${text}`,
  );
}

async function readTls(
  { address, ssl_mode: mode = proxysqlKeys.ssl_mode.default, ssl_ca: ca }: WrittenProxysql,
  { problems, placed }: Reading,
): Promise<Tls> {
  if (mode === "verify-identity" && address !== undefined && "host" in address && isIpAddress(address.host)) {
    problems.report(
      ["proxysql", "address"],
      `"verify-identity" compares the host name, and this is an IP address: "${address.host}"`,
    );
  }
  if (ca === undefined) return { mode };
  try {
    return { mode, ca: await Deno.readTextFile(placed(ca)) };
  } catch (error) {
    problems.report(["proxysql", "ssl_ca"], `cannot read the file: ${ioReason(error)}: ${quoted(ca)}`);
    return { mode };
  }
}

/** A ProxySQL as it was understood, as a file would have it; of its accounts only the names. */
export interface ProxysqlReport extends WrittenMapping {
  readonly address: string;
  readonly ssl_mode: string;
  readonly role: string;
  readonly timeout: string;
  readonly user?: string;
  readonly stats_user?: string;
}

/** Reports how a ProxySQL was understood. */
export function proxysqlReport(config: ProxysqlConfig): ProxysqlReport {
  const { address, tls, role, digests, drain, backends, admin, stats, http } = config;
  const time = (value: number) => formatQuantity({ type: "duration", value });
  const size = (value: number) => formatQuantity({ type: "bytes", value });
  const { folder, format, mode, text, comments, purge } = digests;
  return {
    address: addressText(address),
    ssl_mode: tls.mode,
    role,
    timeout: time(config.timeout),
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
  };
}

/** In lines for people. */
export function describeProxysql(report: ProxysqlReport): readonly string[] {
  const { address, ssl_mode, role, timeout, user, stats_user, digests, drain, http } = report as
    & ProxysqlReport
    & Readonly<Record<"digests" | "drain" | "http", WrittenMapping>>;
  const who = [user, stats_user].filter((name) => name !== undefined);
  const { purge, ...dump } = digests;
  const { ready, ...served } = http;
  const words = (values: WrittenMapping) =>
    Object.entries(values).map(([key, value]) => `${key} ${String(value)}`).join(", ");
  return [
    `proxysql (${address}): role ${role}, timeout ${timeout}, ssl_mode ${ssl_mode}` +
    (who.length === 0 ? "" : `, as ${who.join(" and ")} with password ***`),
    `  digests: ${words(dump)}, purge ${
      typeof purge === "object" ? words(purge as WrittenMapping) : "never"
    }`,
    `  drain: ${words(drain)}`,
    `  ready: ${words(ready as WrittenMapping)}`,
    ...Object.keys(served).length === 0 ? [] : [`  http: ${words(served)}`],
  ];
}
