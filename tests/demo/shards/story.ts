import { waitFor } from "../../lab/mod.ts";
import type { RunningCoordinator } from "../../shards/growing.ts";
import type { RunningRouter } from "../../shards/stage.ts";
import type { Narrator } from "../narrator.ts";
import { Load } from "./load.ts";

/** What the story is told with. */
export interface ShardsStage {
  readonly coordinator: RunningCoordinator;
  readonly router: RunningRouter;
  /** The number of shards at the end. */
  readonly shards: number;
}

/** For each shard, in milliseconds. */
const PATIENCE = 60_000;

interface Shard {
  readonly shard_id: string;
  readonly slots: number;
  readonly total_entries: number | null;
}

/** One shard fills, and others take their part, while everybody writes and reads. Fails if anything was wrong. */
export async function tellOfShards(stage: ShardsStage, narrator: Narrator): Promise<void> {
  const { coordinator, router, shards } = stage;
  const load = new Load(router);
  try {
    narrator.say(
      "app",
      "one client writes new users, two look for old ones, one counts all of them, without a pause",
    );
    for (let count = 2; count <= shards; count++) {
      const began = performance.now();
      await waitFor(`${count} shards`, async () => (await serving(coordinator)).length >= count, {
        timeoutMs: PATIENCE,
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      narrator.say("app", `${count} shards after ${seconds} s: ${text(load)}`);
    }
    await waitFor("the end of the last change", async () => {
      const { body } = await coordinator.get("/changes");
      return body.length === shards - 1 &&
        body.every(({ outcome }: { outcome?: string }) => outcome === "done");
    }, { timeoutMs: PATIENCE });
  } finally {
    await load.end();
  }
  await lookForAll(stage, load);
  await result(stage, load, narrator);
}

/** The shards that have slots. */
async function serving({ get }: RunningCoordinator): Promise<readonly Shard[]> {
  const { body } = await get("/shards");
  return body.filter(({ slots }: Shard) => slots > 0);
}

function text({ tally: { written, found, wrong } }: Load): string {
  return `${written} users written, ${found} old ones looked for and found, ${wrong.length} wrong answers`;
}

/** Each user is found by its key, and all of them are counted once. */
async function lookForAll({ router }: ShardsStage, { tally }: Load): Promise<void> {
  for (let key = 1; key <= tally.written; key++) {
    const { body } = await router.query(`SELECT name FROM users WHERE user_id = ${key}`);
    if (body.data?.[0]?.name !== `name ${key}`) tally.wrong.push(`at the end, user ${key} was not found`);
  }
  const { body } = await router.query("SELECT COUNT(*) AS n FROM users");
  const n = body.data?.[0]?.n;
  if (n !== tally.written) tally.wrong.push(`at the end, ${n} users were counted, of ${tally.written}`);
  if (tally.wrong.length > 0) throw new Error(tally.wrong.slice(0, 5).join("; "));
}

async function result({ coordinator }: ShardsStage, { tally }: Load, narrator: Narrator): Promise<void> {
  const writes = tally.writes.toSorted((a, b) => a - b);
  const at = (part: number) => `${writes[Math.floor((writes.length - 1) * part)]!.toFixed(1)} ms`;
  const rows = await serving(coordinator);
  narrator.table("One table, three servers", [
    ["shard", "slots", "users"],
    ...rows.map((
      { shard_id, slots, total_entries },
    ) => [shard_id, String(slots), String(total_entries ?? "unknown")]),
  ]);
  narrator.table("While their rows moved", [
    ["users written", String(tally.written), "each found by its key at the end, and counted once"],
    ["old users looked for", String(tally.found), "each was found"],
    ["counts of all users", String(tally.counted), "each was exact"],
    ["a write took", at(0.5), `in the middle; the slowest ${at(1)}`],
  ]);
}
