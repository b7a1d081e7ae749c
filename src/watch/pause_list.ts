import { FileLock } from "../journal/mod.ts";

/** A pause that somebody asked for. Moments are milliseconds since 1970. */
export interface ListedPause {
  /** Absent: all databases. */
  readonly database?: string;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  /** Absent: until somebody resumes. */
  readonly until?: number;
}

/** How long a change waits for another program that is changing the list, in milliseconds. */
const PATIENCE = 2000;

/**
 * The pauses in a file. A program that ends or crashes leaves them there, and other programs that share the file honour
 * them.
 * @throws {Error} The file is there and cannot be read, or is no list of pauses.
 */
export async function readPauses(file: string): Promise<readonly ListedPause[]> {
  try {
    // Checking whether it exists takes no file handle; a large fleet may have used all of them.
    await Deno.stat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const text = await Deno.readTextFile(file);
  const { pauses } = JSON.parse(text) as { readonly pauses?: unknown };
  if (!Array.isArray(pauses)) throw new Error("it is no list of pauses");
  return pauses.map(pauseOf);
}

/** Anything that is not understood makes the whole list wrong: it may be a pause. */
function pauseOf(value: unknown): ListedPause {
  if (typeof value !== "object" || value === null) throw new Error("it holds something that is no pause");
  const { database, reason, by, at, until, ...rest } = value as Record<string, unknown>;
  const isText = [reason, by, ...database === undefined ? [] : [database]].every((text) =>
    typeof text === "string"
  );
  if (!isText || Object.keys(rest).length > 0) throw new Error("it holds something that is no pause");
  return {
    ...database !== undefined && { database: database as string },
    reason: reason as string,
    by: by as string,
    at: momentOf(at),
    ...until !== undefined && { until: momentOf(until) },
  };
}

function momentOf(value: unknown): number {
  const moment = typeof value === "string" ? Date.parse(value) : NaN;
  if (Number.isNaN(moment)) throw new Error("it holds something that is no time");
  return moment;
}

/**
 * Changes the list, as one step that no other program sees half of, nor changes at the same time.
 * @throws {Error} It could not be changed, and is as it was.
 */
export async function changePauses(
  file: string,
  change: (pauses: readonly ListedPause[]) => readonly ListedPause[],
): Promise<void> {
  using lock = await FileLock.ask(`${file}.lock`);
  // A program that was stopped while it changed the list must not stop this one as well.
  if (!await lock.isHeldWithin(PATIENCE)) throw new Error("another program is changing it");
  await write(file, change(await readPauses(file)));
}

async function write(file: string, pauses: readonly ListedPause[]): Promise<void> {
  const unfinished = `${file}.${crypto.randomUUID()}.unfinished`;
  const text = JSON.stringify({ pauses: pauses.map(writtenPause) }, null, 2);
  try {
    using written = await Deno.open(unfinished, { createNew: true, write: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(`${text}\n`);
    for (let at = 0; at < bytes.length;) at += await written.write(bytes.subarray(at));
    // It outlives a loss of power.
    await written.sync();
    await Deno.rename(unfinished, file);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}

/** A pause as the file, the API and events show it. */
export interface WrittenPause {
  readonly database?: string;
  readonly reason: string;
  readonly by: string;
  /** ISO, in UTC. */
  readonly at: string;
  readonly until?: string;
}

export function writtenPause({ database, reason, by, at, until }: ListedPause): WrittenPause {
  return {
    ...database !== undefined && { database },
    reason,
    by,
    at: new Date(at).toISOString(),
    ...until !== undefined && { until: new Date(until).toISOString() },
  };
}
