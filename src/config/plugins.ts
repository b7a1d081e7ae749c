import { basename } from "node:path";
import { quoted } from "../text/nearest.ts";
import { formatQuantity } from "../language/mod.ts";
import type { Path, Problems, WrittenMapping } from "../yaml/mod.ts";
import type { PluginConfig } from "./config.ts";
import { pluginKeys, type WrittenPlugin } from "./plugin_keys.ts";

/** The plugins of a configuration, in order. One that is wrong is left out, which is reported. */
export function readPlugins(
  written: readonly (WrittenPlugin | undefined)[],
  { problems, path: proxy, placed }: {
    readonly problems: Problems;
    /** Of the ProxySQL. */
    readonly path: Path;
    placed(file: string): string;
  },
): readonly PluginConfig[] {
  const names = new Set<string>();
  return written.flatMap((plugin, index) => {
    if (plugin?.file === undefined) return [];
    const name = basename(plugin.file);
    const path = [...proxy, "plugins", index, "file"];
    if (!/\.m?js$/.test(name)) {
      problems.report(
        path,
        `expected a JavaScript module, a file that ends in ".js": ${quoted(plugin.file)}`,
      );
    } else if (names.has(name)) {
      problems.report(path, `another plugin has a file of this name: ${quoted(name)}`);
    }
    names.add(name);
    return [{
      file: placed(plugin.file),
      net: plugin.permissions?.net?.filter((place) => place !== undefined) ?? [],
      timeout: plugin.timeout ?? pluginKeys.timeout.default,
      text: plugin.text ?? pluginKeys.text.default,
    }];
  });
}

/** Plugins as a file would have them. */
export function pluginsReport(plugins: readonly PluginConfig[]): readonly WrittenMapping[] {
  return plugins.map(({ file, net, timeout, text }) => ({
    file,
    ...net.length > 0 && { permissions: { net } },
    timeout: formatQuantity({ type: "duration", value: timeout }),
    text,
  }));
}

/** In lines for people. */
export function describePlugins(plugins: readonly WrittenMapping[] = []): readonly string[] {
  return plugins.map(({ file, permissions, timeout, text }) => {
    const { net = [] } = (permissions ?? {}) as { readonly net?: readonly string[] };
    const may = net.length === 0 ? "no permission" : `may connect to ${net.join(", ")}`;
    return `  plugin: ${String(file)}, ${may}, timeout ${String(timeout)}, text ${String(text)}`;
  });
}
