export { Plugins, type PluginsOptions, type PluginValues } from "./plugins.ts";
export type { PluginStatus } from "./status.ts";
