import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent, PublicEvent } from "../../events/mod.ts";
import type { DumpRow, DumpType } from "../dump_column.ts";
import type { PluginStatus } from "./status.ts";

/** Columns that plugins add to a dump, by name, in order. */
export type PluginColumns = ReadonlyMap<string, DumpType>;

/** What plugins say of a row: a value for every column, null where the plugin gave none or could not be asked. */
export type PluginValues = Readonly<Record<string, string | bigint | boolean | null>>;

export interface PluginsOptions {
  readonly clock: Clock;
  /** Is told when a plugin started, failed or stopped, once per change. */
  tell(event: Extract<ProxysqlEvent, { readonly event: "proxysql-plugin" }>): void;
}

/** The plugins of an agent. Whatever they do, each call returns within the plugin's timeout, and none throws. */
export class Plugins implements AsyncDisposable {
  /** Loads all plugins. One that cannot be loaded is told of, and tried again later. */
  static start(
    _config: Pick<ProxysqlConfig, "address" | "plugins">,
    _options: PluginsOptions,
  ): Promise<Plugins> {
    return Promise.resolve(new Plugins());
  }

  /** Columns of plugins that were loaded once, also where they have failed since. */
  get columns(): PluginColumns {
    return new Map();
  }

  /** More reasons why ProxySQL is not well: none where no plugin has any, or none could be asked. */
  health(_status: PluginStatus): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** The values of these columns for each of the rows. */
  dumpColumns(rows: readonly DumpRow[], _columns: PluginColumns): Promise<readonly PluginValues[]> {
    return Promise.resolve(rows.map(() => ({})));
  }

  /** Hands an event over, and waits for nothing. */
  event(_event: PublicEvent | ProxysqlEvent): void {}

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
