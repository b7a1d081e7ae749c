import { join } from "node:path";
import type { ProxiedExecutions } from "../report/mod.ts";
import { ioReason } from "../yaml/mod.ts";
import { DumpReadError, hashOf, lastLine } from "./dump_lines.ts";
import { type DumpRecord, objectOf, recordsOf } from "./dump_records.ts";
import type { Manifest } from "./digest_dump.ts";

/** The name of a file that can be a dump; Parquet is not read. */
const READABLE = /\.(?:jsonl|csv)(?:\.gz)?$/;
const DUMP = /\.(?:jsonl|csv)(?:\.gz)?$|\.parquet$/;

/** Times of dumps are in seconds. */
const SECOND = 1000;

interface Dump {
  readonly file: string;
  readonly id: string;
  /** Which ProxySQL it is of. */
  readonly proxy: string;
  /** In milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** It has all since ProxySQL counts. */
  readonly isWhole: boolean;
  readonly rows: number;
  readonly restarted: boolean;
}

/** What to read of dumps. */
export interface ExecutionsOptions {
  /** Only these digests. */
  readonly digests: ReadonlySet<string>;
  /** Only this time, in milliseconds since 1970. */
  readonly period: { readonly from: number; readonly to: number };
}

/**
 * How often queries were executed by way of ProxySQL, by dumps of its digests. Each is read twice: it has to be whole, as
 * its manifest says, before anything of it counts. What is in memory does not grow with the rows.
 * @param paths Files, or folders of them.
 * @throws {DumpReadError}
 */
export async function executionsOf(
  paths: readonly string[],
  { digests, period }: ExecutionsOptions,
): Promise<ProxiedExecutions> {
  const dumps: Dump[] = [];
  for (const file of await filesOf(paths)) dumps.push(await inspect(file));
  refuseTwice(dumps);
  const { counted, leftOut } = parted(dumps);
  const counts = new Map<string, number>();
  let unsure = 0;
  for (const dump of counted) {
    if (dump.to < period.from || dump.from > period.to) continue;
    await eachRecord(dump, (record) => {
      const { digest, count } = record;
      if (digest === null) unsure += partOf(record, period) * count;
      else if (digests.has(digest)) {
        counts.set(digest, (counts.get(digest) ?? 0) + partOf(record, period) * count);
      }
    });
  }
  return {
    dumps: counted.length,
    leftOut: leftOut.map(({ file }) => file),
    proxies: [...new Set(dumps.map(({ proxy }) => proxy))].toSorted(),
    restarts: counted.filter(({ restarted }) => restarted).length,
    covered: counted.map(({ from, to }) => ({ from, to })),
    ...{ counts, unsure },
  };
}

/** The files of dumps; of folders those whose name is that of one. */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if ((await Deno.stat(path)).isDirectory) {
        const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
        const found = names.filter((name) => DUMP.test(name)).toSorted().map((name) => join(path, name));
        if (found.length === 0) throw new DumpReadError(`${path}: there is no dump in this folder`);
        files.push(...found);
      } else files.push(path);
    } catch (error) {
      throw error instanceof DumpReadError ? error : new DumpReadError(`${path}: ${ioReason(error)}`);
    }
  }
  return files;
}

/** Looks whether a dump is whole, and what it is of. */
async function inspect(file: string): Promise<Dump> {
  if (!READABLE.test(file)) {
    throw new DumpReadError(
      `${file}: expected a dump as JSON Lines or CSV, whose name ends in .jsonl, .csv, .jsonl.gz or .csv.gz`,
    );
  }
  const isCsv = /\.csv(?:\.gz)?$/.test(file);
  const { text, sha256 } = isCsv ? await beside(file) : await lastLine(file);
  const place = isCsv ? `${file}.manifest.json` : file;
  const found = objectOf(text) as Partial<Manifest> | undefined;
  if (found === undefined || found.complete !== true) {
    throw new DumpReadError(
      `${place}: there is no manifest at its end, so that it is no dump, or not a whole one`,
    );
  }
  const manifest = readManifest(found, place);
  if (manifest.sha256 !== sha256) {
    throw new DumpReadError(`${file}: it is not what its manifest says: other bytes`);
  }
  const { pod = null, instance, dump_id: id, rows, restarted } = manifest;
  const to = Date.parse(manifest.to!);
  const proxy = pod === null ? instance : `${instance} (${pod})`;
  const dump = { file, id, proxy, to, rows, restarted, isWhole: manifest.from === null };
  if (manifest.from !== null) return { ...dump, from: Date.parse(manifest.from) };
  let from = to;
  await eachRecord(dump, (record) => void (from = Math.min(from, record.from)));
  return { ...dump, from };
}

async function beside(file: string): Promise<{ readonly text: string; readonly sha256: string }> {
  try {
    return { text: await Deno.readTextFile(`${file}.manifest.json`), sha256: await hashOf(file) };
  } catch (error) {
    if (error instanceof DumpReadError) throw error;
    throw new DumpReadError(`${file}.manifest.json: the manifest cannot be read: ${ioReason(error)}`);
  }
}

function readManifest(found: Partial<Manifest>, place: string): Manifest {
  const wrong = (name: string) =>
    new DumpReadError(`${place}: the manifest has no "${name}" that is known here`);
  if (Number(found.manifest) !== 1) throw wrong("manifest");
  for (const name of ["dump_id", "instance", "sha256", "to"] as const) {
    if (typeof found[name] !== "string") throw wrong(name);
  }
  if (typeof found.rows !== "number" || !Number.isSafeInteger(found.rows)) throw wrong("rows");
  for (const name of ["from", "to"] as const) {
    const time = found[name];
    if (time !== null && Number.isNaN(Date.parse(String(time)))) throw wrong(name);
  }
  return { ...found, from: found.from ?? null, restarted: found.restarted === true } as Manifest;
}

async function eachRecord(
  { file, id, rows }: Pick<Dump, "file" | "id" | "rows">,
  use: (record: DumpRecord) => void,
): Promise<void> {
  let count = 0;
  for await (const record of recordsOf(file, id)) {
    count++;
    use(record);
  }
  if (count !== rows) throw new DumpReadError(`${file}: its manifest says ${rows} rows: it has ${count}`);
}

function refuseTwice(dumps: readonly Dump[]): void {
  const files = new Map<string, string>();
  for (const { id, file } of dumps) {
    const other = files.get(id);
    if (other !== undefined) throw new DumpReadError(`${file}: this dump is in another file too: ${other}`);
    files.set(id, file);
  }
}

/**
 * What two dumps of one ProxySQL both count must not count twice. Those that go on from the one before come first, then
 * those with all since ProxySQL counts.
 */
function parted(
  dumps: readonly Dump[],
): { readonly counted: readonly Dump[]; readonly leftOut: readonly Dump[] } {
  const [counted, leftOut]: [Dump[], Dump[]] = [[], []];
  const order = dumps.toSorted((a, b) =>
    Number(a.isWhole) - Number(b.isWhole) || a.to - b.to || a.from - b.from
  );
  const byProxy = new Map<string, Dump[]>();
  for (const dump of order) {
    const others = byProxy.get(dump.proxy) ?? [];
    byProxy.set(dump.proxy, others);
    const overlaps = ({ from, to }: Dump) => dump.from < to - SECOND && from < dump.to - SECOND;
    // Those that go on come in the order of their ends, and none overlaps with another one: the last one decides.
    if ((dump.isWhole ? others : others.slice(-1)).some(overlaps)) leftOut.push(dump);
    else {
      others.push(dump);
      counted.push(dump);
    }
  }
  return { counted, leftOut };
}

/** Which part of a row's time is in the period. */
function partOf({ from, to }: DumpRecord, period: ExecutionsOptions["period"]): number {
  const [first, end] = [Math.max(from, period.from), Math.min(to, period.to)];
  if (to === from) return from >= period.from && from < period.to ? 1 : 0;
  return Math.max(0, end - first) / (to - from);
}
