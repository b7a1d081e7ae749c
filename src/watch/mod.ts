export { keepJournal } from "./keep_journal.ts";
export { type Watch, watch, type WatchCounts, type WatchedDatabase, type WatchOptions } from "./watcher.ts";
