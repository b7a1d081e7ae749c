import type { Clock } from "../clock.ts";
import { SHORTEST_PAUSE } from "../look/mod.ts";
import { changePauses, type ListedPause, readPauses } from "./pause_list.ts";
import {
  changesBetween,
  keyOf,
  NONE,
  type PauseChange,
  type PauseState,
  reasonOf,
  type Resumption,
  type ScopedResumption,
} from "./pause_state.ts";

/** Longer reasons in the pause file are cut, in characters. */
const LONGEST_REASON = 200;

/** Is told of all that is paused at the first look, and then of each change. */
export type PauseListener = (changes: readonly PauseChange[], state: PauseState) => void;

export interface PausesOptions {
  readonly clock: Clock;
  readonly told?: PauseListener;
  /** Ends the wait for the end of a pause. */
  readonly signal?: AbortSignal;
}

interface Check {
  /** Of the clock's `now`. */
  readonly at: number;
  readonly state: Promise<PauseState>;
}

/** How long after its time a pause is looked at again that is not over yet, in milliseconds. */
const LATER = 1000;

/**
 * Whether kills are paused: by the pause file, for all databases while it exists; or by a list of pauses that were asked
 * for, in a file beside it (`pause.json`). What cannot be read pauses everything. All databases of a fleet share one check.
 */
export class Pauses {
  /** The pause file. */
  readonly file: string;
  /** The list of pauses. */
  readonly list: string;
  readonly #options: PausesOptions;
  #last: Check | undefined;
  /** What was told last; undefined: nothing yet. */
  #known: PauseState | undefined;
  /** Until when pauses last at least, by the clock's `now`; and those that are over. */
  #ends = new Map<string, number>();
  readonly #over = new Set<string>();
  #resumption: ScopedResumption | undefined;
  /** How many checks were begun, and which of them `#known` is of. */
  #begun = 0;
  #knownOf = 0;

  constructor(file: string, options: PausesOptions) {
    this.file = file;
    this.list = `${file}.json`;
    this.#options = options;
  }

  /**
   * Why kills on a database are paused; undefined: they are not. Cached for less than the shortest pause between two
   * looks at one database.
   */
  async reason(database: string): Promise<string | undefined> {
    return reasonOf(await this.state(), database);
  }

  /** Why kills on a database are paused now, just before one. */
  async reasonNow(database: string): Promise<string | undefined> {
    await this.#check();
    // Somebody may have paused meanwhile, and has been told so.
    return this.known(database);
  }

  /** Why kills on a database were paused when that was looked at last. */
  known(database: string): string | undefined {
    return reasonOf(this.#known ?? NONE, database);
  }

  /** What pauses kills; as {@linkcode reason} it is cached. */
  async state(): Promise<PauseState> {
    const { clock } = this.#options;
    if (this.#last === undefined || clock.now() - this.#last.at >= SHORTEST_PAUSE) return await this.#check();
    return await this.#last.state;
  }

  /**
   * Pauses kills on one database, or on all. Another pause of the same database is replaced. When this settles, no kill
   * is sent any more.
   * @throws {Error} Nothing has changed.
   */
  async pause(asked: Omit<ListedPause, "at" | "until">, duration: number | undefined): Promise<ListedPause> {
    const at = this.#options.clock.wall();
    const pause: ListedPause = { ...asked, at, ...duration !== undefined && { until: at + duration } };
    await changePauses(this.list, (listed) => [
      ...listed.filter((each) => !this.#isOver(each) && each.database !== pause.database),
      pause,
    ]);
    await this.#check();
    return pause;
  }

  /**
   * Ends the pause of one database, or the one of all (undefined), and no other one. Returns what has ended.
   * @throws {Error} Nothing has changed.
   */
  async resume(database: string | undefined, resumption: Resumption): Promise<readonly ListedPause[]> {
    let ended: readonly ListedPause[] = [];
    // What another program has paused meanwhile is told before its end.
    await this.#check();
    this.#resumption = { ...resumption, database };
    try {
      await changePauses(this.list, (listed) => {
        const current = listed.filter((each) => !this.#isOver(each));
        ended = current.filter((each) => each.database === database);
        return current.filter((each) => each.database !== database);
      });
      await this.#check();
    } finally {
      this.#resumption = undefined;
    }
    return ended;
  }

  #check(): Promise<PauseState> {
    const check = { at: this.#options.clock.now(), state: this.#read() };
    this.#last = check;
    return check.state;
  }

  async #read(): Promise<PauseState> {
    const number = ++this.#begun;
    const [file, found] = await Promise.all([reasonIn(this.file), this.#listed()]);
    // What was read before something that is known by now must not take its place.
    if (this.#known !== undefined && number < this.#knownOf) return this.#known;
    this.#knownOf = number;
    const state = { ...file !== undefined && { file }, ...found };
    this.#tell(state);
    return state;
  }

  async #listed(): Promise<Pick<PauseState, "broken" | "listed">> {
    try {
      const listed = await readPauses(this.list);
      const keys = new Set(listed.map(keyOf));
      this.#ends = new Map([...this.#ends].filter(([key]) => keys.has(key)));
      return { listed: listed.filter((pause) => !this.#isOver(pause)) };
    } catch {
      return { listed: [], broken: `the list of pauses cannot be read: ${this.list}` };
    }
  }

  /**
   * A pause is over when the clock for people says so, and when as much time has passed as it still had when this program
   * saw it first: that clock may be set forward. One that was set back makes it longer.
   */
  #isOver(pause: ListedPause): boolean {
    const { until } = pause;
    if (until === undefined) return false;
    const { clock } = this.#options;
    const key = keyOf(pause);
    if (this.#over.has(key)) return true;
    const left = until - clock.wall();
    const end = this.#ends.get(key);
    if (end === undefined) {
      this.#ends.set(key, clock.now() + left);
      if (left > 0) this.#awaitEnd(key, left);
    }
    if (left > 0 || clock.now() < (end ?? -Infinity)) return false;
    this.#over.add(key);
    return true;
  }

  /** Looks when a pause should be over, so that its end is told also where nobody else looks. */
  async #awaitEnd(key: string, left: number): Promise<void> {
    const { clock, signal } = this.#options;
    if (signal === undefined) return;
    for (let wait = left + 1;; wait = LATER) {
      await clock.sleep(wait, signal);
      if (signal.aborted) return;
      const { listed } = await this.#check();
      if (!listed.some((pause) => keyOf(pause) === key)) return;
    }
  }

  #tell(state: PauseState): void {
    const before = this.#known;
    this.#known = state;
    const { clock, told } = this.#options;
    const changes = changesBetween(before ?? NONE, state, {
      resumption: this.#resumption,
      wall: clock.wall(),
    });
    if (before === undefined || changes.length > 0) told?.(changes, state);
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
