import { ConfigError, formatProblem, formatWarning, type LocatedProblem } from "../../../yaml/mod.ts";
import {
  type Alias,
  type ChannelConfig,
  type Config,
  type DatabaseConfigReport,
  databaseReports,
  describeDatabase,
  describeGrowth,
  describeProxysql,
  type Exempt,
  type GrowthReport,
  growthReport,
  type ListenConfig,
  listenText,
  loadConfig,
  type ProxysqlReport,
  proxysqlReport,
  summarize,
} from "../../../config/mod.ts";
import { systemClock } from "../../../clock.ts";
import { formatQuantity } from "../../../language/mod.ts";
import { DATABASE_DOMAIN } from "../../../mysql/mod.ts";
import { SHARD_VOCABULARY } from "../../shard_vocabulary.ts";
import { findConfigFile } from "../../config_file.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";

/** The result for one file: one line of `--format json`. */
interface Validation {
  readonly file: string;
  readonly valid: boolean;
  readonly errors: readonly LocatedProblem[];
  /** Empty if there are errors. */
  readonly warnings: readonly LocatedProblem[];
  /** The files that it includes. */
  readonly included: readonly string[];
  /** `off` if there is none. */
  readonly journal?: string;
  /** Of the journal; absent if there is none. */
  readonly retention?: { readonly keep: string; readonly max_size: string };
  /** Absent: no evidence is kept. */
  readonly evidence?: { readonly folder: string; readonly keep: string };
  readonly log?: { readonly sql: string };
  readonly exempt?: readonly Exempt[];
  readonly aliases?: readonly Alias[];
  /** Without their destinations. */
  readonly notify?: readonly ChannelReport[];
  /** Absent: nothing is served. */
  readonly listen?: ListenReport;
  /** Absent: there is none. */
  readonly proxysql?: ProxysqlReport | readonly ProxysqlReport[];
  /** Absent: there are no shards. */
  readonly sharding?: GrowthReport;
  readonly databases: readonly DatabaseConfigReport[];
}

/** A channel without its destination. */
type ChannelReport = Omit<ChannelConfig, "to" | "every"> & { readonly every: string };

function channelReport({ to: _to, every, ...channel }: ChannelConfig): ChannelReport {
  return { ...channel, every: formatQuantity({ type: "duration", value: every }) };
}

/** Where it listens and who is let in, without any secret. */
interface ListenReport {
  readonly address: string;
  readonly hosts: readonly string[];
  readonly tls: boolean;
  readonly token: boolean;
  readonly client_certificates: boolean;
}

function listenReport(
  { address, hosts, hasTls, hasToken, hasClientCertificates }: ListenConfig,
): ListenReport {
  return {
    ...{ address: listenText(address), hosts, tls: hasTls, token: hasToken },
    client_certificates: hasClientCertificates,
  };
}

function listenLine({ address, hosts, tls, token, client_certificates }: ListenReport): string {
  const needs = [...client_certificates ? ["a client certificate"] : [], ...token ? ["a token"] : []];
  const named = hosts.length === 0 ? "" : `, as ${hosts.join(", ")}`;
  return `listen: ${tls ? "https" : "http"}://${address}${named}, for ${
    needs.length === 0 ? "anybody on this host" : `who has ${needs.join(" and ")}`
  }`;
}

/** `query-sniper validate-config`. */
export const validateConfig: Run = async (invocation, terminal) => {
  const files = invocation.arguments.length > 0
    ? invocation.arguments
    : [await findConfigFile(invocation, terminal)];
  const { options } = invocation;
  const place = options.get("place");
  if (place !== undefined && files.length > 1) {
    throw new UsageError(`--place is of one FILE: there are ${files.length}`);
  }
  const verbose = options.has("verbose");
  let valid = true;
  for (const file of files) {
    const validation = await validate(file, { ...terminal, ...place !== undefined && { place } });
    if (options.get("format") === "json") terminal.print(JSON.stringify(validation));
    else printText(validation, { terminal, verbose });
    valid &&= validation.valid;
  }
  return valid ? 0 : 2;
};

/** The only one by itself, as a file may have it. */
function oneOrList<T>(all: readonly T[]): T | readonly T[] {
  return all.length === 1 ? all[0]! : all;
}

async function validate(
  file: string,
  { environment, place }: Pick<Terminal, "environment"> & { readonly place?: string },
): Promise<Validation> {
  try {
    const options = {
      environment,
      domain: DATABASE_DOMAIN,
      shards: SHARD_VOCABULARY,
      credentials: "if-present",
      thorough: true,
      now: systemClock.wall(),
      ...place !== undefined && { place },
    } as const;
    const { config, warnings, included } = await loadConfig(file, options);
    const { journal = "off", sql, exempt, aliases, proxies, sharding } = config;
    const notify = config.notify.map(channelReport);
    const listen = config.listen && listenReport(config.listen);
    return {
      file,
      valid: true,
      errors: [],
      warnings,
      included,
      journal,
      ...filesKept(config),
      log: { sql },
      ...exempt.length > 0 && { exempt },
      ...aliases.length > 0 && { aliases },
      ...notify.length > 0 && { notify },
      ...listen && { listen },
      ...proxies.length > 0 && { proxysql: oneOrList(proxies.map(proxysqlReport)) },
      ...sharding !== undefined && { sharding: growthReport(sharding) },
      databases: databaseReports(config),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, valid: false, errors: error.problems, warnings: [], included: [], databases: [] };
  }
}

/** What is kept beside the log, as it could be written. */
function filesKept(
  { journal, retention, evidence }: Config,
): Pick<Validation, "retention" | "evidence"> {
  const age = (value: number) => formatQuantity({ type: "duration", value });
  const size = (value: number) => formatQuantity({ type: "bytes", value });
  return {
    ...journal !== undefined &&
      { retention: { keep: age(retention.keep), max_size: size(retention.maxSize) } },
    ...evidence !== undefined && { evidence: { folder: evidence.folder, keep: age(evidence.keep) } },
  };
}

/** Up to this many databases are printed in full; more are summarized. */
const FEW = 3;

/** Problems go to standard error, and how the file was understood to standard output. */
function printText(
  {
    file,
    valid,
    errors,
    warnings,
    included,
    journal,
    retention,
    evidence,
    log,
    exempt,
    aliases,
    notify,
    listen,
    proxysql,
    sharding,
    databases,
  }: Validation,
  { terminal, verbose }: { readonly terminal: Terminal; readonly verbose: boolean },
) {
  for (const error of errors) terminal.warn(formatProblem(error));
  for (const warning of warnings) terminal.warn(formatWarning(warning));
  if (!valid) return;
  const lines = [
    `${file}: valid`,
    ...included.map((name) => `included: ${name}`),
    `journal: ${journal}${
      retention === undefined ? "" : `, kept for ${retention.keep} and up to ${retention.max_size}`
    }`,
    ...evidence === undefined
      ? []
      : [`evidence: ${evidence.folder}, the last ${evidence.keep} before a kill`],
    ...log?.sql === "raw" ? ["log: raw SQL"] : [],
    ...(exempt ?? []).map(({ by, value, owner, until }) =>
      `exempt: ${by} ${value}, ${owner}${until === undefined ? "" : `, until ${until}`}`
    ),
    ...(aliases ?? []).map(({ digest, same_as }) => `alias: ${same_as.join(", ")} counts as ${digest}`),
    ...(notify ?? []).map(({ name, kind, on, databases, every }) =>
      `notify: ${name} by ${kind} of ${on.join(", ")} on ${
        databases.join(", ")
      }, a message every ${every} at most`
    ),
    ...listen === undefined ? [] : [listenLine(listen)],
    ...[proxysql ?? []].flat().flatMap(describeProxysql),
    ...sharding === undefined ? [] : describeGrowth(sharding),
    ...verbose || databases.length <= FEW ? databases.flatMap(describeDatabase) : summarize(databases),
  ];
  terminal.print(...lines);
}
