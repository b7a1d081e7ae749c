export { type Watch, watch, type WatchCounts, type WatchedDatabase, type WatchOptions } from "./watcher.ts";
