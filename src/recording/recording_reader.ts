import { constants, createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { printable } from "../text/control.ts";
import { FORMAT, type RecordedLook, type RecordingHeader } from "./recording.ts";
import { isRecordedLook, isRecordingHeader } from "./recording_shape.ts";

/** A file is not a recording, or cannot be read any further. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/** A recording that is being read. */
export interface RecordingReader {
  readonly header: RecordingHeader;
  /**
   * The looks, in the order in which they were made. Throws a {@linkcode RecordingError} for a line that this
   * program did not write.
   */
  readonly looks: AsyncIterable<RecordedLook>;
  /** After all looks are read: whether the recording is complete. If not, it was cut off or is damaged. */
  isWhole(): boolean;
}

/**
 * Begins to read a recording.
 * @throws {RecordingError} If it is not a recording.
 * @throws What `Deno.open` and `Deno.FsFile` throw.
 */
export async function readRecording(file: string): Promise<RecordingReader> {
  const lines = linesOf(await Deno.open(file));
  try {
    const header = headerOf((await lines.next()).value);
    let whole = false;
    return { header, looks: looksOf(lines, () => whole = true), isWhole: () => whole };
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

function headerOf(line: string | undefined): RecordingHeader {
  const header = parsed(line ?? "");
  if (typeof header !== "object" || header === null || !("recording" in header)) {
    throw new RecordingError("it is no recording of query-sniper, or it is damaged");
  }
  if (header.recording !== FORMAT) {
    const format = printable(JSON.stringify(header.recording)).slice(0, 20);
    throw new RecordingError(`only recordings of format ${FORMAT} can be read here: it has format ${format}`);
  }
  if (!isRecordingHeader(header)) throw new RecordingError("its first line is not as query-sniper writes it");
  return header;
}

async function* looksOf(lines: AsyncIterable<string>, end: () => void): AsyncGenerator<RecordedLook> {
  let number = 1;
  for await (const line of lines) {
    number++;
    const value = parsed(line);
    if (typeof value === "object" && value !== null && "end" in value) return end();
    if (!isRecordedLook(value)) {
      throw new RecordingError(`its line ${number} is not as query-sniper writes it`);
    }
    yield value;
  }
}

/** The size of the parts a line is joined from, in bytes: a look at thousands of sessions takes megabytes. */
const CHUNK = 2 ** 20;

/** The whole lines of a compressed file, as far as it can be read. */
async function* linesOf(file: Deno.FsFile): AsyncGenerator<string, undefined> {
  // A file that was cut off is read as far as possible.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK });
  const input = Readable.fromWeb(file.readable);
  input.on("error", (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const bytes of gunzip) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    input.destroy();
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
