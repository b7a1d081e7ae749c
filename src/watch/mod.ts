export { backoff } from "./backoff.ts";
export type { Evidence } from "./kept_looks.ts";
export { Opening } from "./opening.ts";
export type { WatchCounts } from "./options.ts";
export { PauseFile } from "./pause.ts";
export { type Watch, watch } from "./watcher.ts";
