import { assert, assertEquals } from "@std/assert";
import type { Reply } from "../stage.ts";
import {
  bounds,
  COUNTED,
  type Entry,
  FIRST_RESTING,
  firstEntries,
  KEYS,
  nextWrite,
  RESTING,
  type Write,
  WRITERS,
} from "./entries.ts";
import { numbersFrom, pause } from "./numbers.ts";
import { askOne, type LedgerRouter } from "./routers.ts";

/** What clients did. */
export interface LoadFigures {
  writes: number;
  reads: number;
  sums: number;
  /** Requests that were refused because slots were moving, or a server was down. */
  refused: number;
  /** Writes whose outcome was not known, and those of them that turned out to be done. */
  uncertain: number;
  turnedOutDone: number;
}

/** How long a client thinks before it writes, and before it sums up, in milliseconds. */
const [WRITER_RESTS, READER_RESTS] = [20, 100] as const;

/** Clients that write and read, and know what has to be there. */
export class Load {
  /** What has to be there; goes on from one load to the next. */
  readonly entries: Entry[];
  readonly figures: LoadFigures;
  readonly #routers: readonly LedgerRouter[];
  readonly #seed: number;
  readonly #killsServers: boolean;
  readonly #going: readonly Promise<void>[];
  #ended = false;
  #abandoned = false;
  #failure: unknown;

  constructor(
    routers: readonly LedgerRouter[],
    { seed, killsServers, before }: {
      readonly seed: number;
      readonly killsServers: boolean;
      /** The load that was there before this one, and has ended. */
      readonly before: Load | undefined;
    },
  ) {
    this.entries = before?.entries ?? firstEntries();
    this.figures = before?.figures ??
      { writes: 0, reads: 0, sums: 0, refused: 0, uncertain: 0, turnedOutDone: 0 };
    [this.#routers, this.#seed, this.#killsServers] = [routers, seed, killsServers];
    this.#going = [
      ...Array.from({ length: WRITERS }, (_, writer) => this.#write(writer)),
      ...[0, 1].map((reader) => this.#sum(reader)),
    ].map((each) => each.catch((error) => void (this.#failure ??= error)));
  }

  /** Throws what a client found to be wrong. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Lets the clients end; throws as {@linkcode check}. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#going);
    this.check();
  }

  /** Lets the clients end whatever they wait for; does not fail. */
  async abandon(): Promise<void> {
    this.#abandoned = this.#ended = true;
    await Promise.all(this.#going);
  }

  /** Asks until there is an answer: who is refused has written nothing. */
  async #read(first: number, query: string): Promise<Reply["body"]> {
    for (;;) {
      if (this.#abandoned) throw new Error("nobody waits for it any more");
      const { reply } = await askOne(this.#routers, first, { query });
      if (reply?.status === 200) return reply.body;
      if (reply === undefined) continue;
      if (!this.#mayRefuse(reply)) throw new Error(`${query}: ${reply.status} ${JSON.stringify(reply.body)}`);
      this.figures.refused++;
      await pause(30);
    }
  }

  #mayRefuse({ status, body }: Reply): boolean {
    if (status === 409) return true;
    if (!this.#killsServers) return false;
    if (status === 503 || status === 504) return true;
    // Rows that a writer holds whose server has just died, or the guard does.
    return status === 400 && /\(12(?:05|13)\)|\(1053\)/.test(body?.error?.message ?? "");
  }

  /** Writes its own keys, and knows exactly what has to be there. */
  async #write(writer: number): Promise<void> {
    const next = numbersFrom(this.#seed * 1000 + writer);
    while (!this.#ended) {
      const key = 1 + writer + WRITERS * Math.floor(next() * (KEYS / WRITERS));
      const entry = this.entries[key]!;
      const wanted = nextWrite(key, entry, next());
      const { queries } = wanted;
      entry.other = { score: wanted.score };
      const { router, reply } = await askOne(
        this.#routers,
        writer,
        queries.length === 1 ? { query: queries[0]! } : { queries },
      );
      if (reply?.status === 200) this.#acknowledged(entry, wanted, reply);
      else if (reply === undefined || (reply.body.error?.code === "unknown_outcome" && this.#killsServers)) {
        // A statement whose client is gone may still be under way.
        await (reply === undefined ? router.gone : pause(1500));
        await this.#settle(key, wanted, writer);
      } else if (this.#mayRefuse(reply)) {
        this.figures.refused++;
        await pause(20);
      } else throw new Error(`${queries}: ${reply.status} ${JSON.stringify(reply.body)}`);
      entry.other = undefined;
      // By either router: the other one may have an older map.
      if (next() < 0.2) await this.#checkOwn(key, next() < 0.5 ? writer : writer + 1);
      await pause(WRITER_RESTS * 2 * next());
    }
  }

  #acknowledged(entry: Entry, { queries, score, order }: Write, { body }: Reply): void {
    const affected = (body.results ?? [body]).map((each: { affected_rows: number }) => each.affected_rows);
    assertEquals(affected, queries.map(() => 1), `${queries}: ${JSON.stringify(body)}`);
    entry.score = score;
    if (order) entry.orders++;
    this.figures.writes++;
  }

  /** Nobody told whether a write was done: it is there whole, or not at all. */
  async #settle(key: number, wanted: Write, reader: number): Promise<void> {
    const entry = this.entries[key]!;
    const found = await this.#rowOf(key, reader);
    const isDone = found.score === wanted.score;
    assert(
      isDone || found.score === entry.score,
      `key ${key}: ${found.score}, and not ${entry.score} or ${wanted.score}`,
    );
    assertEquals(
      found.orders,
      entry.orders + (isDone && wanted.order ? 1 : 0),
      `orders of key ${key}: half a transaction`,
    );
    [entry.score, entry.orders] = [found.score, found.orders];
    this.figures.uncertain++;
    if (isDone) this.figures.turnedOutDone++;
  }

  async #rowOf(
    key: number,
    reader: number,
  ): Promise<{ readonly score: number | undefined; readonly orders: number }> {
    const { data } = await this.#read(reader, `SELECT score FROM users WHERE user_id = ${key}`);
    const { data: orders } = await this.#read(
      reader,
      `SELECT COUNT(*) AS n FROM orders WHERE customer_id = ${key}`,
    );
    assert(data.length <= 1, `key ${key} is there ${data.length} times`);
    return { score: data.length === 0 ? undefined : Number(data[0].score), orders: Number(orders[0].n) };
  }

  /** Nobody else writes this key: it has to be what was acknowledged, to the last write. */
  async #checkOwn(key: number, reader: number): Promise<void> {
    const found = await this.#rowOf(key, reader);
    const { score, orders } = this.entries[key]!;
    assertEquals(found, { score, orders }, `key ${key} is stale, lost or doubled`);
    this.figures.reads++;
  }

  /** Counts and sums over all shards. */
  async #sum(reader: number): Promise<void> {
    const statements = [
      `SELECT COUNT(*) AS n, SUM(score) AS total FROM users WHERE user_id <= ${COUNTED}`,
      "SELECT COUNT(*) AS n, SUM(u.score) AS total FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id " +
      `AND o.id = 0 WHERE u.user_id <= ${COUNTED} OR u.user_id = 0`,
    ];
    while (!this.#ended) {
      const before = bounds(this.entries).low;
      const { data } = await this.#read(reader, statements[this.figures.sums % 2]!);
      const after = bounds(this.entries).high;
      assertEquals(Number(data[0].n), COUNTED, "rows are counted twice, or not at all");
      const total = Number(data[0].total);
      assert(
        total >= before && total <= after,
        `the sum is ${total}, and has to be from ${before} to ${after}`,
      );
      const resting = await this.#read(
        reader,
        `SELECT COUNT(*) AS n, SUM(age) AS total FROM users WHERE user_id >= ${FIRST_RESTING}`,
      );
      assertEquals(
        [Number(resting.data[0].n), Number(resting.data[0].total)],
        [RESTING, RESTING * 7],
        "rows that nobody changes",
      );
      this.figures.sums++;
      await pause(READER_RESTS);
    }
  }
}
