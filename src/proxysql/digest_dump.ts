import type { DumpConfig } from "../config/mod.ts";
import type { Clock } from "../clock.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { readDigests } from "./digest_read.ts";
import { type Compared, DigestStore, type SampleOf } from "./digest_store.ts";
import { type ColumnTypes, DUMP_TYPES, DUMP_VERSION, type DumpRow, type WideRow } from "./dump_column.ts";
import { DumpFile, type DumpSink, unfinishedName } from "./dump_file.ts";
import { encoderOf } from "./dump_format.ts";
import { type DumpOf, figuresOf, type Since, sinceOf } from "./dump_row.ts";
import type { Plugins } from "./plugins/mod.ts";
import { STATEMENTS } from "./statement.ts";
import { byName, jsonOf, numberOf, textOf, timeOf } from "./value.ts";

/** What a dump is made of. */
export interface DumpOptions {
  readonly config: DumpConfig;
  readonly mode: DumpConfig["mode"];
  readonly format: DumpConfig["format"];
  /** The address of the admin interface. */
  readonly instance: string;
  readonly pod: string | null;
  readonly id: string;
  /** The keys of the tags that are kept. */
  readonly tags: readonly string[];
  readonly clock: Pick<Clock, "now">;
  /** They add columns; absent: none do. */
  readonly plugins?: Pick<Plugins, "columns" | "dumpColumns">;
  /** A file, or a stream that nobody takes for durable: after it the next dump counts from where this one did. */
  readonly to: { readonly file: string } | { readonly stream: DumpSink };
}

/** What a dump has; the last line of JSON Lines, else a file beside. JSON-able, counts apart. */
export interface Manifest {
  readonly manifest: bigint;
  readonly dump_id: string;
  readonly instance: string;
  readonly pod: string | null;
  readonly proxysql_version: string;
  readonly mode: string;
  /** Null: since ProxySQL counts. */
  readonly from: string | null;
  readonly to: string | null;
  readonly rows: number;
  /** Rows with a time that ProxySQL gave as negative, and this dump as null. */
  readonly negative_times: number;
  /** Digests that ProxySQL has begun to count again, or does not count any more. */
  readonly resets: number;
  readonly restarted: boolean;
  /** For how many rows a plugin could not be asked, so that its columns are null; absent: plugins add none. */
  readonly without_plugins?: number;
  /** How long ProxySQL took to hand over its digests. */
  readonly read_ms: number;
  /** Of all lines before this one; of the whole file where this is a file beside it. */
  readonly sha256: string;
  readonly complete: true;
}

/** What became of a dump. */
export interface Dumped {
  readonly manifest: Manifest;
  /** Somebody else than this program empties the digests: what they counted in between is lost. */
  readonly othersReset: boolean;
  /** By ProxySQL's clock, in seconds since 1970. */
  readonly now: number;
  /** When ProxySQL was asked for its digests, by the clock's `now`: what it counts from then on is not in the dump. */
  readonly readAt: number;
}

/** Rows that are made to bytes at once; in Parquet they are a group. */
const BATCH = 5000;

/**
 * Dumps the digests of a ProxySQL, and never empties them.
 * @throws {AdminError}
 * @throws {Error} The system's: then there is no file, and nothing counts as dumped.
 */
export async function dumpDigests(admin: Admin, store: DigestStore, options: DumpOptions): Promise<Dumped> {
  const { instance, mode, clock, tags, config } = options;
  const { version, ...sample } = await sampleOf(admin, instance);
  const before = clock.now();
  await store.take((add) => readDigests(admin, { keep: tags, add }));
  const readMs = Math.round(clock.now() - before);
  const since = mode === "delta" ? sinceOf(store.last, sample) : undefined;
  const of: DumpOf = {
    ...sample,
    ...{ id: options.id, pod: options.pod, version, text: config.text === "digest" },
    tags: config.comments === "tags",
    ...since !== undefined && { since },
  };
  const tally = new Tally(since, store);
  const added = new AddedColumns(options.plugins);
  const manifest = (sha256: string): Manifest => ({
    ...{ manifest: DUMP_VERSION, dump_id: of.id, instance, pod: of.pod, proxysql_version: version, mode },
    from: since === undefined ? null : timeOf(String(since.sample.now)),
    to: timeOf(String(sample.now)),
    ...tally.counts(),
    ...added.types.size > 0 && { without_plugins: added.missing },
    ...{ read_ms: readMs, sha256, complete: true },
  });
  const rows = tally.rows(store.compared(), of);
  const written = "file" in options.to
    ? await toFile(options.to.file, { store, options, sample, rows, added, manifest })
    : await writeAll(options.to.stream, { options, rows, added, manifest });
  if (!("file" in options.to) || mode !== "delta") store.discard();
  return { manifest: written, othersReset: tally.othersReset, now: sample.now, readAt: before };
}

async function sampleOf(admin: Admin, instance: string): Promise<SampleOf & { readonly version: string }> {
  const [version] = await admin.rows(STATEMENTS.version());
  const uptime = numberOf(byName(await admin.rows(STATEMENTS.globals())).get("ProxySQL_Uptime"));
  const [clock] = await admin.rows(STATEMENTS.clock());
  const now = numberOf(clock?.["now"]);
  if (uptime === undefined || now === undefined) {
    throw new AdminError("statement", "ProxySQL tells neither its uptime nor its time");
  }
  return { instance, version: textOf(Object.values(version ?? {})[0]), uptime, now };
}

/** Counts what is written. */
class Tally {
  readonly #since: Since | undefined;
  readonly #purged: boolean;
  readonly #gone: number;
  #rows = 0;
  #negative = 0;
  #resets = 0;

  constructor(since: Since | undefined, store: DigestStore) {
    this.#since = since;
    this.#gone = since === undefined ? 0 : store.gone();
    this.#purged = since !== undefined && (store.purged ?? -Infinity) >= since.sample.now;
  }

  /** Whether digests were emptied by neither a restart nor this program. */
  get othersReset(): boolean {
    return this.#since !== undefined && !this.#since.restarted && !this.#purged &&
      this.#resets + this.#gone > 0;
  }

  counts(): Pick<Manifest, "rows" | "negative_times" | "resets" | "restarted"> {
    return {
      rows: this.#rows,
      negative_times: this.#negative,
      resets: this.#resets + this.#gone,
      restarted: this.#since?.restarted ?? false,
    };
  }

  *rows(all: Iterable<Compared>, of: DumpOf): Generator<readonly DumpRow[], void, undefined> {
    let batch: DumpRow[] = [];
    for (const counted of all) {
      const figures = figuresOf(counted, of);
      if (figures === undefined) continue;
      this.#rows++;
      if (figures.negative) this.#negative++;
      if (figures.reset) this.#resets++;
      if (batch.push(figures.row) < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}

/** The columns of plugins, as they are when the dump begins. */
class AddedColumns {
  readonly types: ColumnTypes;
  readonly #plugins: DumpOptions["plugins"];
  missing = 0;

  constructor(plugins: DumpOptions["plugins"]) {
    this.#plugins = plugins;
    this.types = plugins?.columns ?? new Map();
  }

  async to(rows: readonly DumpRow[]): Promise<readonly WideRow[]> {
    if (this.#plugins === undefined || this.types.size === 0) return rows;
    const values = await this.#plugins.dumpColumns(rows, this.types);
    this.missing += values.missing;
    return rows.map((row, at) => ({ ...row, ...values.rows[at] }));
  }
}

interface Writing {
  readonly options: DumpOptions;
  readonly rows: Iterable<readonly DumpRow[]>;
  readonly added: AddedColumns;
  readonly manifest: (sha256: string) => Manifest;
}

async function toFile(
  name: string,
  { store, sample, ...writing }: Writing & { readonly store: DigestStore; readonly sample: SampleOf },
): Promise<Manifest> {
  const { format, mode, id } = writing.options;
  const beside = format === "jsonl" ? undefined : `${name}.manifest.json`;
  store.begin([name, ...beside === undefined ? [] : [beside]].map((file) => unfinishedName(file, id)));
  await using file = await DumpFile.create(name, id);
  const inside = await writeAll(file, writing);
  const stored = await file.end();
  const manifest = beside === undefined ? inside : writing.manifest(stored);
  const counts = mode === "delta";
  if (counts) {
    const { unfinished } = file;
    store.prepare({ ...sample, unfinished, file: name, ...beside !== undefined && { manifest: beside } });
  }
  try {
    // The manifest first: whoever waits for it finds the dump a moment later, and never one that has none.
    if (beside !== undefined) await writeManifest(beside, id, manifest);
    await file.name();
  } catch (error) {
    store.discard();
    throw error;
  }
  if (counts) store.settle(sample);
  return manifest;
}

async function writeManifest(name: string, id: string, manifest: Manifest): Promise<void> {
  await using file = await DumpFile.create(name, id);
  await file.write(lineOf(manifest));
  await file.end();
  await file.name();
}

/** Writes the rows, and in JSON Lines the manifest behind them. */
async function writeAll(
  sink: DumpSink,
  { options: { format }, rows, added, manifest }: Writing,
): Promise<Manifest> {
  const encoder = await encoderOf(format, new Map([...DUMP_TYPES, ...added.types]));
  await sink.write(encoder.begin());
  for (const batch of rows) await sink.write(encoder.rows(await added.to(batch)));
  await sink.write(encoder.end());
  const made = manifest(sink.hash());
  if (format === "jsonl") await sink.write(lineOf(made));
  return made;
}

function lineOf(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${jsonOf(manifest)}\n`);
}
