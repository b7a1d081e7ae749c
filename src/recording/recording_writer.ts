import { Buffer } from "node:buffer";
import { constants, createGzip, type Gzip } from "node:zlib";
import { FORMAT, type RecordedLook, type RecordingEnd, type RecordingHeader } from "./recording.ts";

/** How to write a recording. */
export interface WriterOptions {
  /** How large the file may become, in bytes. */
  readonly max: number;
  readonly header: Omit<RecordingHeader, "recording">;
}

/** A recording that is being written. What was written is in the file, and can be read up to its last whole line. */
export interface RecordingWriter {
  /** The size of the file, in bytes. */
  readonly bytes: number;
  /** Returns false, and writes nothing, where the file could become too large, or was ended. */
  write(look: RecordedLook): Promise<boolean>;
  /** Ends the file; whether or not that can be written, it is closed. */
  close(reason: string): Promise<void>;
}

/** For the header of compression, and for the last line. */
const SPARE = 4096;

/**
 * Makes the file, which only its owner may read. It and the writer throw what `Deno.open` and `Deno.FsFile` do, also
 * where the file exists.
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
        // Nothing becomes longer than it was, but for a few bytes: so the bound holds, whatever is in there.
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
