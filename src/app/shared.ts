import type { Chronicle, Journal } from "../journal/mod.ts";
import { Sources } from "../mysql/mod.ts";
import { newEvidence } from "../recording/mod.ts";
import { ConnectPacing, type EvidenceStore, Pauses } from "../watch/mod.ts";
import type { AppConfig } from "./app_config.ts";
import { type ChronicleSetting, type KeptChronicle, policiesOf } from "./keep_chronicle.ts";
import { keepJournal } from "./keep_journal.ts";
import { keepPauses } from "./keep_pauses.ts";
import { armedOf } from "./step.ts";

/** The state that all watchers of one configuration share. */
export interface SharedState {
  readonly pacing: ConnectPacing;
  /** Which entry leads to which server process. */
  readonly entries: Map<string, string>;
  readonly sources: Sources;
  readonly pause: Pauses;
  /** Absent if nothing is armed, or if the journal is off. */
  readonly journal: Journal | undefined;
  /** Absent if the journal is off. */
  readonly chronicle: Chronicle | undefined;
  /** Absent if no evidence is kept. */
  readonly evidence: EvidenceStore | undefined;
  /** Writes to the journal what is left before the program says that it ends. */
  settle(): Promise<void>;
  /** Closes it, once nothing uses it any more. */
  close(): Promise<void>;
}

/** The policies that decide from now on, for the journal and the chronicle. */
export function adoptPolicies({ journal, chronicle }: SharedState, { databases }: AppConfig): void {
  const policies = policiesOf(databases);
  journal?.adopt(policies);
  chronicle?.adopt(policies);
}

/**
 * Opens the journal if anything is armed, and reports what an earlier process left in it.
 * @param kept The chronicle, which is closed together with the journal.
 */
export function openShared(
  { config, databases }: AppConfig,
  { version, clock, stream }: ChronicleSetting,
  kept: KeptChronicle | undefined,
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
    pause: keepPauses(config.pause, { clock, signal, stream, chronicle: kept?.chronicle }),
    journal,
    chronicle: kept?.chronicle,
    evidence: config.evidence && newEvidence({ ...config.evidence, version, clock }),
    async settle() {
      await kept?.settle();
    },
    async close() {
      closing.abort();
      journal?.close();
      await kept?.end();
    },
  };
}

/** A key that is equal for two configurations if they can use the same shared state. */
export function sharedKey({ config: { journal, retention, pause, evidence }, databases }: AppConfig): string {
  return JSON.stringify([journal, retention, pause, evidence, armedOf(databases) > 0]);
}
