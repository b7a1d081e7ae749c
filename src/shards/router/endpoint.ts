import type { Clock } from "../../clock.ts";
import type { EndpointConfig, WatchedDatabase } from "../../config/mod.ts";
import type { Answer } from "../../connection/mod.ts";
import { bind, passedOn, type Plan, type PlanJson } from "../plan/mod.ts";
import { type QueryAnswer, type QueryResult, resultOf } from "./answer.ts";
import { ask, transact } from "./on_shard.ts";
import type { OpenRouter } from "./open_router.ts";
import { Pool } from "./pool.ts";
import type { QueryRequest } from "./request.ts";
import { asProblem, type Client, MOST_BYTES, notAllowed, type Routing } from "./router.ts";

interface EndpointOptions {
  readonly config: EndpointConfig;
  readonly pool: Pool;
  readonly clock: Clock;
}

/** Passes statements on to a program that divides the tables itself, such as vtgate: it knows where their rows are. */
class Endpoint implements Routing {
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  async query(request: QueryRequest, { signal }: Client = {}): Promise<QueryAnswer> {
    const { config: { name, router }, pool, clock } = this.#options;
    const began = clock.now();
    const statements = this.#read(request);
    const until = began + Math.min(router.timeout, request.timeout ?? router.timeout);
    const bounds = { clock, until, signal, rows: router.rows, bytes: MOST_BYTES, shard: name };
    const [first] = statements;
    const reads = !request.transaction && first!.verb === "select";
    const results = await pool.use(bounds, async (connection): Promise<readonly QueryResult[]> => {
      if (reads) return (await ask(connection, first!.sql, bounds)).map((answer) => resultOf(answer));
      const accept = (answers: readonly Answer[]) => answers.map((answer) => resultOf(answer));
      return await transact(connection, statements.map(({ sql }) => sql), { ...bounds, slots: [], accept });
    }).catch((error) => {
      throw asProblem(error);
    });
    const took_ms = Math.round((clock.now() - began) * 100) / 100;
    return { ...request.transaction ? { results } : results[0]!, shard: name, took_ms };
  }

  explain(request: QueryRequest): Promise<readonly PlanJson[]> {
    const { config: { name } } = this.#options;
    return Promise.resolve(
      this.#read(request).map(({ verb, sql }): PlanJson => ({
        ...{ verb, tables: [], runs_on: "one", shards: [name], slots: null, statement: sql },
      })),
    );
  }

  mapVersion(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  #read({ queries }: QueryRequest): readonly Pick<Plan, "verb" | "sql">[] {
    const { statements } = this.#options.config.router;
    return queries.map(({ query, params }) => {
      let found: Pick<Plan, "verb" | "sql">;
      try {
        found = passedOn(bind(query, params));
      } catch (error) {
        throw asProblem(error);
      }
      if (!statements.includes(found.verb)) throw notAllowed(statements);
      return found;
    });
  }
}

/** Makes a router that passes statements on; it connects when there is one. */
export function openEndpoint(
  config: EndpointConfig,
  { databases, clock }: { readonly databases: readonly WatchedDatabase[]; readonly clock: Clock },
): OpenRouter {
  const { name, schema, router: { connections, timeout } } = config;
  const target = databases.find((database) => database.name === name)!;
  const pool = new Pool({ name, target, schema, size: connections, timeout, clock });
  return {
    router: new Endpoint({ config, pool, clock }),
    pools: new Map([[name, pool]]),
    end: () => pool.end(),
  };
}
