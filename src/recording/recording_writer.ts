import { Buffer } from "node:buffer";
import { constants, createGzip, type Gzip } from "node:zlib";
import { FORMAT, type RecordedLook, type RecordingEnd, type RecordingHeader } from "./recording.ts";

/** How to write a recording. */
export interface WriterOptions {
  /** The maximum size of the file, in bytes. */
  readonly max: number;
  readonly header: Omit<RecordingHeader, "recording">;
}

/**
 * A recording that is being written. Every written line is in the file at once, so the file can be read up to its last
 * whole line.
 */
export interface RecordingWriter {
  /** The size of the file, in bytes. */
  readonly bytes: number;
  /** Returns false and writes nothing if the file could become too large, or has been ended. */
  write(look: RecordedLook): Promise<boolean>;
  /** Ends and closes the file. It is closed even if the end cannot be written. */
  close(reason: string): Promise<void>;
}

/** Room for the header of the compression and for the last line. */
const SPARE = 4096;

/**
 * Creates the file, which only its owner may read. It and the writer throw what `Deno.open` and `Deno.FsFile` throw,
 * also if the file exists.
 */
export async function newRecordingWriter(
  file: string,
  { max, header }: WriterOptions,
): Promise<RecordingWriter> {
  const output = await Deno.open(file, { write: true, createNew: true, mode: 0o600 });
  const gzip = new FlushedGzip();
  let bytes = 0;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  const put = async (compressed: Uint8Array) => {
    for (let at = 0; at < compressed.length;) at += await output.write(compressed.subarray(at));
    bytes += compressed.length;
  };
  const line = (value: object) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  try {
    await put(await gzip.add(line({ recording: FORMAT, ...header })));
  } catch (error) {
    output.close();
    throw error;
  }
  return {
    get bytes() {
      return bytes;
    },
    write(look) {
      return inTurn(async () => {
        const plain = line(look);
        // Compression adds a few bytes at most, so the limit holds for any content.
        if (closed || bytes + plain.length + SPARE > max) return false;
        await put(await gzip.add(plain));
        return true;
      });
    },
    close(reason) {
      return inTurn(async () => {
        closed = true;
        try {
          await put(await gzip.add(line({ end: reason } satisfies RecordingEnd)));
          await put(await gzip.end());
        } finally {
          output.close();
        }
      });
    },
  };
}

/** One stream of gzip, whose parts can be read as soon as they are written. */
class FlushedGzip {
  readonly #gzip: Gzip = createGzip();
  #parts: Uint8Array[] = [];

  constructor() {
    this.#gzip.on("data", (part: Uint8Array) => this.#parts.push(part));
  }

  add(bytes: Uint8Array): Promise<Uint8Array> {
    this.#gzip.write(bytes);
    return new Promise((resolve) =>
      this.#gzip.flush(constants.Z_SYNC_FLUSH, () => resolve(joined(this.#parts.splice(0))))
    );
  }

  end(): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#gzip.on("end", () => resolve(joined(this.#parts.splice(0))));
      this.#gzip.end();
    });
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
