import { assert, assertEquals } from "@std/assert";
import { slotOf } from "../../src/shards/slots/key.ts";
import { Client, type Flavor, type LabServer, startShards } from "../lab/mod.ts";
import { type RunningProgram, startProgram } from "../program.ts";
import {
  groupConfig,
  initGroup,
  prepareShard,
  type Reply,
  ROUTER,
  type RunningRouter,
  SCHEMA,
  startRouter,
  writeGroup,
} from "./stage.ts";

/** What a run of the ledger does. */
export interface LedgerPlan {
  /** Of each shard. The first one owns all slots at the begin. */
  readonly flavors: readonly Flavor[];
  readonly moves: number;
  readonly seed: number;
  /** Whether servers are killed too. */
  readonly killsServers: boolean;
  /** Told of what is done; omitted: nobody is. */
  say?(line: string): void;
}

/** What came of it. */
export interface LedgerFigures {
  moves: number;
  aborted: number;
  /** Times that a mover, a server was killed. */
  moverKills: number;
  serverKills: number;
  writes: number;
  reads: number;
  sums: number;
  /** Requests that were refused because slots were moving, or a server was down. */
  refused: number;
  /** Writes of which the router did not know whether they were done. */
  uncertain: number;
  /** Milliseconds for which slots were frozen, by move. */
  readonly frozen: number[];
}

/** Keys that are there all the time, and are counted; above them are those that come and go. */
const COUNTED = 120;
const KEYS = 200;
const WRITERS = 8;
/** Rows of which nobody changes any. */
const RESTING = 3000;

/** Numbers from a seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the only writer of a key knows of it. */
interface Entry {
  /** Undefined: there is no row. */
  score: number | undefined;
  /** While a write is under way, or its outcome is not known: what else may be there. */
  other: { readonly score: number | undefined } | undefined;
  orders: number;
  otherOrders: number;
}

class Run {
  readonly entries: Entry[] = Array.from(
    { length: KEYS + 1 },
    () => ({ score: undefined, other: undefined, orders: 0, otherOrders: 0 }),
  );
  readonly figures: LedgerFigures = {
    ...{
      moves: 0,
      aborted: 0,
      moverKills: 0,
      serverKills: 0,
      writes: 0,
      reads: 0,
      sums: 0,
      refused: 0,
      uncertain: 0,
    },
    frozen: [],
  };
  ended = false;

  constructor(readonly routers: readonly RunningRouter[], readonly plan: LedgerPlan) {}

  /** Asks until there is an answer: who is refused has written nothing. */
  async read(router: RunningRouter, query: string): Promise<Reply["body"]> {
    for (;;) {
      const { status, body } = await router.query(query);
      if (status === 200) return body;
      if (!this.mayRefuse(status, body)) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`);
      this.figures.refused++;
      await pause(30);
    }
  }

  mayRefuse(status: number, body: Reply["body"]): boolean {
    if (status === 409) return true;
    if (!this.plan.killsServers) return false;
    if (status === 503 || status === 504) return true;
    // Rows that a writer holds whose server has just died, or the guard does.
    return status === 400 && /\(12(?:05|13)\)|\(1053\)/.test(body?.error?.message ?? "");
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

interface Write {
  readonly queries: readonly string[];
  readonly score: number | undefined;
  readonly order: boolean;
}

function nextWrite(key: number, { score, orders }: Entry, random: number): Write {
  if (score === undefined) {
    return {
      queries: [`INSERT INTO users (user_id, name, score) VALUES (${key}, 'n', 1)`],
      score: 1,
      order: false,
    };
  }
  if (key > COUNTED && random < 0.3) {
    return { queries: [`DELETE FROM users WHERE user_id = ${key}`], score: undefined, order: false };
  }
  const raise = `UPDATE users SET score = score + 1 WHERE user_id = ${key}`;
  if (random < 0.6) return { queries: [raise], score: score + 1, order: false };
  return {
    queries: [raise, `INSERT INTO orders (customer_id, id, amount) VALUES (${key}, ${orders + 1}, 1)`],
    score: score + 1,
    order: true,
  };
}

/** Writes its own keys, and knows exactly what has to be there. */
async function write(run: Run, writer: number): Promise<void> {
  const next = numbersFrom(run.plan.seed * 1000 + writer);
  const router = run.routers[writer % run.routers.length]!;
  while (!run.ended) {
    const key = 1 + writer + WRITERS * Math.floor(next() * (KEYS / WRITERS));
    const entry = run.entries[key]!;
    const wanted = nextWrite(key, entry, next());
    entry.other = { score: wanted.score };
    if (wanted.order) entry.otherOrders = entry.orders + 1;
    const { queries } = wanted;
    const { status, body } = queries.length === 1
      ? await router.query(queries[0]!)
      : await router.post("/query", { queries });
    if (status === 200) {
      const affected = (body.results ?? [body]).map((each: { affected_rows: number }) => each.affected_rows);
      assertEquals(affected, queries.map(() => 1), `${queries}: ${JSON.stringify(body)}`);
      entry.score = wanted.score;
      if (wanted.order) entry.orders++;
      run.figures.writes++;
    } else if (body.error?.code === "unknown_outcome" && run.plan.killsServers) {
      run.figures.uncertain++;
      await settle(run, router, { key, entry, wanted });
    } else if (run.mayRefuse(status, body)) {
      run.figures.refused++;
      await pause(20);
    } else throw new Error(`${queries}: ${status} ${JSON.stringify(body)}`);
    entry.other = undefined;
    entry.otherOrders = entry.orders;
    if (next() < 0.2) await checkOwn(run, router, key);
  }
}

async function settle(
  run: Run,
  router: RunningRouter,
  { key, entry, wanted }: { readonly key: number; readonly entry: Entry; readonly wanted: Write },
): Promise<void> {
  // A statement whose client is gone may still be under way: what holds its rows is waited for.
  await pause(1500);
  const found = await rowOf(run, router, key);
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
  entry.score = found.score;
  entry.orders = found.orders;
}

async function rowOf(
  run: Run,
  router: RunningRouter,
  key: number,
): Promise<{ readonly score: number | undefined; readonly orders: number }> {
  const { data } = await run.read(router, `SELECT score FROM users WHERE user_id = ${key}`);
  const { data: orders } = await run.read(
    router,
    `SELECT COUNT(*) AS n FROM orders WHERE customer_id = ${key}`,
  );
  assert(data.length <= 1, `key ${key} is there ${data.length} times`);
  return { score: data.length === 0 ? undefined : Number(data[0].score), orders: Number(orders[0].n) };
}

/** Nobody else writes this key: it has to be what was acknowledged, to the last write. */
async function checkOwn(run: Run, router: RunningRouter, key: number): Promise<void> {
  const found = await rowOf(run, router, key);
  const { score, orders } = run.entries[key]!;
  assertEquals(found, { score, orders }, `key ${key} is stale, lost or doubled`);
  run.figures.reads++;
}

function bounds(entries: readonly Entry[]): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0];
  for (const { score = 0, other } of entries.slice(1, COUNTED + 1)) {
    low += score;
    high += Math.max(score, other?.score ?? score);
  }
  return { low, high };
}

/** Counts and sums over all shards. */
async function sum(run: Run, reader: number): Promise<void> {
  const router = run.routers[reader % run.routers.length]!;
  const statements = [
    `SELECT COUNT(*) AS n, SUM(score) AS total FROM users WHERE user_id <= ${COUNTED}`,
    `SELECT COUNT(*) AS n, SUM(u.score) AS total FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id AND o.id = 0 ` +
    `WHERE u.user_id <= ${COUNTED} OR u.user_id = 0`,
  ];
  while (!run.ended) {
    const before = bounds(run.entries).low;
    const { data } = await run.read(router, statements[run.figures.sums % 2]!);
    const after = bounds(run.entries).high;
    assertEquals(Number(data[0].n), COUNTED, "rows are counted twice, or not at all");
    const total = Number(data[0].total);
    assert(
      total >= before && total <= after,
      `the sum is ${total}, and has to be from ${before} to ${after}`,
    );
    const resting = await run.read(
      router,
      `SELECT COUNT(*) AS n, SUM(age) AS total FROM users WHERE user_id >= 100000`,
    );
    assertEquals(
      [Number(resting.data[0].n), Number(resting.data[0].total)],
      [RESTING, RESTING * 7],
      "rows that nobody changes",
    );
    run.figures.sums++;
  }
}

interface Group {
  readonly servers: readonly LabServer[];
  readonly file: string;
}

const BOUNDARIES = ["prepare", "copy", "catch-up", "verify", "freeze", "flip", "keep-old", "clean", "done"];

/** Runs one move to its end, and kills what runs it now and then. */
async function moveOnce(run: Run, { servers, file }: Group, next: () => number): Promise<void> {
  const { figures, plan } = run;
  const owners = await ownersOf(servers);
  const from = pick(owners.flatMap((slots, index) => slots.length > 0 ? [index] : []), next);
  const to = pick(servers.flatMap((_, index) => index === from ? [] : [index]), next);
  const all = owners[from]!;
  const share = next() < 0.2 ? all.length : 1 + Math.floor(next() * Math.min(all.length, 400));
  const first = Math.floor(next() * (all.length - share + 1));
  const slots = all.slice(first, first + share);
  const args = ["shards", "move", "-c", file, `shard-${from + 1}`, `shard-${to + 1}`, slots.join(",")];
  plan.say?.(`move ${figures.moves + 1}: ${slots.length} slots from shard-${from + 1} to shard-${to + 1}`);
  let program = startProgram(args, { timeoutMs: 120_000 });
  let isAborted = false;
  for (let attempt = 0;; attempt++) {
    const end = await runKilled(run, program, {
      next,
      servers: [servers[from]!, servers[to]!],
      calm: attempt > 5,
    });
    if (end !== undefined) {
      const { code, stderr, stdout } = end;
      if (code === 0) break;
      if (isAborted && stdout.includes("aborted")) break;
      assert(
        plan.killsServers || /another process/.test(stderr),
        `the mover ended with ${code}: ${stdout}${stderr}`,
      );
    }
    const last = await lastMove(servers[0]!);
    // It was killed before it asked for anything, or it is done.
    if (last === undefined || last.state === "done" || last.state === "aborted") {
      if (last !== undefined && end === undefined) break;
      if (end === undefined) return;
      await pause(300);
      program = startProgram(args, { timeoutMs: 120_000 });
      continue;
    }
    const wantsAbort = !isAborted && next() < 0.1 && BOUNDARIES.indexOf(last.step) < 4;
    if (wantsAbort) isAborted = true;
    plan.say?.(`  again from ${last.step}${wantsAbort ? ", to be undone" : ""}`);
    program = startProgram([
      "shards",
      last.state === "aborting" || wantsAbort ? "abort" : "resume",
      "-c",
      file,
      last.id,
    ], {
      timeoutMs: 120_000,
    });
  }
  const last = await lastMove(servers[0]!);
  if (last?.state === "aborted") figures.aborted++;
  if (last?.frozen !== undefined) figures.frozen.push(last.frozen);
  figures.moves++;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Waits for the end of a mover, or ends it; undefined: it was killed. */
async function runKilled(
  run: Run,
  program: RunningProgram,
  { next, servers, calm }: {
    readonly next: () => number;
    readonly servers: readonly LabServer[];
    readonly calm: boolean;
  },
): Promise<Ended | undefined> {
  const random = next();
  const { figures, plan } = run;
  const kill = async () => {
    program.signal("SIGKILL");
    await program.ended;
    figures.moverKills++;
    return undefined;
  };
  if (calm || random < 0.25) return await program.ended;
  if (plan.killsServers && random < 0.5) {
    const server = pick(servers, next);
    const step = pick(BOUNDARIES.slice(0, 8), next);
    await reached(program, step);
    await pause(next() * 60);
    plan.say?.(`  kills ${server.name} at ${step}`);
    await server.kill();
    figures.serverKills++;
    await server.start();
    plan.say?.(`  it is back: ${figures.refused} refused, ${figures.uncertain} uncertain so far`);
    return await program.ended;
  }
  if (random < 0.7) {
    const step = pick(BOUNDARIES, next);
    if (!await reached(program, step)) return await program.ended;
    plan.say?.(`  kills the mover at ${step}`);
    return await kill();
  }
  await pause(next() * 2500);
  plan.say?.("  kills the mover");
  return await kill();
}

/** Whether a mover has come to a step; else it has ended. */
async function reached(program: RunningProgram, step: string): Promise<boolean> {
  try {
    await program.line(step, (line) => line.endsWith(`: ${step}`), { timeoutMs: 60_000 });
    return true;
  } catch {
    return false;
  }
}

async function ownersOf(servers: readonly LabServer[]): Promise<readonly (readonly number[])[]> {
  return await Promise.all(servers.map(async (server) => {
    await using client = await Client.connect(server, undefined, { database: SCHEMA });
    const rows = await client.query("SELECT slot FROM qs_slots WHERE state = 'owned' ORDER BY slot")
      .catch((error) => {
        // It was not prepared yet.
        if (error.errno === 1146) return [];
        throw error;
      });
    return rows.map(({ slot }) => Number(slot));
  }));
}

async function lastMove(server: LabServer) {
  await using client = await Client.connect(server, undefined, { database: SCHEMA });
  const [row] = await client.query("SELECT id, step, state, frozen_ms FROM qs_move ORDER BY id DESC LIMIT 1")
    .catch(() => []);
  if (row === undefined) return undefined;
  return {
    id: String(row["id"]),
    step: String(row["step"]),
    state: String(row["state"]),
    ...row["frozen_ms"] !== null && { frozen: Number(row["frozen_ms"]) },
  };
}

function pick<T>(list: readonly T[], next: () => number): T {
  return list[Math.floor(next() * list.length)]!;
}

/** Every row is where its slot is, once, with what was acknowledged; nothing of a move is left. */
async function checkAll(run: Run, servers: readonly LabServer[]): Promise<void> {
  const owners = await ownersOf(servers);
  const rows = new Map<number, number>();
  const orders = new Map<number, number>();
  for (const [index, server] of servers.entries()) {
    await using client = await Client.connect(server, undefined, { database: SCHEMA });
    for (const { user_id: id, score } of await client.query("SELECT user_id, score FROM users")) {
      const key = Number(id);
      assert(
        owners[index]!.includes(slotOf(String(key))),
        `key ${key} is on ${server.name}, which does not own its slot`,
      );
      assert(!rows.has(key), `key ${key} is there twice`);
      rows.set(key, Number(score));
    }
    const counts = await client.query("SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id");
    for (const { customer_id: id, n } of counts) {
      assert(!orders.has(Number(id)), `orders of ${id} are on two shards`);
      orders.set(Number(id), Number(n));
    }
    assertEquals(await client.query("SHOW TRIGGERS"), []);
    assertEquals(await client.query("SHOW TABLES LIKE 'qs_log%'"), []);
    const [shard] = await client.query("SELECT COUNT(*) AS n FROM qs_slots WHERE state <> 'owned'");
    assertEquals(Number(shard!["n"]), 0, `${server.name} has slots that are not owned`);
  }
  for (let key = 1; key <= KEYS; key++) {
    assertEquals(rows.get(key), run.entries[key]!.score, `key ${key}`);
    assertEquals(orders.get(key) ?? 0, run.entries[key]!.orders, `orders of key ${key}`);
  }
  assertEquals([...rows.keys()].filter((key) => key >= 100_000).length, RESTING);
}

/**
 * Moves slots among shards while they are read and written, and kills what does it.
 * @throws {AssertionError} Where anything is lost, doubled or stale.
 */
export async function moveLedger(plan: LedgerPlan): Promise<LedgerFigures> {
  const clusters = await Promise.all(
    plan.flavors.map((flavor) => startShards(flavor, 1)),
  );
  try {
    const servers = clusters.map(({ servers }) => servers[0]!);
    await Promise.all(servers.map(prepareShard));
    await initGroup([servers[0]!]);
    const text = groupConfig(servers, "timeout: 20s, ").replace(
      "  router:",
      "  move: { keep_old: 0s, chunk: 300, pause_when: threads_running > 1000 }\n  router:",
    );
    await using movers = await writeGroup(text, { user: "root", password: "root" });
    await using config = await writeGroup(text, ROUTER);
    await fill(servers[0]!);
    await using first = await startRouter(config.file);
    await using second = await startRouter(config.file);
    const run = new Run([first, second], plan);
    for (let key = 1; key <= COUNTED; key++) run.entries[key]!.score = 0;
    let failure: unknown;
    const going = [
      ...Array.from({ length: WRITERS }, (_, writer) => write(run, writer)),
      ...[0, 1].map((reader) => sum(run, reader)),
    ].map((each) => each.catch((error) => failure ??= error));
    const next = numbersFrom(plan.seed);
    try {
      while (run.figures.moves < plan.moves && failure === undefined) {
        await moveOnce(run, { servers, file: movers.file }, next);
      }
    } finally {
      run.ended = true;
      await Promise.all(going);
    }
    if (failure !== undefined) throw failure;
    await checkAll(run, servers);
    return run.figures;
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  }
}

async function fill(server: LabServer): Promise<void> {
  await using client = await Client.connect(server, undefined, { database: SCHEMA });
  const rows = Array.from({ length: COUNTED }, (_, index) => `(${index + 1}, 'n', 0)`);
  await client.query(`INSERT INTO users (user_id, name, score) VALUES ${rows.join(", ")}`);
  const resting = Array.from({ length: RESTING }, (_, index) => `(${100_000 + index}, 'rests', 7)`);
  await client.query(`INSERT INTO users (user_id, name, age) VALUES ${resting.join(", ")}`);
  await client.query("INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France')");
}
