// Moves of slots between two shards while 8 clients write through the router: for how long nobody can write to the slots,
// how many writes are delayed, and what a move costs them; then how fast the rows of a large table move. The rows are a
// million, or with --quick 20,000; $MOVE_ROWS says something else.
//
//   deno task bench move

import { verifyGroup } from "../../src/shards/move/mod.ts";
import { prepareShard, readMoves, requestMove } from "../../src/shards/move/mod.ts";
import { Client, type LabServer, requireFlavors, startShards } from "../lab/mod.ts";
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
import { type Benchmark, type Figure, median, quantile, round } from "./figure.ts";

const WRITERS = 8;
/** The longest freeze that the design allows, in milliseconds, at the 95th percentile. */
const FREEZE_LIMIT = 200;
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

export const move: Benchmark = async ({ quick }) => {
  const flavors = await requireFlavors();
  const flavor = flavors[0]!;
  await using cluster = await startShards(flavor, 2);
  const { servers } = cluster;
  await makeTables(servers[0]!);
  await makeTables(servers[1]!);
  await initGroup([servers[0]!]);
  const rows = Number(Deno.env.get("MOVE_ROWS") ?? (quick ? 20_000 : 1_000_000));
  await fill(servers[0]!, rows);
  const group = await groupOf(servers, (text) => text.replace("chunk: 100,", "chunk: 2000,"));
  await prepareShard(group, "shard-2");
  await using config = await writeGroup(moveConfig(servers), ROUTER);
  await using router = await startRouter(config.file);
  const began = performance.now();
  const half = Array.from({ length: 512 }, (_, slot) => slot);
  await runHere(
    group,
    await requestMove(group, { from: "shard-1", to: "shard-2", slots: half, cause: "bench" }),
  );
  const seconds = (performance.now() - began) / 1000;
  const count = (await readMoves(group)).at(-1)!.rows_copied;
  const load = startLoad(router, rows);
  await new Promise((resolve) => setTimeout(resolve, quick ? 2000 : 5000));
  const calm = load.times.splice(0);
  const moves = quick ? 6 : 20;
  for (let index = 0; index < moves; index++) {
    const [from, to] = index % 2 === 0 ? ["shard-2", "shard-1"] : ["shard-1", "shard-2"];
    const slots = half.slice(0, 32);
    await runHere(group, await requestMove(group, { from: from!, to: to!, slots, cause: "bench" }));
  }
  await load.end();
  const report = await verifyGroup(group);
  if (!report.ok) throw new Error(JSON.stringify(report.problems));
  const all = (await readMoves(group)).slice(-moves);
  const frozen = all.map(({ frozen_ms: time }) => time ?? NaN);
  const p95 = quantile(frozen, 0.95);
  const delayed = load.times.filter((time) => time > DELAYED).length;
  const usual = calm.filter((time) => time > DELAYED).length / calm.length;
  const figures: readonly Figure[] = [
    {
      benchmark: "move",
      what:
        `nobody can write to moving slots, p95 of ${moves} moves (median), ${WRITERS} writers on ${flavor}`,
      ours: `${round(p95)} ms (${round(median(frozen))})`,
      target: `at most ${FREEZE_LIMIT} ms`,
      met: p95 <= FREEZE_LIMIT,
    },
    {
      benchmark: "move",
      what: `writes that took more than ${DELAYED} ms, in ${moves} moves of 32 slots; without moves`,
      ours: `${delayed} of ${load.times.length} (${round(100 * delayed / load.times.length)}%)`,
      theirs: `${round(100 * usual)}%`,
    },
    {
      benchmark: "move",
      what: "a write over HTTP during moves, p50 (p99); without moves",
      ours: `${round(quantile(load.times, 0.5))} ms (${round(quantile(load.times, 0.99))})`,
      theirs: `${round(quantile(calm, 0.5))} ms (${round(quantile(calm, 0.99))})`,
    },
    {
      benchmark: "move",
      what: `half of ${rows} rows, copied, compared and deleted where they were`,
      ours: `${round(seconds)} s, ${Math.round(count / seconds)} rows a second`,
    },
  ];
  return figures;
};
