import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { ioReason } from "../yaml/mod.ts";

/** A dump cannot be read, or is none; the message names the file, and the line where there is one. */
export class DumpReadError extends Error {
  override readonly name = "DumpReadError";
}

/** A longer line is none of a dump, in bytes. */
const LONGEST_LINE = 4 * 2 ** 20;

const NEWLINE = 10;

/** The bytes of a file, decompressed if its name ends in `.gz`, in small parts. @throws {DumpReadError} */
export async function* bytesOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const { readable } = await Deno.open(file);
    yield* file.endsWith(".gz") ? unzipped(readable) : readable;
  } catch (error) {
    const isBroken = /^Z_/.test((error as { readonly code?: string }).code ?? "");
    throw new DumpReadError(`${file}: ${isBroken ? "it is no whole gzip file" : ioReason(error)}`);
  }
}

/** By parts of 64 KiB: a stream of the web has all that a part of the file is unzipped to, which may be megabytes. */
function unzipped(readable: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 2 ** 16 });
  pipeline(Readable.fromWeb(readable as unknown as NodeReadableStream), gunzip, () => {});
  return gunzip;
}

/** The SHA-256 of a file as it is stored. @throws {DumpReadError} */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const bytes of (await Deno.open(file)).readable) hash.update(bytes);
  } catch (error) {
    throw new DumpReadError(`${file}: ${ioReason(error)}`);
  }
  return hash.digest("hex");
}

/** The last line of a file, and the SHA-256 of all before it. One line is in memory. @throws {DumpReadError} */
export async function lastLine(file: string): Promise<{ readonly text: string; readonly sha256: string }> {
  const hash = createHash("sha256");
  let held: Uint8Array = new Uint8Array();
  for await (const bytes of bytesOf(file)) {
    held = joined(held, bytes);
    // What begins behind the last end of a line, if something does, may be the last one.
    const begin = held.lastIndexOf(NEWLINE, held.length - 2) + 1;
    hash.update(held.subarray(0, begin));
    held = held.slice(begin);
    if (held.length > LONGEST_LINE) throw new DumpReadError(`${file}: it has no lines of a dump`);
  }
  return { text: new TextDecoder().decode(held), sha256: hash.digest("hex") };
}

/** The lines of a file, without their ends. @throws {DumpReadError} */
export async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of bytesOf(file)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > LONGEST_LINE) throw new DumpReadError(`${file}: it has no lines of a dump`);
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
