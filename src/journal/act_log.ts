import { basename, dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { JournalError } from "./error.ts";
import { FileLock } from "./file_lock.ts";
import { messageOf } from "../text/message.ts";

/** What is written down of something that changes a server that is no database. JSON-able. */
export type ActEntry = Readonly<Record<string, unknown>> & { readonly act: string };

/** A line of the file. */
export interface ActLine {
  readonly at: string;
  readonly id: string;
  readonly phase: "intent" | "outcome";
  readonly outcome?: string;
  readonly reason?: string;
  readonly act?: string;
  /** Who wrote an intent, as {@linkcode ActLogOptions} has it. */
  readonly by?: string;
  readonly start?: string;
}

export interface ActLogOptions {
  readonly clock: Pick<Clock, "wall">;
  /** What writes. */
  readonly by?: string;
  /** Of this process alone. */
  readonly start: string;
  /** Makes an id that nobody else makes. */
  newId(): string;
  /** Whether this program moves a file that has become long to `FILE.1`. */
  readonly rotates?: boolean;
  /** Is told where an outcome could not be written. */
  lost?(reason: string): void;
}

/** A file that is longer is put aside, in bytes. */
const LONGEST = 2 ** 20;

/** After so long nobody is still at an act that a program began which held no lock; in milliseconds. */
const OVER = 24 * 3_600_000;

/** Whoever has not got a lock by then is taken not to get it, in real milliseconds. */
const MOMENT = 250;

/**
 * The durable record of what is done to servers that are no databases: JSON Lines, an intent before each act and its
 * outcome after it, each on the disk before anything goes on. Several programs may write to one file, a line at a time.
 * From its first intent on each holds a lock of its own beside the file, which the system takes from a program that ends: so
 * others know whose acts nobody is at any more. Whoever concludes those, or puts the file aside, holds `FILE.lock`.
 */
export class ActLog implements Disposable {
  readonly file: string;
  readonly #options: ActLogOptions;
  #alive: Promise<FileLock | undefined> | undefined;
  #lock: FileLock | undefined;

  constructor(file: string, options: ActLogOptions) {
    this.file = file;
    this.#options = options;
  }

  /**
   * Writes down what is going to be done. Returns what writes down its outcome, and does not fail.
   * @throws {JournalError} Then it must not be done.
   */
  async intend(entry: ActEntry): Promise<(outcome: string, reason?: string) => Promise<void>> {
    await (this.#alive ??= this.#live());
    const id = this.#options.newId();
    const { by = "command", start } = this.#options;
    await this.#append({ id, phase: "intent", ...entry, by, pid: Deno.pid, start });
    return (outcome, reason) => this.#conclude(id, { act: entry.act, outcome, reason });
  }

  /**
   * The intents without an outcome whose program has ended, also those that were put aside. Each gets the outcome
   * `unconfirmed`, once. What a program began that held no lock is left to it for a day. Lines that cannot be read are left
   * out.
   */
  async abandoned(): Promise<readonly ActLine[]> {
    if ((await this.#open()).length === 0 && (await this.#others()).length === 0) return [];
    using lock = await held(`${this.file}.lock`);
    // Another program does it just now.
    if (lock === undefined) return [];
    const others = await this.#others();
    const hasEnded = await Promise.all(others.map((start) => this.#hasEnded(start)));
    const ended = new Set(others.filter((_, index) => hasEnded[index]));
    const abandoned = (await this.#open()).filter(({ start = "", at }) =>
      ended.has(start) || this.#isOver(start, at)
    );
    const reason = "the program ended before the outcome was known";
    for (const { id, act } of abandoned) await this.#conclude(id, { act, outcome: "unconfirmed", reason });
    for (const start of ended) await Deno.remove(this.#lockOf(start)).catch(() => {});
    return abandoned;
  }

  /** Tells others that nothing is under way any more. */
  [Symbol.dispose](): void {
    if (this.#lock === undefined) return;
    try {
      Deno.removeSync(this.#lockOf(this.#options.start));
    } catch {
      // Whoever finds it there can take it.
    }
    this.#lock[Symbol.dispose]();
    this.#lock = undefined;
  }

  /** Where there are no locks, what this program leaves open is left so for a day. */
  async #live(): Promise<FileLock | undefined> {
    const path = this.#lockOf(this.#options.start);
    this.#lock = await held(path);
    // A lock that nobody holds would say that this program has ended.
    if (this.#lock === undefined) await Deno.remove(path).catch(() => {});
    return this.#lock;
  }

  #lockOf(start: string): string {
    return `${this.file}.${start}.lock`;
  }

  /** Other programs that have or had a lock here. */
  async #others(): Promise<readonly string[]> {
    const [before, after] = [`${basename(this.file)}.`, ".lock"];
    try {
      const names = await Array.fromAsync(Deno.readDir(dirname(this.file)), ({ name }) => name);
      return names.filter((name) => name.startsWith(before) && name.endsWith(after))
        .map((name) => name.slice(before.length, -after.length))
        .filter((start) => /^[\w-]{1,64}$/.test(start) && start !== this.#options.start);
    } catch {
      // Whoever writes the next line says what is wrong there.
      return [];
    }
  }

  /** Whether a program held its lock, and does so no more. */
  async #hasEnded(start: string): Promise<boolean> {
    using lock = await held(this.#lockOf(start));
    return lock !== undefined;
  }

  #isOver(start: string, at: string): boolean {
    return start !== this.#options.start && this.#options.clock.wall() - Date.parse(at) > OVER;
  }

  /** The intents without an outcome. */
  async #open(): Promise<readonly ActLine[]> {
    const open = new Map<string, ActLine>();
    for (const line of [...await linesOf(`${this.file}.1`), ...await linesOf(this.file)]) {
      if (line.phase === "intent") open.set(line.id, line);
      else open.delete(line.id);
    }
    return [...open.values()];
  }

  async #conclude(
    id: string,
    { act, outcome, reason }: {
      readonly act: string | undefined;
      readonly outcome: string;
      readonly reason: string | undefined;
    },
  ): Promise<void> {
    try {
      await this.#append({
        ...{ id, phase: "outcome" },
        ...act !== undefined && { act },
        outcome,
        ...reason !== undefined && { reason },
      });
    } catch (error) {
      this.#options.lost?.((error as Error).message);
    }
  }

  /** @throws {JournalError} */
  async #append(line: Readonly<Record<string, unknown>>): Promise<void> {
    const at = new Date(this.#options.clock.wall()).toISOString();
    // A line that was cut off, as by a disk that was full, must not swallow this one.
    const bytes = new TextEncoder().encode(`${JSON.stringify({ at, ...line })}\n`);
    try {
      if (this.#options.rotates === true) await this.#rotate();
      using file = await Deno.open(this.file, { append: true, create: true, read: true, mode: 0o600 });
      const { size } = await file.stat();
      const isCut = size > 0 && !await endsWithLine(file);
      const all = isCut ? new Uint8Array([10, ...bytes]) : bytes;
      for (let done = 0; done < all.length;) done += await file.write(all.subarray(done));
      await file.syncData();
      // A new file is there after a crash only once its folder is on the disk.
      if (size === 0) await syncFolder(dirname(this.file));
    } catch (error) {
      throw new JournalError(`${this.file}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #rotate(): Promise<void> {
    if (!await this.#isLong()) return;
    using lock = await held(`${this.file}.lock`);
    // Another program may have done it meanwhile.
    if (lock !== undefined && await this.#isLong()) await Deno.rename(this.file, `${this.file}.1`);
  }

  async #isLong(): Promise<boolean> {
    try {
      return (await Deno.stat(this.file)).size > LONGEST;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** A lock, if it can be had. */
async function held(path: string): Promise<FileLock | undefined> {
  let lock: FileLock | undefined;
  try {
    lock = await FileLock.ask(path);
    if (await lock.isHeldWithin(MOMENT)) return lock;
  } catch {
    // The system has no such locks, or the folder cannot be written to.
  }
  lock?.[Symbol.dispose]();
}

/** @throws {JournalError} */
async function linesOf(file: string): Promise<readonly ActLine[]> {
  try {
    return (await Deno.readTextFile(file)).split("\n").flatMap(lineOf);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new JournalError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing.
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}

/** Whether what is appended to a file that is not empty begins a line. */
async function endsWithLine(file: Deno.FsFile): Promise<boolean> {
  await file.seek(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  await file.read(last);
  return last[0] === 10;
}

function lineOf(text: string): readonly ActLine[] {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null || !("id" in line) || !("phase" in line)) return [];
    return typeof line.id === "string" && (line.phase === "intent" || line.phase === "outcome")
      ? [line as ActLine]
      : [];
  } catch {
    return [];
  }
}
