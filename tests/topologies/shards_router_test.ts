import { assert, assertEquals, assertMatch } from "@std/assert";
import { slotOf } from "../../src/shards/slots/key.ts";
import { Client, type LabCluster, type LabServer, requireFlavors, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import {
  groupConfig,
  ROUTER,
  type RunningRouter,
  SCHEMA,
  startGroup,
  startRouter,
  writeGroup,
} from "../shards/stage.ts";

/** The shard of a key of a group of three, as `shards init` gives slots away. */
function shardOf(key: string | number, count = 3): number {
  const slot = slotOf(String(key));
  return Array.from({ length: count }, (_, part) => part).findLast((part) =>
    slot >= Math.floor(part * 1024 / count)
  )!;
}

/** What a shard holds itself. */
async function there(server: LabServer, sql: string): Promise<readonly unknown[]> {
  await using root = await Client.connect(server);
  await root.query(`USE ${SCHEMA}`);
  return (await root.query(sql)).map((row) => Object.values(row)[0]);
}

/** Keys of one shard. */
function keysOf(shard: number, count: number): readonly number[] {
  return Array.from({ length: 2000 }, (_, key) => key + 1).filter((key) => shardOf(key) === shard).slice(
    0,
    count,
  );
}

async function writes(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  for (let key = 1; key <= 60; key++) {
    const { status, body } = await router.query("INSERT INTO users (user_id, name, age) VALUES (?, ?, ?)", [
      ...[key, `it's \\ ${key}`, key % 7],
    ]);
    assertEquals(
      [status, body.affected_rows, body.shard],
      [200, 1, `shard-${shardOf(key) + 1}`],
      JSON.stringify(body),
    );
  }
  for (const [index, server] of servers.entries()) {
    const expected = Array.from({ length: 60 }, (_, key) => key + 1).filter((key) => shardOf(key) === index);
    assertEquals(await there(server, "SELECT user_id FROM users ORDER BY user_id"), expected);
    // The server reckons the slot as this program does.
    const slots = await there(server, "SELECT CRC32(user_id + 0) % 1024 AS s FROM users ORDER BY user_id");
    assertEquals(slots.map(Number), expected.map((key) => slotOf(String(key))));
  }
  const one = await router.query("SELECT user_id, name FROM users WHERE user_id = 7");
  assertEquals(one.body.data, [{ user_id: 7, name: "it's \\ 7" }]);
  assertEquals(one.body.shard, `shard-${shardOf(7) + 1}`);
  const changed = await router.query("UPDATE users SET age = age + 100 WHERE user_id = 7");
  assertEquals(changed.body.affected_rows, 1);
  const gone = await router.query("DELETE FROM users WHERE user_id = ?", [60]);
  assertEquals(gone.body.affected_rows, 1);
}

async function scatters(router: RunningRouter): Promise<void> {
  const count = await router.query("SELECT COUNT(*) AS n, SUM(age) AS total, AVG(age) FROM users");
  const ages = Array.from({ length: 59 }, (_, key) => (key + 1) % 7 + (key === 6 ? 100 : 0));
  const total = ages.reduce((sum, age) => sum + age, 0);
  assertEquals(count.body.data, [{ n: 59, total: String(total), "AVG(age)": (total / 59).toFixed(4) }]);
  assertEquals(count.body.shards, ["shard-1", "shard-2", "shard-3"]);
  const sorted = await router.query("SELECT user_id FROM users ORDER BY user_id DESC LIMIT 3 OFFSET 2");
  assertEquals(sorted.body.data.map((row: { user_id: number }) => row.user_id), [57, 56, 55]);
  const none = await router.post("/query", { query: "SELECT * FROM users", allow_scatter: false });
  assertEquals([none.status, none.body.error.code], [400, "not_allowed"]);
}

/** Somebody adds a column: what the router knew of `*` is not so any more. */
async function changes(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  const sorted = () => router.query("SELECT * FROM users ORDER BY user_id LIMIT 3");
  assertEquals((await sorted()).body.columns, ["user_id", "name", "country", "age", "score", "born", "note"]);
  const change = async (sql: string) => {
    for (const server of servers) {
      await using root = await Client.connect(server, undefined, { database: SCHEMA });
      await root.query(sql);
    }
  };
  await change("ALTER TABLE users ADD COLUMN more INT");
  const { status, body } = await sorted();
  assertEquals([status, body.error?.message], [
    400,
    "the tables have other columns than when the router started",
  ], JSON.stringify(body));
  assertEquals((await router.query("SELECT * FROM users")).body.columns.at(-1), "more");
  await change("ALTER TABLE users DROP COLUMN more");
  assertEquals((await sorted()).status, 200);
}

async function refusals(router: RunningRouter): Promise<void> {
  const [one, other] = [keysOf(0, 1)[0]!, keysOf(1, 1)[0]!];
  const rows: readonly (readonly [sql: string, message: RegExp])[] = [
    [
      `INSERT INTO users (user_id, name) VALUES (${one}, 'a'), (${other}, 'b')`,
      /several shards: shard-1, shard-2/,
    ],
    ["INSERT INTO users (name) VALUES ('a')", /shard key is not given/],
    ["INSERT INTO users (user_id) VALUES (4294967296)", /does not fit/],
    ["UPDATE users SET user_id = 5 WHERE user_id = 6", /cannot be changed/],
    ["UPDATE users SET name = 'x'", /no WHERE/],
    ["DELETE FROM users WHERE user_id = 1 OR user_id = 2", /not certain/],
    ["INSERT INTO countries (code) VALUES ('DE')", /administrator/],
    ["SELECT 1; DELETE FROM users WHERE user_id = 1", /more than one statement/],
    ["SELECT * FROM mysql.user", /only tables of the schema/],
    ["DROP TABLE users", /does not begin with/],
    ["SELECT SLEEP(10)", /not supported: "sleep"/],
    [
      "SELECT a.name, b.name FROM users a JOIN users b ON a.user_id = b.user_id WHERE a.user_id = 3",
      /two columns/,
    ],
  ];
  for (const [sql, message] of rows) {
    const { status, body } = await router.query(sql);
    assertEquals([status, body.error?.code], [400, "refused"], `${sql}: ${JSON.stringify(body)}`);
    assertMatch(body.error.message, message);
  }
  assertEquals((await router.query("SELECT COUNT(*) AS n FROM users")).body.data, [{ n: 59 }]);
  const wrong = await router.query("SELECT nothing_like_it FROM users WHERE user_id = 1");
  assertEquals([wrong.status, wrong.body.error.code], [400, "statement"]);
  const twice = await router.query("INSERT INTO users (user_id) VALUES (1)");
  assertEquals([twice.status, twice.body.error.code], [400, "statement"]);
}

async function transactions(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  const [first, second] = keysOf(1, 2) as [number, number];
  const good = await router.post("/query", {
    queries: [
      { query: "INSERT INTO orders (customer_id, id, amount) VALUES (?, 1, 5)", params: [first] },
      { query: "INSERT INTO orders (customer_id, id, amount) VALUES (?, 1, 7.5)", params: [second] },
      `SELECT SUM(amount) AS total FROM orders WHERE customer_id IN (${first}, ${second})`,
    ],
  });
  assertEquals(good.body.results?.map((result: { affected_rows?: number }) => result.affected_rows), [
    1,
    1,
    undefined,
  ], JSON.stringify(good.body));
  assertEquals(good.body.results[2].data, [{ total: "12.500" }]);
  // The second statement fails: nothing of the first is left. So it is where an answer cannot be given.
  for (
    const last of [
      `INSERT INTO orders (customer_id, id) VALUES (${first}, 1)`,
      `SELECT a.id, b.id FROM orders a JOIN orders b ON a.customer_id = b.customer_id WHERE a.customer_id = ${first}`,
    ]
  ) {
    const bad = await router.post("/query", {
      queries: [`INSERT INTO orders (customer_id, id) VALUES (${second}, 2)`, last],
    });
    assertEquals(bad.status, 400, JSON.stringify(bad.body));
  }
  assertEquals(await there(servers[1]!, "SELECT COUNT(*) AS n FROM orders"), [2]);
  const far = await router.post("/query", {
    queries: [
      `DELETE FROM orders WHERE customer_id = ${first}`,
      `DELETE FROM orders WHERE customer_id = ${keysOf(0, 1)[0]}`,
    ],
  });
  assertEquals([far.status, far.body.error.code], [400, "refused"]);
}

/** As the flip of a move will do it: the shard lets a slot go, another one owns it, and the map follows later. */
async function ownership(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  const [source, destination] = servers as readonly [LabServer, LabServer];
  const key = keysOf(0, 3)[2]!;
  const slot = slotOf(String(key));
  await using from = await Client.connect(source, undefined, { database: SCHEMA });
  await using to = await Client.connect(destination, undefined, { database: SCHEMA });
  // Frozen: reads are answered, writes wait and then are told.
  await from.query("UPDATE qs_slots SET state = 'frozen' WHERE slot = ?", [slot]);
  const frozen = await router.query("UPDATE users SET age = 1 WHERE user_id = ?", [key]);
  assertEquals([frozen.status, frozen.body.error?.code], [409, "moving"], JSON.stringify(frozen.body));
  assertEquals((await router.query("SELECT COUNT(*) AS n FROM users WHERE user_id = ?", [key])).status, 200);
  // The other shard has the row and owns the slot now, and the map says so only after a while.
  const [row] = await from.query("SELECT * FROM users WHERE user_id = ?", [key]);
  if (row !== undefined) {
    await to.query("INSERT INTO users (user_id, name, age) VALUES (?, ?, ?)", [key, "moved", 3]);
  } else await to.query("INSERT INTO users (user_id, name, age) VALUES (?, 'moved', 3)", [key]);
  await from.query("DELETE FROM users WHERE user_id = ?", [key]);
  await from.query("DELETE FROM qs_slots WHERE slot = ?", [slot]);
  await to.query("INSERT INTO qs_slots VALUES (?, 'owned')", [slot]);
  for (const client of [from, to]) await client.query("UPDATE qs_shard SET epoch = epoch + 1");
  const reading = router.query("SELECT name FROM users WHERE user_id = ?", [key]);
  const counting = router.query("SELECT COUNT(*) AS n FROM users WHERE user_id = ?", [key]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await from.query("START TRANSACTION");
  await from.query("UPDATE qs_map SET shard = 'shard-2' WHERE slot = ?", [slot]);
  await from.query("UPDATE qs_serving SET epoch = epoch + 1 WHERE shard IN ('shard-1', 'shard-2')");
  await from.query("COMMIT");
  assertEquals((await reading).body.data, [{ name: "moved" }]);
  assertEquals((await counting).body.data, [{ n: 1 }]);
  const written = await router.query("UPDATE users SET age = 4 WHERE user_id = ?", [key]);
  assertEquals([written.body.shard, written.body.affected_rows], ["shard-2", 1]);
}

async function outage(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  await servers[2]!.kill();
  const [lost, kept] = [keysOf(2, 1)[0]!, keysOf(1, 1)[0]!];
  const gone = await router.query("SELECT * FROM users WHERE user_id = ?", [lost]);
  assertEquals([gone.status, gone.body.error.code], [503, "shard_down"]);
  assertMatch(gone.body.error.message, /shard-3/);
  assertEquals((await router.query("SELECT COUNT(*) AS n FROM users")).status, 503);
  assertEquals((await router.query("SELECT age FROM users WHERE user_id = ?", [kept])).status, 200);
  const health = await fetch(`${router.address}/health`);
  assertEquals(health.status, 503);
  assertMatch(await health.text(), /cannot be used: shard-3/);
  await servers[2]!.start();
  const back = await router.query("SELECT COUNT(*) AS n FROM users");
  assertEquals(back.status, 200, JSON.stringify(back.body));
}

/** Somebody else holds the row: what waits for it ends in time, and says what is known. */
async function deadlines(router: RunningRouter, { servers }: LabCluster): Promise<void> {
  const key = keysOf(2, 1)[0]!;
  await using other = await Client.connect(servers[2]!, undefined, { database: SCHEMA });
  await router.query("INSERT INTO users (user_id, age) VALUES (?, 1) ON DUPLICATE KEY UPDATE age = 1", [key]);
  await other.query("START TRANSACTION");
  await other.query("UPDATE users SET age = 2 WHERE user_id = ?", [key]);
  const locked = `SELECT age FROM users WHERE user_id = ${key} FOR UPDATE`;
  const late = await router.post("/query", { query: locked, timeout_ms: 300 });
  assertEquals([late.status, late.body.error?.code], [504, "deadline"], JSON.stringify(late.body));
  const write = `UPDATE users SET age = age + 10 WHERE user_id = ${key}`;
  // Its COMMIT is on its way: the server may do it yet.
  const unsure = await router.post("/query", { query: write, timeout_ms: 300 });
  assertEquals(
    [unsure.status, unsure.body.error?.code],
    [503, "unknown_outcome"],
    JSON.stringify(unsure.body),
  );
  // The COMMIT of several comes last, and was not sent.
  const undone = await router.post("/query", { queries: [write, write], timeout_ms: 300 });
  assertEquals([undone.status, undone.body.error?.code], [504, "deadline"], JSON.stringify(undone.body));
  const broken = router.post("/query", { query: write });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await servers[2]!.kill();
  const gone = await broken;
  assertEquals([gone.status, gone.body.error?.code], [503, "unknown_outcome"], JSON.stringify(gone.body));
  await servers[2]!.start();
}

/** All connections to a shard are in use: whoever comes then waits for one, and no longer than asked. */
async function crowd({ servers }: LabCluster): Promise<void> {
  await using config = await writeGroup(groupConfig(servers, "connections: 1, timeout: 2s, "), ROUTER);
  await using router = await startRouter(config.file);
  const key = keysOf(1, 1)[0]!;
  await using other = await Client.connect(servers[1]!, undefined, { database: SCHEMA });
  await other.query("START TRANSACTION");
  await other.query("UPDATE users SET age = 2 WHERE user_id = ?", [key]);
  const holding = router.post("/query", { query: `SELECT age FROM users WHERE user_id = ${key} FOR UPDATE` });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const busy = await router.post("/query", {
    query: `SELECT age FROM users WHERE user_id = ${key}`,
    timeout_ms: 200,
  });
  assertEquals([busy.status, busy.body.error?.code], [503, "busy"], JSON.stringify(busy.body));
  const waiting = router.query(`SELECT age FROM users WHERE user_id = ${key}`);
  await other.query("ROLLBACK");
  assertEquals([(await holding).status, (await waiting).status], [200, 200]);
  // Two that need all shards, at once: neither waits for what the other one holds.
  const counts = await Promise.all(
    Array.from({ length: 8 }, () => router.query("SELECT COUNT(*) AS n FROM users")),
  );
  assertEquals(counts.map(({ status }) => status), counts.map(() => 200));
}

/** A client that keeps its connection does not keep the router. */
async function ends({ servers }: LabCluster): Promise<void> {
  await using config = await writeGroup(groupConfig(servers), ROUTER);
  await using router = await startRouter(config.file);
  assertEquals((await router.query("SELECT 1 AS one")).status, 200);
  const began = performance.now();
  const { code, stderr } = await router.program.stop("SIGTERM");
  // An old runtime is told of.
  const told = stderr.replace(/^query-sniper: Deno 2\.4\.\d+ keeps no limits .*\n/, "");
  assertEquals({ code, told }, { code: 0, told: "" });
  assert(performance.now() - began < 10_000);
}

/** SIGHUP does not end it: its tokens are read again, and wrong ones leave what was. */
async function hangup({ servers }: LabCluster): Promise<void> {
  const text = groupConfig(servers, "tokens_file: tokens, ");
  await using config = await writeGroup(text, ROUTER);
  const write = (tokens: string) => Deno.writeTextFile(`${config.folder}/tokens`, tokens, { mode: 0o600 });
  const [old, next] = ["the-token-of-this-test", "the-next-token-of-this-test"];
  await write(old);
  await using router = await startRouter(config.file);
  const isLetIn = async (token: string) =>
    (await router.post("/query", { query: "SELECT 1" }, { authorization: `Bearer ${token}` })).status === 200;
  assertEquals([await isLetIn(old), await isLetIn(next)], [true, false]);
  await write(next);
  router.program.signal("SIGHUP");
  await router.program.line("the reload", (line) => line.startsWith("router: its tokens were read again"));
  assertEquals([await isLetIn(old), await isLetIn(next)], [false, true]);
  await write("short");
  router.program.signal("SIGHUP");
  await waitFor("the refusal", () => Promise.resolve(router.program.stderr.includes("stay as they were")));
  assertEquals([await isLetIn(old), await isLetIn(next)], [false, true]);
  assertEquals((await router.program.stop("SIGTERM")).code, 0);
}

async function requests(router: RunningRouter): Promise<void> {
  const rows: readonly (readonly [unknown, number, Readonly<Record<string, string>>?])[] = [
    ["{", 400],
    [{ query: "SELECT 1", nonsense: 1 }, 400],
    [{}, 400],
    [{ query: "SELECT 1" }, 400, { "content-type": "text/plain" }],
    [{ query: "SELECT 1 AS one" }, 200],
    [{ query: "SELECT ? AS one", params: ["x"] }, 200],
    [{ query: "SELECT ? AS one", params: [] }, 400],
    [{ query: `SELECT '${"x".repeat(2 ** 21)}' AS one` }, 400],
  ];
  for (const [body, status, headers] of rows) {
    const reply = await router.post("/query", body, headers);
    assertEquals(reply.status, status, JSON.stringify(reply.body).slice(0, 300));
  }
  const plan = await router.post("/explain", { query: "SELECT COUNT(*) FROM users" });
  assertEquals(plan.body.runs_on, "several");
  assertMatch(plan.body.merge.create, /^CREATE TEMPORARY TABLE/);
}

for (const flavor of await requireFlavors()) {
  Deno.test(`a router over three shards of ${flavor}`, async (t) => {
    await using group = await startGroup(flavor, 3);
    await using config = await writeGroup(groupConfig(group.servers), ROUTER);
    {
      await using router = await startRouter(config.file);
      await t.step("writes go to the owner of the key", () => writes(router, group));
      await t.step("reads of all shards are merged", () => scatters(router));
      await t.step("columns that have changed are seen", () => changes(router, group));
      await t.step("what is not certain is refused, and changes nothing", () => refusals(router));
      await t.step("several statements are one transaction", () => transactions(router, group));
      await t.step("requests are checked", () => requests(router));
      await t.step(
        "deadlines are kept, and an outcome that is not known is said to be",
        () => deadlines(router, group),
      );
      await t.step("a map that is stale answers nothing wrong", () => ownership(router, group));
      await t.step(
        "a shard that is down is named, and no part of an answer is given",
        () => outage(router, group),
      );
    }
    await t.step("connections are limited, and waited for", () => crowd(group));
    await t.step("a router that is told to end does so, whoever keeps a connection", () => ends(group));
    await t.step("tokens are read again at SIGHUP", () => hangup(group));
    await t.step("shards check finds the group in order", async () => {
      await using root = await writeGroup(groupConfig(group.servers), { user: "root", password: "root" });
      const { code, stdout } = await runProgram(["shards", "check", "-c", root.file]);
      assertEquals(stdout.trim().split("\n").at(-1), "the shards are one group");
      assertEquals(code, 0);
    });
    await t.step("shards init changes nothing where there is a map", async () => {
      await using root = await writeGroup(groupConfig(group.servers), { user: "root", password: "root" });
      const { code } = await runProgram(["shards", "init", "-c", root.file]);
      assert(code === 1);
    });
  });
}
