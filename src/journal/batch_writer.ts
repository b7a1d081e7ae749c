import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { Queue } from "../events/mod.ts";
import { failureOf, isBusy } from "./error.ts";
import { openJournal } from "./open.ts";
import { Place } from "./place.ts";
import { transaction } from "./sql.ts";

/** Something to write, within a transaction that others share. */
export type Write = (journal: DatabaseSync) => void;

export interface BatchWriterOptions {
  readonly clock: Clock;
  /** When aborted, what waits is written without rests, and nothing is tried for long. */
  readonly signal: AbortSignal;
  /** Told when something had to be given up: why, and how many writes. */
  lost(reason: string, writes: number): void;
}

/** How many writes may wait; more are dropped, and counted. */
const CAPACITY = 20_000;
/** A transaction has so many writes at most, and is meant to take so long, in milliseconds: a kill may have to wait for it. */
const LARGEST = 32;
const SMALLEST = 4;
const MEANT = 3;
/** The rest between two transactions, in which a kill is written, in milliseconds. */
const REST = 10;
/** How long to wait before a transaction that failed is tried again, in milliseconds. After the last one it is given up. */
const PATIENCE = [200, 1000, 5000, 20_000];
/** A kill of another program goes first: it waits for this one only as long as this one waits for it, in milliseconds. */
const BUSY_TIMEOUT = 20;
const CHECKPOINT = 1000;

/**
 * Writes to a journal what can wait: in the background, in small transactions with rests between them, on a connection
 * of its own. It never fails, and delays no kill by more than one of its transactions.
 */
export class BatchWriter {
  readonly #file: string;
  readonly #options: BatchWriterOptions;
  readonly #queue: Queue<Write>;
  #database: DatabaseSync | undefined;
  #place: Place | undefined;
  #size = LARGEST;
  /** How many that were dropped have been told. */
  #told = 0;

  constructor(file: string, options: BatchWriterOptions) {
    this.#file = file;
    this.#options = options;
    this.#queue = new Queue({ capacity: CAPACITY, drain: (writes) => this.#drain(writes) });
  }

  add(write: Write): void {
    this.#queue.push(write);
    const { dropped } = this.#queue;
    if (dropped === this.#told) return;
    this.#options.lost("too many were waiting", dropped - this.#told);
    this.#told = dropped;
  }

  /** Waits until everything has been written or given up, for at most `milliseconds`. */
  flush(milliseconds: number): Promise<void> {
    return this.#queue.flush(milliseconds);
  }

  /**
   * Uses the connection now. Undefined if that failed.
   * @param use To be done in a moment: nothing else is done meanwhile.
   */
  now<T>(use: (journal: DatabaseSync) => T): T | undefined {
    try {
      return use(this.#opened());
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async #drain(writes: readonly Write[]): Promise<void> {
    const { clock, signal } = this.#options;
    for (let at = 0; at < writes.length;) {
      const batch = writes.slice(at, at + this.#size);
      at += batch.length;
      await this.#write(batch);
      await clock.sleep(REST, signal);
    }
  }

  async #write(batch: readonly Write[]): Promise<void> {
    const { clock, signal, lost } = this.#options;
    let failure = "";
    for (const wait of [...PATIENCE, 0]) {
      try {
        return this.#tryNow(batch);
      } catch (error) {
        this.#failed(error);
        failure = failureOf(error);
      }
      await clock.sleep(wait, signal);
    }
    lost(failure, batch.length);
  }

  #tryNow(batch: readonly Write[]): void {
    const { clock } = this.#options;
    const journal = this.#opened();
    const begun = clock.now();
    transaction(journal, () => batch.forEach((write) => write(journal)));
    const isSlow = clock.now() - begun > MEANT;
    this.#size = isSlow ? Math.max(SMALLEST, this.#size >> 1) : Math.min(LARGEST, this.#size + 4);
  }

  /** One that is only busy keeps its files: the program may be allowed to open no more. */
  #failed(error: unknown): void {
    if (!isBusy(error)) this.close();
  }

  #opened(): DatabaseSync {
    if (this.#database !== undefined) {
      this.#place?.check();
      return this.#database;
    }
    const options = { busy: BUSY_TIMEOUT, synchronous: "NORMAL", checkpoint: CHECKPOINT } as const;
    this.#database = openJournal(this.#file, options);
    this.#place = new Place(this.#file, this.#database);
    return this.#database;
  }
}
