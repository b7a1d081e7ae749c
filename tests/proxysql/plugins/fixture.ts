import { systemClock } from "../../../src/clock.ts";
import type { PluginConfig } from "../../../src/config/mod.ts";
import { Plugins, type PluginsOptions, type PluginStatus } from "../../../src/proxysql/plugins/mod.ts";
import type { DumpRow } from "../../../src/proxysql/dump_column.ts";
import { Folder } from "../../config/folder.ts";

/** A plugin by its source, with what else its configuration has. */
export interface Written extends Partial<Omit<PluginConfig, "file">> {
  readonly source: string;
}

/** Plugins that are started, and what was told of them. */
export class Started implements AsyncDisposable {
  readonly plugins: Plugins;
  readonly told: string[];
  readonly folder: Folder;

  private constructor(plugins: Plugins, told: string[], folder: Folder) {
    this.plugins = plugins;
    this.told = told;
    this.folder = folder;
  }

  /** Starts plugins, which are called a, b, c. */
  static async of(
    written: readonly Written[],
    options: Partial<PluginsOptions> & { readonly hurry?: AbortSignal } = {},
  ): Promise<Started> {
    const name = (index: number) => `${"abc"[index]}.js`;
    const folder = await Folder.make(
      Object.fromEntries(written.map(({ source }, index) => [name(index), source])),
    );
    const told: string[] = [];
    const config = written.map(({ source: _source, ...more }, index): PluginConfig => ({
      ...{ file: folder.file(name(index)), net: [], timeout: 1000, text: "off" },
      ...more,
    }));
    const plugins = await Plugins.start(
      { address: { host: "127.0.0.1", port: 6032 }, plugins: config },
      {
        clock: systemClock,
        tell: ({ plugin, state, reason }) =>
          told.push(`${plugin} ${state}${reason === undefined ? "" : `: ${reason}`}`),
        ...options,
      },
    );
    return new Started(plugins, told, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.plugins[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

export const STATUS: PluginStatus = {
  proxysql: "127.0.0.1:6032",
  health: { probe: "ready", ok: true, reasons: [] },
};

/** A row of a dump. */
export function row(more: Partial<DumpRow> = {}): DumpRow {
  return {
    ...{ event_version: 1n, dump_id: "id", instance: "127.0.0.1:6032", pod: null, proxysql_version: "2.7.2" },
    ...{
      from: 1_800_000_000_000n,
      to: 1_800_000_060_000n,
      hostgroup: 10n,
      schema: "orders",
      username: "app",
    },
    ...{ client_address: "", digest: "0xabc", sniper_digest: "v1:0123456789abcdef", digest_text: "SELECT ?" },
    ...{ tags: "{}", count: 3n, count_total: 5n, time_us: 100n, time_us_total: 200n, min_time_us_total: 1n },
    ...{
      max_time_us_total: 2n,
      rows_affected: 0n,
      rows_sent: 3n,
      first_seen: 1n,
      last_seen: 2n,
      reset: false,
    },
    ...more,
  };
}
