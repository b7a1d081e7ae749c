import type { Clock } from "../clock.ts";
import type { EventStream } from "../events/mod.ts";
import type { Journal } from "../journal/mod.ts";
import { Sources } from "../mysql/mod.ts";
import { newEvidence } from "../recording/mod.ts";
import { ConnectPacing, type EvidenceStore, PauseFile } from "../watch/mod.ts";
import type { AppConfig } from "./app_config.ts";
import { keepJournal } from "./keep_journal.ts";
import { armedOf } from "./step.ts";

/** What all watchers of this program share, by one configuration. */
export interface SharedState {
  readonly pacing: ConnectPacing;
  /** Which entry leads to which server process. */
  readonly entries: Map<string, string>;
  readonly sources: Sources;
  readonly pause: PauseFile;
  /** Absent where nothing is armed, or none is wanted. */
  readonly journal: Journal | undefined;
  /** Absent where none is kept. */
  readonly evidence: EvidenceStore | undefined;
  /** Nothing of it is used any more. */
  close(): void;
}

/** What it is opened with. */
export interface SharedOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly stream: EventStream;
}

/** Opens the journal, where something is armed, and tells what an earlier process left in it. */
export function openShared(
  { config, databases }: AppConfig,
  { version, clock, stream }: SharedOptions,
): SharedState {
  const closing = new AbortController();
  const { signal } = closing;
  const journal = armedOf(databases) > 0 && config.journal !== undefined
    ? keepJournal(config.journal, { clock, signal, emit: (event) => stream.emit(event) })
    : undefined;
  return {
    pacing: new ConnectPacing(),
    entries: new Map(),
    sources: new Sources(),
    pause: new PauseFile(config.pause),
    journal,
    evidence: config.evidence && newEvidence({ ...config.evidence, version, clock }),
    close() {
      closing.abort();
      journal?.close();
    },
  };
}

/** The same for two configurations where what is shared can go on. */
export function sharedKey({ config: { journal, pause, evidence }, databases }: AppConfig): string {
  return JSON.stringify([journal, pause, evidence, armedOf(databases) > 0]);
}
