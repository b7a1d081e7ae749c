// How long the planning of a statement takes for the router of shards, and what the router costs over HTTP, beside the same
// statement sent straight to the server by the same driver, in turns.
//
//   deno task bench shards

import { plan } from "../../src/shards/plan/mod.ts";
import { ACCOUNTS, Client, requireFlavors } from "../lab/mod.ts";
import { groupConfig, ROUTER, SCHEMA, startGroup, startRouter, writeGroup } from "../shards/stage.ts";
import { SHOP } from "../shards/shop.ts";
import { namedBinary } from "../program.ts";
import { startSpider } from "../shards/spider_stage.ts";
import { bundled } from "./binary.ts";
import { type Benchmark, type Figure, median, quantile, round } from "./figure.ts";
import { RawHttp } from "./raw_http.ts";

/** The longest planning that the design allows, in microseconds. */
const PLAN_LIMIT = 20;
/** What the router may add to a statement, in milliseconds. */
const ROUTER_LIMIT = 0.5;

/** How many ask at once, each over its own connection. */
const CLIENTS = 16;

/** Requests before the first that is timed: a router runs for weeks, and its code is compiled while the first ones come. */
const WARM_UP = 4000;

const STATEMENTS: readonly (readonly [what: string, sql: string])[] = [
  ["a read by key", "SELECT name, age FROM users WHERE user_id = 123456 AND age > 30"],
  ["an INSERT", "INSERT INTO orders (customer_id, id, amount, state) VALUES (123456, 6, 7.5, 'new')"],
  ["an UPDATE", "UPDATE users SET name = 'somebody', age = age + 1 WHERE user_id = 123456"],
  [
    "a merge of groups",
    "SELECT country, COUNT(*) AS n, AVG(age) FROM users WHERE age > 3 GROUP BY country ORDER BY n DESC LIMIT 10",
  ],
  [
    "a join with a subquery",
    "SELECT u.name, o.amount FROM users u JOIN orders o ON o.customer_id = u.user_id WHERE EXISTS " +
    "(SELECT 1 FROM orders p WHERE p.customer_id = u.user_id AND p.amount > 5) ORDER BY o.amount DESC LIMIT 20",
  ],
];

/** Batches of plans: the median of them is not that of a moment in which others have the processor. */
const BATCH = 500;

function planning(quick: boolean): readonly Figure[] {
  const batches = quick ? 40 : 200;
  const timeOf = (sql: string) => {
    const began = performance.now();
    for (let run = 0; run < BATCH; run++) plan(sql, SHOP);
    return 1000 * (performance.now() - began) / BATCH;
  };
  for (let run = 0; run < 20; run++) for (const [, sql] of STATEMENTS) timeOf(sql); // until the compiler has seen it
  return STATEMENTS.map(([what, sql]) => {
    const microseconds = median(Array.from({ length: batches }, () => timeOf(sql)));
    return {
      benchmark: "shards",
      what: `the plan of ${what}`,
      ours: `${round(microseconds)} µs`,
      target: `at most ${PLAN_LIMIT} µs`,
      met: microseconds <= PLAN_LIMIT,
    };
  });
}

/** How many statements one of two sends before it is the other one's turn. */
const TURN = 100;

/** The times of so many statements each, in turns: what else the machine does hits both. */
async function timesInTurns(
  count: number,
  ...acts: readonly ((index: number) => Promise<unknown>)[]
): Promise<readonly (readonly number[])[]> {
  const times = acts.map((): number[] => []);
  for (let turn = 0; turn < count / TURN; turn++) {
    for (const [which, act] of acts.entries()) {
      for (let index = turn * TURN; index < (turn + 1) * TURN; index++) {
        const began = performance.now();
        await act(index);
        times[which]!.push(performance.now() - began);
      }
    }
  }
  return times;
}

/** Statements a second with so many clients at once. */
async function rateOf(
  count: number,
  clients: number,
  act: (index: number, client: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    while (next < count) await act(next++, client);
  }));
  return 1000 * count / (performance.now() - began);
}

/**
 * @param program The router; its figures have to be within the limits where `isRelease` says that it runs as a release does.
 */
async function routing(
  quick: boolean,
  { program, isRelease }: { readonly program: string; readonly isRelease: boolean },
): Promise<readonly Figure[]> {
  const [flavor] = await requireFlavors();
  await using group = await startGroup(flavor!, 1);
  await using config = await writeGroup(groupConfig(group.servers), ROUTER);
  await using router = await startRouter(config.file, { binary: program });
  const by = isRelease ? "" : ", compiled here";
  await using direct = await Client.connect(group.servers[0]!, ACCOUNTS.root, { database: SCHEMA });
  for (let key = 1; key <= 1000; key++) {
    await direct.query("INSERT INTO users (user_id, name, age) VALUES (?, 'x', 1)", [key]);
  }
  const count = quick ? 1000 : 5000;
  const read = (index: number) => `SELECT name, age FROM users WHERE user_id = ${1 + index % 1000}`;
  const write = (index: number) =>
    `UPDATE users SET age = ${index % 100} WHERE user_id = ${1 + index % 1000}`;
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => RawHttp.connect(`${router.address}/query`)),
  );
  const ask = (sql: string, client = 0) => clients[client]!.post(JSON.stringify({ query: sql }));
  const figures: Figure[] = [];
  for (const sql of [read, write]) await rateOf(WARM_UP, CLIENTS, (index, client) => ask(sql(index), client));
  await rateOf(WARM_UP, 1, (index) => direct.query(read(index)));
  for (const [what, sql] of [["read", read], ["write", write]] as const) {
    const [ours = [], theirs = []] = await timesInTurns(
      count,
      (index) => ask(sql(index)),
      (index) => direct.query(sql(index)),
    );
    const added = quantile(ours, 0.5) - quantile(theirs, 0.5);
    figures.push({
      benchmark: "shards",
      what: `a ${what} over HTTP${by}, one client, p50 (p99); straight to the server`,
      ours: `${round(quantile(ours, 0.5))} ms (${round(quantile(ours, 0.99))})`,
      theirs: `${round(quantile(theirs, 0.5))} ms (${round(quantile(theirs, 0.99))})`,
      ratio: round(quantile(ours, 0.5) / quantile(theirs, 0.5)),
      ...isRelease && { target: `at most ${ROUTER_LIMIT} ms more`, met: added <= ROUTER_LIMIT },
    });
  }
  const rate = await rateOf(count * 2, CLIENTS, (index, client) => ask(read(index), client));
  for (const client of clients) client[Symbol.dispose]();
  return [...figures, {
    benchmark: "shards",
    what: `reads by key over HTTP${by}, ${CLIENTS} clients in this process`,
    ours: `${Math.round(rate)} a second`,
    ...isRelease && { target: "at least 2000 a second", met: rate >= 2000 },
    note: `the clients share the processors with the router and ${flavor}`,
  }];
}

/** A read by key from each of two shards in turn, by the router and by Spider; and the sum over both. */
async function besideSpider(quick: boolean, program: string): Promise<readonly Figure[]> {
  if (!(await requireFlavors()).includes("mariadb")) return [];
  await using group = await startGroup("mariadb", 2);
  await using cluster = await startSpider();
  await using config = await writeGroup(groupConfig(group.servers), ROUTER);
  await using router = await startRouter(config.file, { binary: program });
  using client = await RawHttp.connect(`${router.address}/query`);
  await using spider = await Client.connect(cluster.servers[0]!, ACCOUNTS.root, { database: SCHEMA });
  const ask = (sql: string) => client.post(JSON.stringify({ query: sql }));
  for (let key = 1; key <= 1000; key++) {
    const insert = `INSERT INTO users (user_id, name, age) VALUES (${key}, 'x', 1)`;
    await ask(insert);
    await spider.query(insert);
  }
  const count = quick ? 200 : 2000;
  const statements: readonly (readonly [what: string, sql: (index: number) => string])[] = [
    ["a read by key", (index) => `SELECT name, age FROM users WHERE user_id = ${1 + index % 1000}`],
    ["a sum over both shards", () => "SELECT COUNT(*) AS n, SUM(age) AS total FROM users"],
  ];
  const figures: Figure[] = [];
  for (const [what, sql] of statements) {
    const [ours = 0, theirs = 0] = (await timesInTurns(
      count,
      (index) => ask(sql(index)),
      (index) => spider.query(sql(index)),
    )).map((times) => quantile(times, 0.5));
    figures.push({
      benchmark: "shards",
      what: `${what}, one client, p50: over HTTP by the router; through a Spider node`,
      ours: `${round(ours)} ms`,
      theirs: `${round(theirs)} ms`,
      ratio: round(ours / theirs),
    });
  }
  return figures;
}

export const shards: Benchmark = async ({ quick }) => {
  const compiled = namedBinary();
  // As a release is: by the current Deno. What is compiled here has an older one, where no other can be had.
  await using release = await bundled("main.ts");
  return [
    ...await routing(quick, { program: release.file, isRelease: true }),
    ...compiled === undefined ? [] : await routing(quick, { program: compiled, isRelease: false }),
    ...await besideSpider(quick, release.file),
    ...planning(quick),
  ];
};
