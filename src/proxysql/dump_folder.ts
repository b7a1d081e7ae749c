import { join } from "node:path";
import type { DumpConfig } from "../config/mod.ts";

/** The name of a dump in the folder. */
const DUMP = /^digests-\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{12}\.(?:jsonl\.gz|csv\.gz|parquet)$/;

/** A name for a dump; `at` is in milliseconds since 1970. */
export function dumpName(
  format: DumpConfig["format"],
  { at, id }: { readonly at: number; readonly id: string },
): string {
  const time = new Date(at).toISOString().replace(/\.\d+/, "").replaceAll(":", "");
  // Parquet is compressed within.
  return `digests-${time}-${id.slice(-12)}.${format}${format === "parquet" ? "" : ".gz"}`;
}

/**
 * Deletes dumps that are older than `keep`, and the oldest where all together are larger than `maxSize`; the last one always
 * stays, and so does any file of another name. What another program has deleted meanwhile is gone, which is no fault.
 * @returns How many were deleted.
 * @throws {Error} The system's.
 */
export async function tidyFolder(
  folder: string,
  { keep, maxSize, now }: Pick<DumpConfig, "keep" | "maxSize"> & { readonly now: number },
): Promise<number> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const found = await Promise.all(
    names.filter((name) => DUMP.test(name)).map(async (name) => {
      const stat = await unlessGone(Deno.stat(join(folder, name)));
      return stat === undefined ? [] : [{ name, size: stat.size, at: stat.mtime?.getTime() ?? now }];
    }),
  );
  const dumps = found.flat();
  const [, ...earlier] = dumps.toSorted((a, b) => b.name.slice(8, 26).localeCompare(a.name.slice(8, 26)));
  let total = dumps.reduce((sum, { size }) => sum + size, 0);
  let deleted = 0;
  for (const { name, size, at } of earlier.toReversed()) {
    if (now - at <= keep && total <= maxSize) continue;
    await unlessGone(Deno.remove(join(folder, name)));
    await Deno.remove(join(folder, `${name}.manifest.json`)).catch(() => {});
    total -= size;
    deleted++;
  }
  return deleted;
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
