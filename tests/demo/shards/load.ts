import type { RunningRouter } from "../../shards/stage.ts";

/** What happened to the statements of everybody. */
export interface Tally {
  /** Users that were written, and acknowledged: keys 1 to this. */
  written: number;
  /** Old keys that were looked for, and found. */
  found: number;
  /** Counts of all users that were exact. */
  counted: number;
  /** What was wrong, in words. */
  readonly wrong: string[];
  /** How long each write took, in milliseconds. */
  readonly writes: number[];
}

/** Those who write new users and look for old ones, all the time. */
export class Load implements AsyncDisposable {
  readonly tally: Tally = { written: 0, found: 0, counted: 0, wrong: [], writes: [] };
  readonly #router: RunningRouter;
  readonly #running: Promise<unknown>;
  #isOver = false;

  constructor(router: RunningRouter) {
    this.#router = router;
    this.#running = Promise.all([this.#write(), this.#find(), this.#find(), this.#count()]);
  }

  /** Ends everybody, once what they do is done. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** One after the other, so that the keys from 1 on are there, and no other. */
  async #write(): Promise<void> {
    const { tally } = this;
    while (!this.#isOver) {
      const key = tally.written + 1;
      const began = performance.now();
      const { status, body } = await this.#router.query(
        "INSERT INTO users (user_id, name, age) VALUES (?, ?, ?)",
        [key, `name ${key}`, key % 90],
      );
      tally.writes.push(performance.now() - began);
      if (status === 200) tally.written = key;
      else if (body.error?.code === "unknown_outcome") {
        return void tally.wrong.push("a write of which nobody knows");
      }
    }
  }

  async #find(): Promise<void> {
    const { tally } = this;
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (tally.written === 0) continue;
      const key = 1 + Math.floor(Math.random() * tally.written);
      const { status, body } = await this.#router.query(`SELECT name FROM users WHERE user_id = ${key}`);
      if (status !== 200) continue; // an error is no wrong answer
      if (body.data[0]?.name === `name ${key}`) tally.found++;
      else tally.wrong.push(`user ${key} was not found`);
    }
  }

  /** While one user after the other is written, there are as many as before the count, or as after it. */
  async #count(): Promise<void> {
    const { tally } = this;
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = tally.written;
      const { status, body } = await this.#router.query("SELECT COUNT(*) AS n FROM users");
      if (status !== 200) continue;
      const { n } = body.data[0];
      // The next one may be there, and its writer not know it yet.
      if (n >= before && n <= tally.written + 1) tally.counted++;
      else tally.wrong.push(`${n} users were counted, of ${before} to ${tally.written + 1}`);
    }
  }
}
