import type { Clock } from "../clock.ts";
import type { Event } from "../events/mod.ts";
import type { Chronicle } from "../journal/mod.ts";
import type { EvidenceStore } from "./evidence_store.ts";
import type { HoldSources } from "./hold.ts";
import type { ConnectPacing } from "./connect_pacing.ts";
import type { LookObserver } from "./look_observer.ts";
import type { ServerEntries } from "./same_server.ts";

/** What a watcher is given. It has no clock and no random numbers of its own. */
export interface WatchOptions extends HoldSources {
  readonly clock: Clock;
  readonly random: () => number;
  /** When aborted, the kill under way is finished and the watcher ends. */
  readonly signal: AbortSignal;
  /** For the command `once`: one look, and more only while a gate's `for` or an escalation is pending. */
  readonly once: boolean;
  /** Shared by all watchers of this program. */
  readonly pacing: ConnectPacing;
  readonly entries: ServerEntries;
  /** Keeps the last looks, to write them to a file after a kill; absent: none are kept. */
  readonly evidence?: EvidenceStore | undefined;
  /** Is told of looks and decisions, to write them to the journal; absent: nothing is kept. */
  readonly chronicle?: Chronicle | undefined;
  /** Is told of each look, to show it; absent: nobody is. */
  readonly observer?: LookObserver | undefined;
  emit(event: Event): void;
}

export interface WatchCounts {
  readonly looks: number;
  readonly kills: number;
  readonly errors: number;
}
