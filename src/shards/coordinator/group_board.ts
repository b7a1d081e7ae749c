import type { Clock } from "../../clock.ts";
import type { GroupRecord } from "./group_state.ts";

/** What a board needs. */
export interface GroupBoardOptions {
  readonly clock: Clock;
  /** Reads the map and the journals. */
  read(): Promise<GroupRecord>;
  /** The reason that a person can be told; undefined: this should never happen. */
  reasonOf(error: unknown): string | undefined;
}

/** The last record of a group, and how good it is. */
export interface BoardEntry {
  readonly record: GroupRecord | undefined;
  /** When it was read, by the clock's `now`. */
  readonly at: number | undefined;
  /** Why the last try to read it again failed. */
  readonly problem: string | undefined;
}

/** For how long a record is as good as a new one, and how long one who asks waits for that, in milliseconds. */
const [FRESH, PATIENCE] = [1_000, 500];

/**
 * What the metadata say of a group, read while somebody looks, and once for all who do. A database that does not answer
 * keeps nobody waiting: they get what was read before, and how old it is.
 */
export class GroupBoard {
  readonly #options: GroupBoardOptions;
  #entry: BoardEntry = { record: undefined, at: undefined, problem: undefined };
  #tried = -Infinity;
  #reading: Promise<void> | undefined;
  #fault: unknown;

  constructor(options: GroupBoardOptions) {
    this.#options = options;
  }

  /** The record, and its age. Throws what should never happen. */
  async entry(): Promise<BoardEntry> {
    const { clock } = this.#options;
    if (clock.now() - this.#tried >= FRESH) {
      this.#reading ??= this.#read().finally(() => this.#reading = undefined);
    }
    if (this.#reading !== undefined) {
      const end = new AbortController();
      await Promise.race([this.#reading, clock.sleep(PATIENCE, end.signal)]);
      end.abort();
    }
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
    return this.#entry;
  }

  /** Never fails. */
  async #read(): Promise<void> {
    const { clock, read, reasonOf } = this.#options;
    const began = clock.now();
    try {
      this.#entry = { record: await read(), at: began, problem: undefined };
    } catch (error) {
      const problem = reasonOf(error);
      if (problem === undefined) this.#fault = error;
      this.#entry = { ...this.#entry, problem: problem ?? "the coordinator failed: its log says how" };
    }
    this.#tried = clock.now();
  }
}
