import { type MoveContext, OrderError } from "./context.ts";
import { changeMove, findMove, type JournalChange } from "./journal.ts";

/** How often the journal and the state of the servers are looked at, in milliseconds. */
const [JOURNAL_EVERY, HURTS_EVERY] = [200, 1000] as const;
/** How often something is said on all sessions, in milliseconds: servers end those that rest. */
const ALIVE_EVERY = 20_000;
/** How long to rest while a shard hurts, in milliseconds. */
const REST = 1000;

/** Looks between two parts of a step whether the move may go on, and writes down how far it is. */
export class Checkpoint {
  readonly #context: MoveContext;
  #looked = -Infinity;
  #asked = -Infinity;
  #alive = -Infinity;
  #rows = 0;
  #place: string | undefined;

  readonly #rests: boolean;

  /** @param options.rests Whether it rests while a shard hurts; omitted = yes. */
  constructor(context: MoveContext, { rests = true }: { readonly rests?: boolean } = {}) {
    this.#context = context;
    this.#rests = rests;
  }

  /**
   * @param done What was done since the last time.
   * @throws {OrderError} Where something else was ordered, or the run has to end.
   * @throws {DatabaseError}
   */
  async pass(done: { readonly rows?: number; readonly place?: string } = {}): Promise<void> {
    const { run: { clock, signal } } = this.#context;
    this.#rows += done.rows ?? 0;
    this.#place = done.place ?? this.#place;
    if (signal.aborted) {
      await this.write();
      throw new OrderError();
    }
    if (clock.now() - this.#looked >= JOURNAL_EVERY) {
      await this.write();
      await this.#look();
    }
    await this.#keepAlive();
    if (this.#rests) await this.#rest();
  }

  /** Writes down how far it is. Throws DatabaseError. */
  async write(): Promise<void> {
    const { move, run } = this.#context;
    if (this.#place === undefined && this.#rows === 0) return;
    const change = { rows: this.#rows, ...this.#place !== undefined && { place: this.#place } };
    if (this.#rows > 0) run.tell({ kind: "copied", id: move.id, rows: move.rows_copied + this.#rows });
    [this.#rows, this.#place] = [0, undefined];
    await this.#change(change);
  }

  async #look(): Promise<void> {
    const context = this.#context;
    const { metadata, move } = context;
    const now = await findMove(metadata, move.id);
    if (now === undefined || now.state !== move.state || now.step !== move.step) throw new OrderError();
    context.move = now;
    this.#looked = context.run.clock.now();
  }

  async #keepAlive(): Promise<void> {
    const { source, destination, aside, run: { clock } } = this.#context;
    if (clock.now() - this.#alive < ALIVE_EVERY) return;
    await Promise.all([source, destination, aside].map((session) => session.run("DO 1")));
    this.#alive = clock.now();
  }

  /** Rests while a shard hurts. */
  async #rest(): Promise<void> {
    const { run, move } = this.#context;
    if (run.clock.now() - this.#asked < HURTS_EVERY) return;
    let reason = await run.hurts();
    if (reason !== undefined) await this.write();
    let told: string | undefined;
    while (reason !== undefined) {
      if (run.signal.aborted) throw new OrderError();
      if (told !== reason) {
        run.tell({ kind: "waiting", id: move.id, reason });
        await this.#change({ reason });
        told = reason;
      }
      await run.clock.sleep(REST, run.signal);
      await this.#look();
      await this.#keepAlive();
      reason = await run.hurts();
    }
    if (told !== undefined) await this.#change({ reason: null });
    this.#asked = run.clock.now();
  }

  async #change(change: JournalChange): Promise<void> {
    const { metadata, move } = this.#context;
    if (!await changeMove(metadata, move, change)) throw new OrderError();
  }
}
