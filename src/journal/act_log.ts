import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { JournalError } from "./error.ts";
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
  /** What writes: of programs of one name only one runs at a time, unless it is absent. */
  readonly by?: string;
  /** Of this process alone. */
  readonly start: string;
  /** Makes an id that nobody else makes. */
  newId(): string;
  /** Whether this program moves a file that has become long to `FILE.1`: of those that write to it, one at most. */
  readonly rotates?: boolean;
  /** Is told where an outcome could not be written. */
  lost?(reason: string): void;
}

/** A file that is longer is put aside, in bytes. */
const LONGEST = 2 ** 20;

/** After so long nobody is still at an act, whoever began it; in milliseconds. */
const OVER = 24 * 3_600_000;

/**
 * The durable record of what is done to servers that are no databases: JSON Lines, an intent before each act and its
 * outcome after it, each on the disk before anything goes on. Several programs may write to one file, a line at a time.
 */
export class ActLog {
  readonly file: string;
  readonly #options: ActLogOptions;

  constructor(file: string, options: ActLogOptions) {
    this.file = file;
    this.#options = options;
  }

  /**
   * Writes down what is going to be done. Returns what writes down its outcome, and does not fail.
   * @throws {JournalError} Then it must not be done.
   */
  async intend(entry: ActEntry): Promise<(outcome: string, reason?: string) => Promise<void>> {
    const id = this.#options.newId();
    const { by = "command", start } = this.#options;
    await this.#append({ id, phase: "intent", ...entry, by, pid: Deno.pid, start });
    return (outcome, reason) => this.#conclude(id, { act: entry.act, outcome, reason });
  }

  /**
   * The intents without an outcome whose program has ended. Each gets the outcome `unconfirmed`. Whether a process still
   * runs cannot be asked, as it may be in another container: so what others wrote, as a command that drains just now, is
   * left to them for a day. Lines that cannot be read are left out.
   */
  async abandoned(): Promise<readonly ActLine[]> {
    const open = new Map<string, ActLine>();
    for (const line of await this.#lines()) {
      if (line.phase === "intent") open.set(line.id, line);
      else open.delete(line.id);
    }
    const reason = "the program ended before the outcome was known";
    const abandoned = [...open.values()].filter((line) => this.#isAbandoned(line));
    for (const { id, act } of abandoned) {
      await this.#conclude(id, { act, outcome: "unconfirmed", reason });
    }
    return abandoned;
  }

  #isAbandoned({ at, by, start }: ActLine): boolean {
    const { clock, by: own, start: ownStart } = this.#options;
    if (start === ownStart) return false;
    return (own !== undefined && by === own) || clock.wall() - Date.parse(at) > OVER;
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
    try {
      const { size } = await Deno.stat(this.file);
      if (size > LONGEST) await Deno.rename(this.file, `${this.file}.1`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #lines(): Promise<readonly ActLine[]> {
    try {
      return (await Deno.readTextFile(this.file)).split("\n").flatMap(lineOf);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw new JournalError(`${this.file}: ${(error as Error).message}`, { cause: error });
    }
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
