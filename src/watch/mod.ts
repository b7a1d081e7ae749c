export type { Look } from "./look.ts";
export { Observer } from "./observer.ts";
export { simulate, type SimulatedLook } from "./simulation.ts";
export { tasksOf } from "./needs.ts";
export { keepJournal } from "./keep_journal.ts";
export type { WatchCounts, WatchOptions } from "./options.ts";
export { type Watch, watch, type WatchedDatabase } from "./watcher.ts";
