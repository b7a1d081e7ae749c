// Moves of slots between two shards of each flavor while 8 clients write through the router: how fast half of a large table
// moves, what that costs the writers, and for how long nobody can write to the slots, in that move and in small ones behind
// it. The rows are a million, or with --quick 20,000; $MOVE_ROWS says something else, and $MOVE_FLAVOR names one flavor.
//
//   deno task bench move

import { verifyGroup } from "../../src/shards/move/mod.ts";
import { prepareShard, readMoves, requestMove } from "../../src/shards/move/mod.ts";
import { Client, type Flavor, type LabServer, requireFlavors, startShards } from "../lab/mod.ts";
import { groupOf, moveConfig, runHere } from "../shards/move_stage.ts";
import {
  initGroup,
  prepareShard as makeTables,
  ROUTER,
  type RunningRouter,
  SCHEMA,
  startRouter,
  writeGroup,
} from "../shards/stage.ts";
import { type Benchmark, type Figure, median, pause, quantile, round } from "./figure.ts";

const WRITERS = 8;
/** The longest freeze that the design allows, in milliseconds, at the 95th percentile. */
const FREEZE_LIMIT = 200;
/** How long a writer rests between two writes, in milliseconds: the machine is not busy with them alone. */
const REST = 10;
/** A write that takes longer than this, in milliseconds, counts as delayed. */
const DELAYED = 100;

interface Load {
  readonly times: number[];
  end(): Promise<void>;
}

/** Clients that write one row after the other. */
function startLoad(router: RunningRouter, keys: number): Load {
  const times: number[] = [];
  let ended = false;
  const going = Array.from({ length: WRITERS }, async () => {
    while (!ended) {
      const key = 1 + Math.floor(Math.random() * keys);
      const began = performance.now();
      const { status, body } = await router.query(
        "UPDATE users SET age = 1 - COALESCE(age, 0) WHERE user_id = ?",
        [key],
      );
      if (status !== 200) throw new Error(JSON.stringify(body));
      times.push(performance.now() - began);
      await pause(REST * 2 * Math.random());
    }
  });
  return {
    times,
    async end() {
      ended = true;
      await Promise.all(going);
    },
  };
}

async function fill(server: LabServer, rows: number): Promise<void> {
  await using client = await Client.connect(server, undefined, { database: SCHEMA });
  const part = 5000;
  for (let first = 1; first <= rows; first += part) {
    const values = Array.from(
      { length: Math.min(part, rows - first + 1) },
      (_, index) => `(${first + index}, 'somebody', 'DE', 1, 12.5, '2000-02-29', 'a note of some length')`,
    );
    await client.query(`INSERT INTO users VALUES ${values.join(", ")}`);
  }
}

/** Two shards of which the first has all rows, a router, and clients that write. */
interface Stage extends AsyncDisposable {
  readonly group: Awaited<ReturnType<typeof groupOf>>;
  readonly load: Load;
}

async function startStage(flavor: Flavor, rows: number): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const cluster = await startShards(flavor, 2);
  stack.defer(() => cluster.stop());
  const { servers } = cluster;
  for (const server of servers) await makeTables(server);
  await initGroup([servers[0]!]);
  await fill(servers[0]!, rows);
  const group = await groupOf(servers, (text) => text.replace("chunk: 100,", "chunk: 2000,"));
  await prepareShard(group, "shard-2");
  const config = stack.use(await writeGroup(moveConfig(servers), ROUTER));
  const load = startLoad(stack.use(await startRouter(config.file)), rows);
  stack.defer(() => load.end());
  const kept = stack.move();
  return { group, load, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** How long writes took, in milliseconds: median, 99 of 100, the longest; and which part of them was delayed. */
function waitsText(times: readonly number[]): string {
  const late = times.filter((time) => time > DELAYED).length / times.length;
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return `${round(p50)} ms (${round(p99)}, ${round(quantile(times, 1))}), ${round(100 * late)}%`;
}

function waitsFigure(what: string, times: readonly number[], calm: readonly number[]): Figure {
  return {
    benchmark: "move",
    what: `a write over HTTP during ${what}, p50 (p99, longest), and those of more than ${DELAYED} ms; ` +
      "without moves",
    ours: waitsText(times),
    theirs: waitsText(calm),
  };
}

const HALF = Array.from({ length: 512 }, (_, slot) => slot);

async function moveSlots({ group }: Stage, from: string, to: string, slots: readonly number[]) {
  await runHere(group, await requestMove(group, { from, to, slots, cause: "bench" }));
  return (await readMoves(group, { limit: 1 }))[0]!;
}

async function check({ group, load }: Stage): Promise<void> {
  await load.end();
  const report = await verifyGroup(group);
  if (!report.ok) throw new Error(JSON.stringify(report.problems));
}

/** Half of a large table, once. */
async function large(flavor: Flavor, quick: boolean): Promise<readonly Figure[]> {
  const rows = Number(Deno.env.get("MOVE_ROWS") ?? (quick ? FEW : 1_000_000));
  await using stage = await startStage(flavor, rows);
  await pause(quick ? 2000 : 10_000);
  const calm = stage.load.times.splice(0);
  const began = performance.now();
  const { rows_copied: count, frozen_ms: frozen = NaN } = await moveSlots(stage, "shard-1", "shard-2", HALF);
  const seconds = (performance.now() - began) / 1000;
  const times = stage.load.times.splice(0);
  await check(stage);
  return [
    {
      benchmark: "move",
      what: `half of ${rows} rows of ${flavor}, copied, compared and deleted where they were, while ` +
        `${WRITERS} clients write ${Math.round(times.length / seconds)} rows a second`,
      ours: `${round(seconds)} s, ${Math.round(count / seconds)} rows a second; frozen for ${
        round(frozen)
      } ms`,
    },
    waitsFigure(`that move of ${flavor}`, times, calm),
  ];
}

/** The rows of the table whose slots move again and again. */
const FEW = 20_000;

/** A few slots again and again: how long they are frozen does not depend on how many rows there are. */
async function small(flavor: Flavor, quick: boolean): Promise<readonly Figure[]> {
  await using stage = await startStage(flavor, FEW);
  await pause(quick ? 2000 : 10_000);
  const calm = stage.load.times.splice(0);
  const frozen: number[] = [];
  for (let index = 0; index < (quick ? 6 : 40); index++) {
    const [from, to] = index % 2 === 0 ? ["shard-1", "shard-2"] : ["shard-2", "shard-1"];
    frozen.push((await moveSlots(stage, from!, to!, HALF.slice(0, 32))).frozen_ms ?? NaN);
  }
  const times = stage.load.times.splice(0);
  await check(stage);
  const p95 = quantile(frozen, 0.95);
  return [
    {
      benchmark: "move",
      what:
        `nobody can write to 32 slots of ${flavor} that move, p95 of ${frozen.length} moves (median, longest)`,
      ours: `${round(p95)} ms (${round(median(frozen))}, ${round(quantile(frozen, 1))})`,
      target: `at most ${FREEZE_LIMIT} ms`,
      met: p95 <= FREEZE_LIMIT,
    },
    waitsFigure(`these moves of ${flavor}`, times, calm),
  ];
}

export const move: Benchmark = async ({ quick }) => {
  const named = Deno.env.get("MOVE_FLAVOR");
  const figures: Figure[] = [];
  for (const flavor of await requireFlavors()) {
    if (named !== undefined && named !== flavor) continue;
    figures.push(...await large(flavor, quick), ...await small(flavor, quick));
  }
  return figures;
};
