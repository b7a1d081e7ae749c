import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { createGzip, type Gzip } from "node:zlib";

/** Where a dump goes. */
export interface DumpSink {
  write(bytes: Uint8Array): Promise<void>;
  /** The SHA-256 of what was written so far, before it was compressed. */
  hash(): string;
}

/** The name of a file while it is written. */
export function unfinishedName(file: string, id: string): string {
  return `${file}.${id}.unfinished`;
}

/** Standard output, and what else is no file of its own. */
export class DumpStream implements DumpSink {
  readonly #hash = createHash("sha256");
  readonly #sink: { write(bytes: Uint8Array): Promise<number> };

  constructor(sink: { write(bytes: Uint8Array): Promise<number> }) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += await this.#sink.write(bytes.subarray(at));
  }

  hash(): string {
    return this.#hash.copy().digest("hex");
  }
}

/**
 * A file that is there as a whole or not at all: it is written under another name, brought to the disk, and then gets its
 * own. Only its owner may read it. A name that ends in `.gz` is compressed.
 */
export class DumpFile implements DumpSink, AsyncDisposable {
  readonly file: string;
  readonly unfinished: string;
  readonly #output: Deno.FsFile;
  readonly #gzip: Gzip | undefined;
  readonly #hash = createHash("sha256");
  readonly #stored = createHash("sha256");
  #parts: Uint8Array[] = [];
  #isOpen = true;
  #isWhole = false;

  private constructor(file: string, unfinished: string, output: Deno.FsFile) {
    this.file = file;
    this.unfinished = unfinished;
    this.#output = output;
    if (!file.endsWith(".gz")) return;
    this.#gzip = createGzip();
    this.#gzip.on("data", (part: Uint8Array) => this.#parts.push(part));
  }

  /** @throws {Error} The system's. */
  static async create(file: string, id: string): Promise<DumpFile> {
    const unfinished = unfinishedName(file, id);
    return new DumpFile(
      file,
      unfinished,
      await Deno.open(unfinished, { write: true, createNew: true, mode: 0o600 }),
    );
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#hash.update(bytes);
    if (this.#gzip === undefined) return await this.#put(bytes);
    const gzip = this.#gzip;
    await new Promise<void>((resolve, reject) =>
      gzip.write(bytes, (error) => error ? reject(error) : resolve())
    );
    await this.#put(Buffer.concat(this.#parts.splice(0)));
  }

  hash(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Brings all of it to the disk. Returns the SHA-256 of the file as it is stored. */
  async end(): Promise<string> {
    const gzip = this.#gzip;
    if (gzip !== undefined) {
      await new Promise<void>((resolve, reject) => {
        gzip.on("end", resolve);
        gzip.on("error", reject);
        gzip.end();
      });
      await this.#put(Buffer.concat(this.#parts.splice(0)));
    }
    await this.#output.sync();
    this.#close();
    return this.#stored.copy().digest("hex");
  }

  /** Gives the file its name, and brings that to the disk as well. */
  async name(): Promise<void> {
    await Deno.rename(this.unfinished, this.file);
    this.#isWhole = true;
    using folder = await Deno.open(dirname(this.file));
    await folder.sync();
  }

  /** What is not whole is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    if (!this.#isWhole) await Deno.remove(this.unfinished).catch(() => {});
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#stored.update(bytes);
    for (let at = 0; at < bytes.length;) at += await this.#output.write(bytes.subarray(at));
  }

  #close(): void {
    if (this.#isOpen) this.#output.close();
    this.#isOpen = false;
  }
}
