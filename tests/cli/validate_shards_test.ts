import { assertEquals } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

const CONFIG = `
databases: [{ name: shard-1, host: db1 }]
notify: { ops: { slack: { webhook_url_env: HOOK } } }
sharding:
  metadata: shard-1
  schema: shop
  tables: { users: { key: user_id } }
  shards: [shard-1]
  max_shards: 4
  budget: { shards: 1, per: 12h }
  metrics: { interval: 30s, rows: exact up to 20k, node_exporter: { shard-1: "http://db1:9100/metrics" } }
  policies:
    - { name: hot, each: shard, when: cpu > 70%, until: cpu < 40%, for: 1m, then: [split, notify ops], settle: 30m, during: Mon-Fri 08:00-20:00 }
    - { name: cold, description: All are full., mode: dry-run, when: sum(rows) > 300k, then: add shard }
`;

Deno.test("validate-config says what it understood of policies about shards", async () => {
  await using folder = await Folder.make({ "query-sniper.yaml": CONFIG });
  const file = folder.file("query-sniper.yaml");
  const { code, stdout } = await runProgram(["validate-config", file]);
  assertEquals(code, 0);
  assertEquals(stdout.split("\n").slice(3, 6), [
    "sharding of shop: dry-run, 1 shard, 4 at most, 1 more within 12h, a look every 30s, rows exact up to 20k",
    "  hot: split, notify ops each shard when cpu > 70% for 1m until cpu < 40%, during Mon-Fri 08:00-20:00, settle 30m, give_up_after 1",
    "  cold (dry-run): add shard when sum(rows) > 300k",
  ]);
  const json = await runProgram(["validate-config", "--format", "json", file]);
  assertEquals(JSON.parse(json.stdout).sharding, {
    schema: "shop",
    mode: "dry-run",
    shards: ["shard-1"],
    max_shards: 4,
    budget: { shards: 1, per: "12h" },
    metrics: {
      interval: "30s",
      rows: "exact up to 20k",
      node_exporter: { "shard-1": "http://db1:9100/metrics" },
    },
    policies: [
      {
        name: "hot",
        each: "shard",
        when: "cpu > 70%",
        until: "cpu < 40%",
        for: "1m",
        during: "Mon-Fri 08:00-20:00",
        then: ["split", "notify ops"],
        settle: "30m",
        give_up_after: 1,
      },
      {
        name: "cold",
        description: "All are full.",
        mode: "dry-run",
        when: "sum(rows) > 300k",
        for: "0s",
        then: "add shard",
      },
    ],
  });
});
