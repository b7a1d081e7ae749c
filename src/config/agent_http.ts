import { formatQuantity } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { ListenConfig } from "./config.ts";
import { hasToken, readServer } from "./listen.ts";
import { isLoopback, listenText } from "./listen_keys.ts";
import { drainKeys, type WrittenProxysql } from "./proxysql_keys.ts";
import type { SecretReading } from "./secret_source.ts";

interface Reading extends SecretReading {
  readonly warnings: Problems;
  /** Of the ProxySQL. */
  readonly path: Path;
}

/** How long a pod has to end unless it says otherwise (terminationGracePeriodSeconds), in milliseconds. */
const GRACE = 30_000;

/** Where its agent listens. Who is not on this host has to show a token, but for what a probe asks for. */
export async function readHttp(
  http: NonNullable<WrittenProxysql["http"]>,
  reading: Reading,
): Promise<ListenConfig | undefined> {
  const path = [...reading.path, "http"];
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
export function warnOfGrace({ drain }: WrittenProxysql, { environment, warnings, path }: Reading): void {
  if (drain === undefined || environment("KUBERNETES_SERVICE_HOST") === undefined) return;
  const timeout = drain.timeout ?? drainKeys.timeout.default;
  const all = timeout + (drain.delay ?? drainKeys.delay.default);
  if (all < GRACE) return;
  const text = formatQuantity({ type: "duration", value: all });
  warnings.report(
    [...path, "drain"],
    `a pod has 30s to end, unless its terminationGracePeriodSeconds says more, and a drain may take ${text}`,
  );
}
