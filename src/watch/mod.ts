export { keepJournal } from "./keep_journal.ts";
export type { WatchCounts, WatchOptions } from "./options.ts";
export { type Watch, watch, type WatchedDatabase } from "./watcher.ts";
