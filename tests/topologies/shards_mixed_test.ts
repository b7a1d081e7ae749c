import { assertEquals } from "@std/assert";
import { requireFlavors, startShards } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { groupConfig, initGroup, prepareShard, ROUTER, startRouter, writeGroup } from "../shards/stage.ts";

const flavors = await requireFlavors();

Deno.test("a group with a shard of each flavor is one group", async () => {
  const clusters = await Promise.all(flavors.map((flavor) => startShards(flavor, 1)));
  try {
    const servers = clusters.flatMap(({ servers }) => servers);
    await Promise.all(servers.map(prepareShard));
    await initGroup(servers);
    await using root = await writeGroup(groupConfig(servers), { user: "root", password: "root" });
    const { code, stdout } = await runProgram(["shards", "check", "-c", root.file]);
    assertEquals([code, stdout.trim().split("\n").at(-1)], [0, "the shards are one group"], stdout);
    await using config = await writeGroup(groupConfig(servers), ROUTER);
    await using router = await startRouter(config.file);
    for (let key = 1; key <= 40; key++) {
      const { status, body } = await router.query(
        "INSERT INTO users (user_id, name, country, age, score, born) VALUES (?, ?, ?, ?, ?, '2000-02-29')",
        [key, key % 2 === 0 ? "Köln" : "koln", key % 3 === 0 ? null : "DE", key % 10, `${key}.25`],
      );
      assertEquals(status, 200, JSON.stringify(body));
    }
    const { body } = await router.query(
      "SELECT country, COUNT(*) AS n, SUM(score) AS total, AVG(age) AS mean, COUNT(DISTINCT name) AS names, MAX(born) AS latest " +
        "FROM users GROUP BY country ORDER BY country",
    );
    assertEquals(body.shards?.length, servers.length, JSON.stringify(body));
    const row = (country: string | null) => {
      const keys = Array.from({ length: 40 }, (_, index) => index + 1).filter((key) =>
        (key % 3 === 0) === (country === null)
      );
      const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
      const total = (sum(keys) + keys.length / 4).toFixed(2);
      const mean = (sum(keys.map((key) => key % 10)) / keys.length).toFixed(4);
      return { country, n: keys.length, total, mean, names: 1, latest: "2000-02-29" };
    };
    assertEquals(body.data, [row(null), row("DE")]);
    // Each of them finishes one.
    for (let turn = 0; turn < 2; turn++) {
      const sorted = await router.query("SELECT * FROM users ORDER BY age DESC, user_id LIMIT 2 OFFSET 1");
      assertEquals(
        sorted.body.data?.map((row: { user_id: number }) => row.user_id),
        [19, 29],
        JSON.stringify(sorted.body),
      );
    }
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  }
});
