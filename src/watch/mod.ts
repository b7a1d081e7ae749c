export { backoff } from "./backoff.ts";
export type { Evidence } from "./kept_looks.ts";
export { Metrics } from "./metrics.ts";
export { Opening } from "./opening.ts";
export type { WatchCounts, WatchOptions } from "./options.ts";
export { PauseFile } from "./pause.ts";
export { serverSource } from "./server_source.ts";
export { Sources } from "./sources.ts";
export { watch, type WatchedDatabase } from "./watcher.ts";
