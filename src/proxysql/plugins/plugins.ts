import type { Clock } from "../../clock.ts";
import { addressText, type ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent, PublicEvent } from "../../events/mod.ts";
import { type ColumnTypes, DUMP_TYPES, type DumpRow, writtenRow } from "../dump_column.ts";
import { jsonOf } from "../value.ts";
import { type Exported, type PluginValue, readCells, readReasons } from "./answer.ts";
import { Plugin } from "./plugin.ts";
import type { PluginStatus } from "./status.ts";

/** What plugins say of the rows of a dump. */
export interface PluginValues {
  /** A value for every column, of each row; null where the plugin gave none, or could not be asked. */
  readonly rows: readonly Readonly<Record<string, PluginValue>>[];
  /** For how many rows a plugin could not be asked. */
  readonly missing: number;
}

export interface PluginsOptions {
  readonly clock: Clock;
  /** Is told when a plugin started, failed or stopped, once per change. */
  tell(event: Extract<ProxysqlEvent, { readonly event: "proxysql-plugin" }>): void;
}

/** Rows that a plugin gets at once. */
const BATCH = 500;

/** Events that wait for a plugin; of more the oldest are dropped. */
const MOST_EVENTS = 1000;

/** The columns that plugins are handed, unless they may see texts. */
const WITHOUT_TEXTS: ColumnTypes = new Map(
  [...DUMP_TYPES].filter(([name]) => name !== "digest_text" && name !== "tags"),
);

/** A plugin with what is kept of it while it is not there. */
interface Kept {
  readonly plugin: Plugin;
  /** Since it was loaded first. */
  columns: ColumnTypes;
  readonly events: string[];
  dropped: number;
  isTelling: boolean;
  /** Settles once it was loaded first, or could not be. */
  readonly tried: PromiseWithResolvers<void>;
}

/** The plugins of an agent. Whatever they do, each call returns in time, and none throws. */
export class Plugins implements AsyncDisposable {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #kept: readonly Kept[];

  private constructor(config: Pick<ProxysqlConfig, "address" | "plugins">, { clock, tell }: PluginsOptions) {
    this.#address = addressText(config.address);
    this.#clock = clock;
    this.#kept = config.plugins.map((plugin, index) => ({
      plugin: new Plugin(plugin, {
        clock,
        tell: (change) => tell({ event: "proxysql-plugin", proxysql: this.#address, ...change }),
        accept: (exported) => this.#accept(index, exported),
      }),
      ...{ columns: new Map(), events: [], dropped: 0, isTelling: false },
      tried: Promise.withResolvers<void>(),
    }));
  }

  /**
   * Loads all plugins, beside each other. One that cannot be loaded is told of, and tried again later.
   * @param options `hurry`: once it is aborted, nobody waits for those that are still loaded.
   */
  static async start(
    config: Pick<ProxysqlConfig, "address" | "plugins">,
    { hurry, ...options }: PluginsOptions & { readonly hurry?: AbortSignal | undefined },
  ): Promise<Plugins> {
    const plugins = new Plugins(config, options);
    const loaded = Promise.all(
      plugins.#kept.map(({ plugin, tried }) => plugin.start().finally(tried.resolve)),
    );
    const hurried = Promise.withResolvers<void>();
    hurry?.addEventListener("abort", () => hurried.resolve(), { once: true });
    if (hurry?.aborted !== true) await Promise.race([loaded, hurried.promise]);
    return plugins;
  }

  /** Columns of plugins that were loaded once, also where they have failed since. */
  get columns(): ColumnTypes {
    return new Map(this.#kept.flatMap(({ columns }) => [...columns]));
  }

  /** How many events plugins never got: they were too slow, or had failed. */
  get droppedEvents(): number {
    return this.#kept.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  /** More reasons why ProxySQL is not well: none where no plugin has any, or none could be asked. */
  async health(status: PluginStatus): Promise<readonly string[]> {
    const reasons = await Promise.all(this.#kept.map(async ({ plugin }) => {
      const found = await plugin.call("health", () => jsonOf(status), readReasons);
      return (found ?? []).map((reason) => `${plugin.name}: ${reason}`);
    }));
    return reasons.flat();
  }

  /**
   * The values of these columns for each of the rows.
   * @param columns As they were when the dump began.
   */
  async dumpColumns(rows: readonly DumpRow[], columns: ColumnTypes): Promise<PluginValues> {
    const none = Object.fromEntries([...columns.keys()].map((name) => [name, null]));
    const values: Record<string, PluginValue>[] = rows.map(() => ({ ...none }));
    const missing = new Set<number>();
    await Promise.all(this.#kept.map(async (kept) => {
      const names = [...kept.columns.keys()];
      if (!names.some((name) => columns.has(name))) return;
      for (let from = 0; from < rows.length; from += BATCH) {
        const batch = rows.slice(from, from + BATCH);
        const table = await this.#cells(kept, batch);
        batch.forEach((_row, at) => {
          const cells = table?.[at];
          if (cells === undefined) missing.add(from + at);
          else names.forEach((name, column) => void (values[from + at]![name] = cells[column]!));
        });
      }
    }));
    return { rows: values, missing: missing.size };
  }

  /** Hands an event over, and waits for nothing. What happens to plugins is no news for them. */
  event(event: PublicEvent | ProxysqlEvent): void {
    if (event.event === "proxysql-plugin") return;
    const json = jsonOf({ at: new Date(this.#clock.wall()).toISOString(), ...withoutText(event) });
    for (const kept of this.#kept) {
      if (!kept.plugin.can("event")) continue;
      if (kept.events.push(json) > MOST_EVENTS) {
        kept.events.shift();
        kept.dropped++;
      }
      if (!kept.isTelling) void this.#tellAll(kept);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kept.map(({ plugin }) => plugin[Symbol.asyncDispose]()));
  }

  async #tellAll(kept: Kept): Promise<void> {
    kept.isTelling = true;
    for (let json; (json = kept.events.shift()) !== undefined;) {
      const event = json;
      const isTaken = await kept.plugin.call("event", () => event, () => true);
      if (isTaken !== true) kept.dropped++;
    }
    kept.isTelling = false;
  }

  async #cells({ plugin, columns }: Kept, rows: readonly DumpRow[]) {
    const handed = plugin.config.text === "digest" ? DUMP_TYPES : WITHOUT_TEXTS;
    // Without the names in each row: they are half of it.
    const json = () =>
      jsonOf({
        names: [...handed.keys()],
        rows: rows.map((row) => Object.values(writtenRow(row, handed))),
        types: Object.fromEntries(columns),
      });
    return await plugin.call(
      "dumpColumns",
      json,
      (answer) => readCells(answer, { rows: rows.length, columns }),
    );
  }

  /** The columns of a plugin are its own, and the same ones as long as the program runs: a dump's format is stable. */
  async #accept(index: number, { columns }: Exported): Promise<string | undefined> {
    // Of two with the same column the first one has it, at each start.
    await Promise.all(this.#kept.slice(0, index).map(({ tried }) => tried.promise));
    const own = this.#kept[index]!;
    if (own.columns.size > 0) {
      return JSON.stringify([...columns]) === JSON.stringify([...own.columns])
        ? undefined
        : "its columns are other ones than before: start the agent again";
    }
    const others = this.#kept.filter((kept) => kept !== own);
    const taken = [...columns.keys()].find((name) => others.some((other) => other.columns.has(name)));
    if (taken !== undefined) return `another plugin has this column: "${taken}"`;
    own.columns = columns;
  }
}

/** Without the text itself, which events have where the configuration asks for it. */
function withoutText(event: PublicEvent | ProxysqlEvent): PublicEvent | ProxysqlEvent {
  if (!("statement" in event) || event.statement === undefined) return event;
  const { sql: _sql, ...statement } = event.statement;
  return { ...event, statement };
}
