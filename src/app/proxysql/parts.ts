import type { Clock } from "../../clock.ts";
import type { Config, PeersConfig, ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Discovery, Leader } from "../../proxysql/agent/mod.ts";
import type { Plugins } from "../../proxysql/plugins/mod.ts";
import { StartError } from "../start_error.ts";

export interface PartsOptions {
  readonly clock: Clock;
  /** The lead is not taken: only who has it is read. */
  readonly isDryRun: boolean;
  /** Once it is aborted, nobody waits for plugins to be loaded. */
  readonly hurry: AbortSignal;
  environment(name: string): string | undefined;
  tell(event: ProxysqlEvent): void;
}

/** What an agent has where it is configured, and is loaded only then. */
export interface Parts {
  readonly leader?: Leader;
  readonly discovery?: Discovery;
  readonly plugins?: Plugins;
}

/** @throws {StartError} The election cannot be held as configured. */
export async function partsOf(
  { proxysql, databases }: { readonly proxysql: ProxysqlConfig; readonly databases: Config["databases"] },
  { clock, isDryRun, hurry, environment, tell }: PartsOptions,
): Promise<Parts> {
  const { role, peers, plugins } = proxysql;
  const leader = role === "core"
    ? await newLeader(proxysql, { clock, isDryRun, environment, databases })
    : undefined;
  const discovery = role === "none" || peers === undefined ? undefined : await newDiscovery(peers, clock);
  return {
    ...leader !== undefined && { leader },
    ...discovery !== undefined && { discovery },
    ...plugins.length > 0 && { plugins: await newPlugins(proxysql, { clock, hurry, tell }) },
  };
}

/** Of parts that nobody uses. */
export async function disposeOf({ leader, discovery, plugins }: Parts): Promise<void> {
  await Promise.all([
    leader?.release(),
    discovery?.[Symbol.asyncDispose](),
    plugins?.[Symbol.asyncDispose](),
  ]);
}

async function newLeader(
  config: ProxysqlConfig,
  { environment, ...options }: Pick<PartsOptions, "clock" | "isDryRun" | "environment"> & {
    readonly databases: Config["databases"];
  },
): Promise<Leader> {
  const { agentIdentity, leaderOf } = await import("../../proxysql/agent/leader_of.ts");
  try {
    return leaderOf(config, { ...options, identity: agentIdentity(environment) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StartError(`proxysql.leader: ${error.message}`, { cause: error });
  }
}

async function newDiscovery(peers: PeersConfig, clock: Clock): Promise<Discovery> {
  const { discoveryOf } = await import("../../proxysql/agent/discovery_of.ts");
  return discoveryOf(peers, { clock });
}

async function newPlugins(
  config: ProxysqlConfig,
  options: Pick<PartsOptions, "clock" | "hurry" | "tell">,
): Promise<Plugins> {
  const { Plugins } = await import("../../proxysql/plugins/mod.ts");
  return await Plugins.start(config, options);
}
