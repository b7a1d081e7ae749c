import type { Clock } from "../../clock.ts";
import type { Answer, Connection } from "../../connection/mod.ts";
import {
  bind,
  type Catalog,
  type Merge,
  narrowed,
  type Plan,
  plan,
  type PlanJson,
  planJson,
  type PlannedVerb,
  Refusal,
  type Scatter,
} from "../plan/mod.ts";
import { ownedSql, ownersOf, type SlotMap } from "../slots/slot_map.ts";
import { type QueryAnswer, type QueryResult, resultOf } from "./answer.ts";
import { gather } from "./gather.ts";
import { ask, type Bounds, read, StaleMapError, transact } from "./on_shard.ts";
import type { Pool } from "./pool.ts";
import { RouterProblem } from "./problem.ts";
import type { QueryRequest } from "./request.ts";

/** What a router needs. */
export interface RouterOptions {
  readonly catalog: Catalog;
  readonly pools: ReadonlyMap<string, Pool>;
  /** Reads the map anew. */
  readonly loadMap: () => Promise<SlotMap>;
  readonly clock: Clock;
  readonly statements: readonly PlannedVerb[];
  /** In milliseconds. */
  readonly timeout: number;
  /** In milliseconds. */
  readonly waitForMove: number;
  readonly rows: number;
}

/** How long to wait before the map is read again, in milliseconds. */
const RELOAD_PAUSE = 20;
/** The most bytes of all values of one answer of a shard. */
export const MOST_BYTES = 32 * 2 ** 20;
/** A shard may send more rows of a part than an answer may have. */
const PART_ROWS = 10;

/** Who waits for an answer. */
export interface Client {
  /** Aborted where it has gone: what waits for a session is not run for it any more; what was sent runs to its end. */
  readonly signal?: AbortSignal;
}

/** Answers requests, whoever divides the tables. */
export interface Routing {
  /** Runs a request. Throws {@linkcode RouterProblem}; there is no partial answer. */
  query(request: QueryRequest, client?: Client): Promise<QueryAnswer>;
  /** What would be run where, and nothing is run. Throws {@linkcode RouterProblem}. */
  explain(request: QueryRequest): Promise<readonly PlanJson[]>;
  /**
   * The version of the map; undefined where there is none. Throws {@linkcode RouterProblem} where it cannot be read.
   * @param options.anew Whether it is read now.
   */
  mapVersion(options?: { readonly anew?: boolean }): Promise<number | undefined>;
}

/** Runs statements on the shards that own their rows. */
export class Router implements Routing {
  readonly #options: RouterOptions;
  #map: Promise<SlotMap> | undefined;
  #renewing: Promise<SlotMap> | undefined;
  #turn = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The map as it was last read. */
  map(): Promise<SlotMap> {
    this.#map ??= this.#options.loadMap().catch((error) => {
      this.#map = undefined;
      throw error;
    });
    return this.#map;
  }

  /** Reads the map anew, once for all who ask meanwhile. Where it cannot be read, the map that is known goes on to be used. */
  #renew(): Promise<SlotMap> {
    this.#renewing ??= this.#options.loadMap()
      .then((map) => {
        this.#map = Promise.resolve(map);
        return map;
      })
      .finally(() => this.#renewing = undefined);
    return this.#renewing;
  }

  /** Plans a request, without running it. Throws {@linkcode RouterProblem}. */
  plans({ queries }: QueryRequest): readonly Plan[] {
    const { catalog, statements } = this.#options;
    return queries.map(({ query, params }) => {
      try {
        const found = plan(bind(query, params), catalog);
        if (statements.includes(found.verb)) return found;
      } catch (error) {
        throw asProblem(error);
      }
      throw notAllowed(statements);
    });
  }

  explain(request: QueryRequest): Promise<readonly PlanJson[]> {
    return Promise.all(
      this.plans(request).map(async (plan) => planJson(plan, await this.shardsOf(plan))),
    );
  }

  async mapVersion({ anew = false }: { readonly anew?: boolean } = {}): Promise<number> {
    return (await (anew ? this.#renew() : this.map())).version;
  }

  /** The shards on which a plan is run now. */
  async shardsOf({ everywhere, slots }: Plan): Promise<readonly string[]> {
    const map = await this.map();
    return everywhere ? [ownersOf(map, undefined)[0]!] : ownersOf(map, slots);
  }

  /**
   * Runs a request. Where a shard turns out not to own what the map says, the map is read again, for a while.
   * @throws {RouterProblem} There is no partial answer.
   */
  async query(request: QueryRequest, { signal }: Client = {}): Promise<QueryAnswer> {
    const { clock, timeout, waitForMove, rows } = this.#options;
    const began = clock.now();
    const plans = this.plans(request);
    const until = began + Math.min(timeout, request.timeout ?? timeout);
    const bounds = { clock, until, signal, rows, bytes: MOST_BYTES };
    const isReading = plans.every(({ verb }) => verb === "select");
    let again = false;
    for (;;) {
      const map = await this.map();
      try {
        const found = request.transaction
          ? await this.#transaction(plans, map, bounds)
          : await this.#single(plans[0]!, map, { ...bounds, allowScatter: request.allowScatter });
        return { ...found, map_version: map.version, took_ms: Math.round((clock.now() - began) * 100) / 100 };
      } catch (error) {
        if (error instanceof Refusal) throw asProblem(error);
        if (error instanceof RouterProblem && error.code === "shard_down") {
          // It may have been drained and given back since the map was read; and a session that had rested may have ended
          // with its server's last restart.
          const renewed = this.#renew().catch(() => {});
          if (isReading && !again) {
            again = true;
            await renewed;
            continue;
          }
        }
        if (!(error instanceof StaleMapError)) throw error;
        if (this.#map !== undefined && await this.#map === map) this.#map = undefined;
        if (clock.now() >= Math.min(until, began + waitForMove)) {
          throw new RouterProblem(
            "moving",
            "the rows are moving to another shard",
            "send it again a little later",
          );
        }
        await clock.sleep(RELOAD_PAUSE);
      }
    }
  }

  #pool(shard: string): Pool {
    const pool = this.#options.pools.get(shard);
    // All shards of the map that was read last have one.
    if (pool === undefined) throw new StaleMapError();
    return pool;
  }

  async #single(
    plan: Plan,
    map: SlotMap,
    bounds: Bounds & { readonly allowScatter: boolean },
  ): Promise<QueryResult & ({ shard: string } | { shards: readonly string[] })> {
    const { everywhere, slots, sql, verb, scatter } = plan;
    const owners = ownersOf(map, everywhere ? undefined : slots);
    const [first] = everywhere ? [owners[this.#turn++ % owners.length]!] : owners;
    const shard = first!;
    if (verb !== "select") {
      if (owners.length > 1) throw severalShards(owners);
      const accept = ([answer]: readonly Answer[]) => resultOf(answer!);
      const result = await this.#pool(shard).use(
        bounds,
        (connection) => transact(connection, [sql], { ...bounds, shard, slots: slots!, accept }),
      );
      return { ...result, shard };
    }
    // What asks for all rows of the only shard asks for those that are its own.
    const isHiding = !everywhere && slots === undefined && map.hiding.has(shard);
    if (everywhere || (owners.length === 1 && !isHiding)) {
      const answer = await this.#pool(shard).use(
        bounds,
        (connection) => read(connection, sql, { ...bounds, shard, map }),
      );
      return { ...resultOf(answer), shard };
    }
    if (!bounds.allowScatter && owners.length > 1) {
      throw new RouterProblem("not_allowed", "it needs several shards", `they are ${owners.join(", ")}`);
    }
    if (scatter === undefined) throw plan.obstacle ?? new Refusal("it cannot be run on several shards");
    return await this.#scatter(scatter, map, bounds);
  }

  async #scatter(
    { merge, slots }: Scatter,
    map: SlotMap,
    bounds: Bounds,
  ): Promise<QueryResult & { shards: readonly string[] }> {
    const shards = ownersOf(map, slots);
    const pools = shards.map((shard) => this.#pool(shard));
    const taken: Connection[] = [];
    try {
      // In one order for all requests: none of them waits for what another one holds.
      for (const pool of pools) taken.push(await pool.take(bounds));
      const parts = await allOf(taken.map((connection, index) => {
        const shard = shards[index]!;
        const rows = bounds.rows * PART_ROWS;
        return read(connection, partialOf(merge, map, shard), {
          ...bounds,
          rows,
          shard,
          map,
        });
      }));
      const answer = await this.#gathered(merge, parts, { bounds, shards, taken });
      if (answer.rows.length > bounds.rows) {
        throw new RouterProblem(
          "too_large",
          "the answer has too many rows",
          "ask for less, with WHERE or LIMIT",
        );
      }
      return { ...resultOf(answer, merge.names), shards };
    } finally {
      for (const [index, connection] of taken.entries()) pools[index]!.give(connection);
    }
  }

  async #gathered(
    merge: Scatter["merge"],
    parts: readonly Answer[],
    { bounds, shards, taken }: {
      readonly bounds: Bounds;
      readonly shards: readonly string[];
      readonly taken: readonly Connection[];
    },
  ): Promise<Answer> {
    const place = this.#turn++ % taken.length;
    const finisher = taken[place]!;
    try {
      return await gather(merge, parts, (sql) => ask(finisher, sql, { ...bounds, shard: shards[place]! }));
    } catch (error) {
      // It may have a temporary table.
      finisher.drop();
      throw error;
    }
  }

  async #transaction(
    plans: readonly Plan[],
    map: SlotMap,
    bounds: Bounds,
  ): Promise<{ results: readonly QueryResult[]; shard: string }> {
    const slots = [
      ...new Set(plans.flatMap(({ slots, everywhere }) => {
        if (slots === undefined && !everywhere) {
          throw new Refusal("a statement of a transaction reads all shards", "it is for one shard");
        }
        return slots ?? [];
      })),
    ];
    const owners = ownersOf(map, slots.length === 0 ? undefined : slots);
    if (slots.length > 0 && owners.length > 1) throw severalShards(owners);
    const shard = owners[0]!;
    const statements = plans.map(({ sql }) => sql);
    const accept = (answers: readonly Answer[]) => answers.map((answer) => resultOf(answer));
    const results = await this.#pool(shard).use(
      bounds,
      (connection) => transact(connection, statements, { ...bounds, shard, slots, accept }),
    );
    return { results, shard };
  }
}

/** All results, once all have ended: a session whose statement goes on is given to nobody. A problem is told before a map that is stale. */
async function allOf<T>(running: readonly Promise<T>[]): Promise<readonly T[]> {
  const ended = await Promise.allSettled(running);
  const reasons = ended.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
  if (reasons.length > 0) throw reasons.find((reason) => !(reason instanceof StaleMapError)) ?? reasons[0];
  return ended.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
}

/** A refusal as the answer to a request; all else as it is. */
export function asProblem(error: unknown): unknown {
  return error instanceof Refusal ? new RouterProblem("refused", error.message, error.hint) : error;
}

/** The answer to a statement of a kind that may not be run here. */
export function notAllowed(statements: readonly PlannedVerb[]): RouterProblem {
  const allowed = `allowed: ${statements.join(", ")}`;
  return new RouterProblem("not_allowed", "statements of this kind are not allowed here", allowed);
}

/** What a shard is asked: of rows that are not its own, as those that arrive or were left behind, it tells nothing. */
function partialOf(merge: Merge, map: SlotMap, shard: string): string {
  return map.hiding.has(shard) ? narrowed(merge, ownedSql(map, shard, merge.seam.slot)) : merge.partial;
}

function severalShards(owners: readonly string[]): Refusal {
  return new Refusal(
    `its rows are on several shards: ${owners.join(", ")}`,
    "send a statement, or a transaction, for each shard",
  );
}
