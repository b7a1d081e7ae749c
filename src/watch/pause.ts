import { SHORTEST_PAUSE } from "../look/mod.ts";

/** Longer reasons are cut, in characters: the file is for people, the reason for events. */
const LONGEST_REASON = 200;

/** The file that pauses all kills while it is there. All databases of a fleet look for it together. */
export class PauseFile {
  readonly #path: string;
  #last: { readonly at: number; readonly reason: Promise<string | undefined> } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Why kills are paused: the text of the file, `paused` where it is empty, nothing where there is no such file. One
   * that is there but cannot be read pauses as well. What was found stands until another look at one database can begin.
   * @param now Of the clock's `now`, in milliseconds.
   */
  reason(now: number): Promise<string | undefined> {
    if (this.#last === undefined || now - this.#last.at >= SHORTEST_PAUSE) {
      this.#last = { at: now, reason: reasonIn(this.#path) };
    }
    return this.#last.reason;
  }
}

async function reasonIn(file: string): Promise<string | undefined> {
  try {
    // Only to look whether it is there takes no file handle, of which a large fleet may have used up all.
    await Deno.stat(file);
    const text = (await Deno.readTextFile(file)).trim();
    return text === "" ? "paused" : text.slice(0, LONGEST_REASON);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : "the pause file cannot be read";
  }
}
