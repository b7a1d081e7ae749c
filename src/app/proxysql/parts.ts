import type { Clock } from "../../clock.ts";
import type { Config, ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Discovery, Leader } from "../../proxysql/agent/mod.ts";
import type { Plugins } from "../../proxysql/plugins/mod.ts";

export interface PartsOptions {
  readonly clock: Clock;
  environment(name: string): string | undefined;
  tell(event: ProxysqlEvent): void;
}

/** What an agent has where it is configured, and is loaded only then. */
export interface Parts {
  readonly leader?: Leader;
  readonly discovery?: Discovery;
  readonly plugins?: Plugins;
}

export async function partsOf(
  { proxysql }: { readonly proxysql: ProxysqlConfig; readonly databases: Config["databases"] },
  { clock, tell }: PartsOptions,
): Promise<Parts> {
  const { plugins } = proxysql;
  return {
    ...plugins.length > 0 && { plugins: await newPlugins(proxysql, { clock, tell }) },
  };
}

async function newPlugins(
  config: ProxysqlConfig,
  options: Pick<PartsOptions, "clock" | "tell">,
): Promise<Plugins> {
  const { Plugins } = await import("../../proxysql/plugins/mod.ts");
  return await Plugins.start(config, options);
}
