import { quoted } from "../text/nearest.ts";
import type { Address } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { TlsKeys } from "./levels.ts";
import type { DatabaseLevel } from "./schema.ts";

/** The address of a database; undefined if it is wrong, which is reported. */
export function addressOf(keys: DatabaseLevel, path: Path, problems: Problems): Address | undefined {
  const { host, port, socket } = keys;
  if (socket !== undefined) {
    if (host === undefined && port === undefined) return { socket };
    const other = host === undefined ? "port" : "host";
    problems.report(
      [...path, "socket"],
      `"${other}" and "socket" exclude each other: ${quoted(socket)}`,
      "key",
    );
    return undefined;
  }
  if (host !== undefined) return { host, port: port ?? DEFAULTS.port };
  if (isWrong(keys, "host") || isWrong(keys, "socket")) return undefined;
  problems.report(path, 'a key is missing: "host" or "socket"');
}

/** Reports TLS settings that contradict each other. */
export function checkTls(
  { mode, cert, key }: TlsKeys,
  { address, path, problems }: {
    readonly address: Address | undefined;
    readonly path: Path;
    readonly problems: Problems;
  },
): void {
  if (mode === "verify-identity" && address !== undefined && "host" in address && isIpAddress(address.host)) {
    problems.report(
      [...path, "host"],
      `"verify-identity" compares the host name, and this is an IP address: "${address.host}"`,
    );
  }
  const [present, missing] = cert === undefined ? [key, "ssl_cert"] : [cert, "ssl_key"];
  if (present !== undefined && (cert === undefined || key === undefined)) {
    problems.report(present.path, `this needs "${missing}" beside it: ${quoted(present.value)}`);
  }
}

/** Whether a host is written as an IP address. */
export function isIpAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(":");
}
