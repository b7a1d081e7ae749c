export { backoff } from "./backoff.ts";
export type { EvidenceStore } from "./evidence_store.ts";
export { ConnectPacing } from "./connect_pacing.ts";
export { type LookObserver, type SeenLook, seenLook } from "./look_observer.ts";
export type { WatchCounts } from "./options.ts";
export { Pauses } from "./pause.ts";
export { type ListedPause, type WrittenPause, writtenPause } from "./pause_list.ts";
export { type PauseChange, type PauseState, pauseText, reasonOf } from "./pause_state.ts";
export { type Watch, watch } from "./watcher.ts";
