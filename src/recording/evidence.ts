import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { EvidenceConfig } from "../config/mod.ts";
import { ioReason } from "../yaml/mod.ts";
import type { Event } from "../events/mod.ts";
import { OUTCOMES } from "../policy/mod.ts";
import type { EvidenceStore } from "../watch/mod.ts";
import { newLookRecord } from "./look_record.ts";
import { newKeyedHash, type RecordedDatabase, type RecordedLook } from "./recording.ts";
import { newRecordingWriter } from "./recording_writer.ts";

export interface EvidenceOptions extends EvidenceConfig {
  /** The program's. */
  readonly version: string;
  readonly clock: Clock;
}

/** The limit for all databases together, in characters of JSON, most of which take one byte. */
const MAX_KEPT = 32 * 1024 ** 2;
/** The shortest time between two files for one database, in milliseconds. */
const PAUSE = 60_000;

/** A look that is kept. */
interface StoredLook {
  /** By the clock's `now`. */
  readonly at: number;
  readonly json: string;
}

/** Begins to keep the looks of a program's watchers. */
export function newEvidence(options: EvidenceOptions): EvidenceStore {
  const hash = newKeyedHash();
  const databases = new Set<string>();
  return {
    forget: (name) => void databases.delete(name),
    of(database) {
      databases.add(database.name);
      const record = newLookRecord(database, { hash, partial: true });
      const kept: StoredLook[] = [];
      let size = 0;
      let written = -Infinity;
      return {
        keep(found, connected) {
          const { now } = found.moment;
          const json = JSON.stringify(record.record(found, connected));
          kept.push({ at: now, json });
          size += json.length;
          while (kept.length > 0 && (kept[0]!.at < now - options.keep || size > MAX_KEPT / databases.size)) {
            size -= kept.shift()!.json.length;
          }
        },
        async settled(outcome) {
          const now = options.clock.now();
          if (!OUTCOMES[outcome].keeps_evidence || now - written < PAUSE) return undefined;
          written = now;
          return await write(record.kept, [...kept], options);
        },
      };
    },
  };
}

async function write(
  database: RecordedDatabase,
  looks: readonly StoredLook[],
  { folder, version, clock }: EvidenceOptions,
): Promise<Event> {
  const at = new Date(clock.wall()).toISOString();
  const file = join(folder, `${database.name}-${at.replaceAll(/[-:]|\..*/g, "")}Z.jsonl.gz`);
  const event = { event: "evidence", database: database.name, file } as const;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const header = { version, at, databases: [database] };
    const writer = await newRecordingWriter(file, { max: Infinity, header });
    try {
      for (const { json } of looks) await writer.write(JSON.parse(json) as RecordedLook);
    } finally {
      await writer.close("kill");
    }
    return { ...event, looks: looks.length };
  } catch (error) {
    return { ...event, reason: ioReason(error) };
  }
}
