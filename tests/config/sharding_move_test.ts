import { assertEquals } from "@std/assert";
import { load, problemsOf } from "./folder.ts";

const config = (move: string) =>
  `databases: [{ name: a, host: h }]
sharding:
  metadata: a
  schema: shop
  tables: { users: { key: id } }
  shards: [a]
${move}`;
const CREDENTIALS = "default: { user: u, password: p }\n";

async function moveOf(move = "") {
  const { sharding } = await load({ "query-sniper.yaml": config(move), "credentials.yaml": CREDENTIALS });
  const { pauseWhen, ...rest } = sharding!.move;
  return { ...rest, source: pauseWhen.source, needs: [...pauseWhen.needs].toSorted() };
}

Deno.test("moves have defaults, and rest where a shard is behind, busy or cannot purge", async () => {
  assertEquals(await moveOf(), {
    chunk: 2000,
    freeze: 1000,
    keepOld: 300_000,
    source: "lag > 5s or threads_running > 30 or hll > 1M",
    needs: ["hll", "lag", "threads_running"],
  });
  assertEquals(
    await moveOf('  move: { chunk: 5, freeze: 250ms, keep_old: 1h, pause_when: "connections_used > 80%" }'),
    {
      chunk: 5,
      freeze: 250,
      keepOld: 3_600_000,
      source: "connections_used > 80%",
      needs: ["connections_used"],
    },
  );
});

Deno.test("what is wrong with a move is told at its place", async () => {
  const problems = async (move: string) =>
    await problemsOf({ "query-sniper.yaml": config(`  move: { ${move} }`), "credentials.yaml": CREDENTIALS });
  const texts = [
    await problems("chunk: 0"),
    await problems("freeze: 1"),
    await problems("pause_when: lagg > 5s"),
    await problems("pause_when: lag > 5"),
    await problems("pause_when: lag > limits.lag"),
    await problems("pause_when: user = 'x'"),
    await problems("chunks: 3"),
  ].map((list) => list.map((line) => line.replace(/^.*?sharding\.move\.?/, "")));
  assertEquals(texts.map((list) => list.length), [1, 1, 1, 1, 1, 1, 1], JSON.stringify(texts, null, 1));
  assertEquals(texts[2], ["pause_when: unknown name: lagg (did you mean lag?)"]);
});
