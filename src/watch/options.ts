import type { Clock } from "../clock.ts";
import type { Event } from "../events/mod.ts";
import type { EvidenceStore } from "./evidence_store.ts";
import type { HoldSources } from "./hold.ts";
import type { ConnectPacing } from "./connect_pacing.ts";
import type { ServerEntries } from "./same_server.ts";

/** What a watcher is given; it reads no clock and draws no number of its own. */
export interface WatchOptions extends HoldSources {
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted: the kill under way is finished, and the watcher ends. */
  readonly signal: AbortSignal;
  /** `once`: one look, and further ones only while a gate's `for` or an escalation is due. */
  readonly once: boolean;
  /** Shared by all watchers of this program. */
  readonly pacing: ConnectPacing;
  readonly entries: ServerEntries;
  /** Keeps the last looks, for a file at a kill; absent: nothing is kept. */
  readonly evidence?: EvidenceStore | undefined;
  emit(event: Event): void;
}

/** What a watcher did. */
export interface WatchCounts {
  readonly looks: number;
  readonly kills: number;
  readonly errors: number;
}
