import { didYouMean, quoted } from "../text/nearest.ts";
import type { Path, Problems, ValueOf } from "../yaml/mod.ts";
import type { AdminConfig, ProvisionConfig } from "./config.ts";
import { isLoopback } from "./listen_keys.ts";
import { type admin, adminKeys, type provision, provisionKeys } from "./provision_keys.ts";

type WrittenProvision = ValueOf<typeof provision>;
type WrittenAdmin = ValueOf<typeof admin>;

/** What reading these keys needs. */
export interface ProvisionReading {
  readonly problems: Problems;
  readonly warnings: Problems;
  readonly databases: readonly string[] | undefined;
  placed(file: string): string;
}

const PATH = ["sharding"];

/** Reads the servers that wait for the group, and reports those that cannot be claimed. */
export function readStandbys(
  written: readonly (string | undefined)[] | undefined,
  shards: readonly string[],
  { problems, databases }: ProvisionReading,
): readonly string[] {
  const pool = (written ?? []).filter((name) => name !== undefined);
  for (const [index, name] of pool.entries()) {
    const path: Path = [...PATH, "pool", index];
    if (databases !== undefined && !databases.includes(name)) {
      problems.report(path, `no database has this name: ${quoted(name)}${didYouMean(name, databases, '"')}`);
    } else if (shards.includes(name)) {
      problems.report(path, `this one is a shard already, and no standby: ${quoted(name)}`);
    } else if (pool.indexOf(name) < index) {
      problems.report(path, `this standby is named twice: ${quoted(name)}`);
    }
  }
  return pool;
}

/** Reads how new servers are made; undefined where that is not said, or is wrong, which is reported. */
export function readProvision(
  written: WrittenProvision | undefined,
  { problems, warnings, placed }: ProvisionReading,
): ProvisionConfig | undefined {
  if (written === undefined) return undefined;
  const path = [...PATH, "provision"];
  const { http, exec, token_file: tokenFile, ca_file: caFile } = written;
  const common = {
    timeout: written.timeout ?? provisionKeys.timeout.default,
    destroy: written.destroy ?? provisionKeys.destroy.default,
  };
  if (http !== undefined && exec !== undefined) {
    problems.report(path, '"http" and "exec" exclude each other: a server is made by one of them');
  }
  for (const key of ["token_file", "ca_file"] as const) {
    if (exec !== undefined && http === undefined && Object.hasOwn(written, key)) {
      problems.report([...path, key], '"exec" sends nothing that this is for');
    }
  }
  if (http !== undefined) {
    if (tokenFile === undefined) {
      warnings.report(
        path,
        "anybody who can reach this service can make servers there: it is asked without a token",
      );
    }
    return {
      ...{ kind: "http", url: http, ...common },
      ...tokenFile !== undefined && { tokenFile: placed(tokenFile) },
      ...caFile !== undefined && { caFile: placed(caFile) },
    };
  }
  if (exec === undefined) return undefined;
  const fault = execFault(exec);
  if (fault !== undefined) warnings.report([...path, "exec"], fault);
  return { kind: "exec", program: exec, ...common };
}

/**
 * Why this process may not run a program; undefined: it may. Nobody is asked for it. The released binary may run
 * nothing.
 */
export function execFault(program: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "run", command: program });
  if (state === "granted") return undefined;
  return `this program may not run it here: \`coordinator\` needs a permission for it, --allow-run=${program}, ` +
    'with `deno run` or in a build of your own (docs/shards.md); or use "http", which needs none';
}

/** Reads where the coordinator is asked and told; beyond this host for those who show who they are. */
export function readAdmin(
  written: WrittenAdmin | undefined,
  { problems, placed }: ProvisionReading,
): AdminConfig {
  const { listen = adminKeys.listen.default, hosts = [], tokens_file: tokensFile, tls } = written ?? {};
  const missing = [
    ...tls === undefined ? ['"tls"'] : [],
    ...tokensFile === undefined && tls?.client_ca_file === undefined
      ? ['one of "tokens_file" and "tls.client_ca_file"']
      : [],
  ];
  if (!isLoopback(listen.host) && missing.length > 0) {
    problems.report(
      [...PATH, "admin", "listen"],
      "beyond this host it is served with TLS only, and for those who have a token or a certificate: " +
        `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing: ${quoted(listen.host)}`,
    );
  }
  return {
    listen,
    isWritten: written?.listen !== undefined,
    hosts: hosts.filter((name) => name !== undefined),
    ...tokensFile !== undefined && { tokensFile: placed(tokensFile) },
    ...tls?.cert_file !== undefined && tls.key_file !== undefined && {
      tls: {
        certFile: placed(tls.cert_file),
        keyFile: placed(tls.key_file),
        ...tls.client_ca_file !== undefined && { clientCaFile: placed(tls.client_ca_file) },
      },
    },
  };
}
