import { SHORTEST_PAUSE } from "../look/mod.ts";

/** Longer reasons are cut, in characters. */
const LONGEST_REASON = 200;

/** Is told the reason at the first look, and whenever it has changed; undefined: nothing is paused. */
export type PauseListener = (reason: string | undefined) => void;

/** The file that pauses all kills while it exists. All databases of a fleet share one check for it. */
export class PauseFile {
  readonly #path: string;
  readonly #told: PauseListener | undefined;
  #last: { readonly at: number; readonly reason: Promise<string | undefined> } | undefined;

  /** The reason that was told last; null: none was told yet. */
  #known: string | undefined | null = null;

  constructor(path: string, told?: PauseListener) {
    this.#path = path;
    this.#told = told;
  }

  /**
   * Why kills are paused: the text of the file, or `paused` if it is empty; undefined if there is no such file. A
   * file that cannot be read pauses as well. The result is cached for less than the shortest pause between two looks
   * at one database.
   * @param now Of the clock's `now`, in milliseconds.
   */
  reason(now: number): Promise<string | undefined> {
    if (this.#last === undefined || now - this.#last.at >= SHORTEST_PAUSE) {
      this.#last = { at: now, reason: reasonIn(this.#path).then((reason) => this.#tell(reason)) };
    }
    return this.#last.reason;
  }

  #tell(reason: string | undefined): string | undefined {
    if (reason !== this.#known) this.#told?.(reason);
    this.#known = reason;
    return reason;
  }
}

async function reasonIn(file: string): Promise<string | undefined> {
  try {
    // Checking whether it exists takes no file handle; a large fleet may have used all of them.
    await Deno.stat(file);
    const text = (await Deno.readTextFile(file)).trim();
    return text === "" ? "paused" : text.slice(0, LONGEST_REASON);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : "the pause file cannot be read";
  }
}
