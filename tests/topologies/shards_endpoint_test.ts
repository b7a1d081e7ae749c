import { assertEquals, assertMatch } from "@std/assert";
import { type LabServer, requireFlavors } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { startSpider } from "../shards/spider_stage.ts";
import { ROUTER, type RunningRouter, SCHEMA, startRouter, writeGroup } from "../shards/stage.ts";

function configOf({ host, port }: LabServer): string {
  return [
    "databases:",
    `  - { name: spider, host: ${host}, port: ${port} }`,
    "sharding:",
    "  engine: endpoint",
    "  endpoint: spider",
    `  schema: ${SCHEMA}`,
    `  router: { listen: "127.0.0.1:0", statements: [select, insert, update] }`,
  ].join("\n") + "\n";
}

async function passesOn(router: RunningRouter): Promise<void> {
  for (let key = 1; key <= 40; key++) {
    const sql = "INSERT INTO users (user_id, name, age) VALUES (?, ?, ?)";
    const { status, body } = await router.query(sql, [key, `it's ${key}`, key % 7]);
    assertEquals([status, body.affected_rows, body.shard], [200, 1, "spider"], JSON.stringify(body));
  }
  const one = await router.query("SELECT name FROM users WHERE user_id = ?", [7]);
  assertEquals([one.body.data, one.body.map_version], [[{ name: "it's 7" }], undefined]);
  // What the router refuses itself over several shards is not its affair here.
  const all = await router.query(
    "SELECT COUNT(*) AS n, GROUP_CONCAT(DISTINCT age ORDER BY age) AS ages FROM users",
  );
  assertEquals(all.body.data, [{ n: 40, ages: "0,1,2,3,4,5,6" }]);
  const both = await router.post("/query", {
    queries: [
      "UPDATE users SET age = 99 WHERE user_id IN (1, 2, 3, 4)",
      "SELECT SUM(age) AS s FROM users WHERE age = 99",
    ],
  });
  assertEquals(both.body.results, [{ affected_rows: 4 }, { data: [{ s: "396" }], columns: ["s"] }]);
  const half = await router.post("/query", {
    queries: ["UPDATE users SET age = 100 WHERE user_id = 1", "SELECT nothing FROM users"],
  });
  assertEquals([half.status, half.body.error.code], [400, "statement"]);
  assertEquals((await router.query("SELECT age FROM users WHERE user_id = 1")).body.data, [{ age: 99 }]);
}

async function refuses(router: RunningRouter): Promise<void> {
  const rows: readonly (readonly [sql: string, message: RegExp])[] = [
    ["SELECT 1; DROP TABLE users", /more than one statement/],
    ["DROP TABLE users", /does not begin with/],
    ["DELETE FROM users WHERE user_id = 1", /not allowed here/],
    ["SELECT SLEEP(10)", /not supported: "sleep"/],
    ["SELECT * FROM users INTO OUTFILE '/tmp/x'", /writes a file/],
    ["SELECT /*!99999 1, */ 2", /version comments/],
    ["SELECT @@version", /system variables/],
    ["SELECT 1 /* begins", /cannot be read to its end/],
    ["SELECT ?", /more "\?" than params/],
  ];
  for (const [sql, message] of rows) {
    const { status, body } = await router.query(sql);
    assertEquals(status, 400, sql);
    assertMatch(body.error?.message ?? "", message, sql);
  }
}

Deno.test("a router passes statements on to a Spider node, and refuses what it refuses anywhere", async () => {
  if (!(await requireFlavors()).includes("mariadb")) return;
  const cluster = await startSpider();
  try {
    const { servers } = cluster;
    await using config = await writeGroup(configOf(servers[0]!), ROUTER);
    await using router = await startRouter(config.file);
    await passesOn(router);
    await refuses(router);
    const plan = await router.post("/explain", { query: "SELECT 1 FROM users -- why" });
    assertEquals(plan.body, {
      ...{ verb: "select", tables: [], runs_on: "one", shards: ["spider"], slots: null },
      statement: "SELECT 1 FROM users",
    });
    const healthy = await (await fetch(`${router.address}/health`)).json();
    assertEquals(healthy, { status: "ok", map_version: null, shards: { spider: "ok" } });
    const { code, stderr } = await runProgram(["shards", "list", "-c", config.file]);
    assertEquals(code, 2);
    assertMatch(stderr, /"engine: endpoint" has no shards here/);
    await servers[1]!.kill();
    const down = await router.query("SELECT COUNT(*) FROM users");
    assertEquals(down.status >= 400 && down.body.data === undefined, true, JSON.stringify(down));
    await servers[0]!.kill();
    const gone = await router.query("SELECT 1 FROM users");
    assertEquals([gone.status, gone.body.error.code], [503, "shard_down"]);
  } finally {
    await cluster.stop();
  }
});
