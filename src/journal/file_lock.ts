/**
 * A file that one program holds at a time, on this host and in containers that share it. The system takes it from a
 * program that ends, however it ends; one that is stopped keeps it.
 */
export class FileLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #granted: Promise<boolean>;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
    this.#granted = file.lock(true).then(() => true);
    // Where it comes too late, the lock ends with the file.
    this.#granted.catch(() => {});
  }

  /** Asks for it. @throws {Error} The file cannot be opened. */
  static async ask(path: string): Promise<FileLock> {
    return new FileLock(path, await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 }));
  }

  /** Whether this program has it, or gets it before `late` settles. @throws {Error} The system has no such locks. */
  async isHeld(late: Promise<unknown>): Promise<boolean> {
    return await Promise.race([this.#granted, late.then(() => false)]);
  }

  /** The same with real time, in milliseconds. */
  async isHeldWithin(patience: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, patience));
    return await this.isHeld(late).finally(() => clearTimeout(timer));
  }

  /** What whoever holds it has written there last. @throws {Error} */
  async read(): Promise<string> {
    // Over another handle: what is done by one waits for its lock.
    return await Deno.readTextFile(this.#path);
  }

  /** Only whoever holds it writes. @throws {Error} */
  async write(text: string): Promise<void> {
    await this.#file.truncate();
    await this.#file.seek(0, Deno.SeekMode.Start);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
