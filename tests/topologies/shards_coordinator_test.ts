// Coordinators that are killed at any step, two of them at once, standbys that cannot be used, pauses and tokens.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Client, type LabCluster, type LabServer, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { type RunningCoordinator, smallConfig, startCoordinator, startSmall } from "../shards/growing.ts";
import { ROUTER, type RunningRouter, SCHEMA, startRouter, writeGroup } from "../shards/stage.ts";

const KEYS = ["pool: [shard-2, shard-3]", "move: { keep_old: 0s }", "metrics: { interval: 1s }"];
const ROOT_ACCOUNT = { user: "root", password: "root" };
const ROWS = 200;

/** How many processes may be killed before a change has to be done. */
const MOST_KILLS = 40;

async function fill(router: RunningRouter): Promise<void> {
  for (let key = 1; key <= ROWS; key++) {
    assertEquals(
      (await router.query("INSERT INTO users (user_id, name) VALUES (?, 'x')", [key])).status,
      200,
    );
  }
}

async function exact(router: RunningRouter): Promise<readonly string[]> {
  const { body } = await router.query("SELECT COUNT(*) AS n, SUM(user_id) AS sum FROM users");
  assertEquals(body.data, [{ n: ROWS, sum: String(ROWS * (ROWS + 1) / 2) }], JSON.stringify(body));
  return body.shards ?? [body.shard];
}

async function changes({ get }: RunningCoordinator): Promise<readonly Record<string, string>[]> {
  return (await get("/changes")).body;
}

async function ended(coordinator: RunningCoordinator): Promise<Record<string, string>> {
  return await waitFor("the end of a change", async () => {
    const [change] = await changes(coordinator);
    return change?.["outcome"] !== undefined && change;
  }, { timeoutMs: 60_000 });
}

async function eventCount({ program }: RunningCoordinator, count: number): Promise<boolean> {
  const seen = () => program.lines.filter((line) => line.includes('"shard-')).length;
  await waitFor("some events", async () => {
    const isDone = program.lines.some((line) => line.includes('"state":"done"'));
    return await Promise.resolve(seen() >= count || isDone);
  }, { timeoutMs: 60_000 });
  return program.lines.some((line) => line.includes('"state":"done"'));
}

/** Each process is killed after a few of its steps, other ones each time: at last the change is done, and done once. */
async function killed(file: string, router: RunningRouter): Promise<void> {
  await using first = await startCoordinator(file);
  assertEquals((await first.post("/shards")).status, 202);
  await eventCount(first, 1);
  await first.program.stop("SIGKILL");
  let kills = 1;
  for (let isDone = false; !isDone; kills++) {
    assert(kills < MOST_KILLS, `${kills} processes were killed, and the change is not done`);
    await using coordinator = await startCoordinator(file);
    isDone = await eventCount(coordinator, 1 + kills % 4);
    await coordinator.program.stop("SIGKILL");
    await exact(router);
  }
  await using last = await startCoordinator(file);
  const [change, ...more] = await changes(last);
  assertEquals([change!["action"], change!["outcome"], more], ["add shard", "done", []]);
  const { body: shards } = await last.get("/shards");
  assertEquals(shards.map(({ shard_id, slots }: Record<string, unknown>) => [shard_id, slots]), [
    ["shard-1", 512],
    ["shard-2", 512],
  ]);
  const { body: group } = await last.get("/group");
  assertEquals(Object.keys(group.map.slots).toSorted(), ["shard-1", "shard-2"]);
  assertEquals([group.moves, group.past_moves[0].state, group.past_changes[0].outcome], [[], "done", "done"]);
  assertEquals(await exact(router), ["shard-1", "shard-2"]);
}

/** Of two coordinators one acts; when it is killed, the other one does. */
async function two(file: string): Promise<void> {
  const active = await startCoordinator(file);
  await active.program.event("the lease", ({ event, state }) => event === "shards" && state === "active");
  await using standby = await startCoordinator(file);
  await standby.program.event("standby", ({ event, state }) => event === "shards" && state === "standby");
  const { status, body } = await standby.get("/health");
  assertEquals([status, body.status, body.role, body.why], [
    200,
    "waiting",
    "standby",
    "it changes nothing: another coordinator has the lease",
  ]);
  await active.program.stop("SIGKILL");
  await standby.program.event("the lease", ({ event, state }) => event === "shards" && state === "active", {
    timeoutMs: 20_000,
  });
}

/** A standby that has rows, and one that is a shard by another name, are marked, and not used. */
async function unusable(servers: readonly LabServer[]): Promise<void> {
  {
    await using root = await Client.connect(servers[2]!);
    await root.query(`CREATE DATABASE IF NOT EXISTS ${SCHEMA}`);
    await root.query(`CREATE TABLE ${SCHEMA}.users (user_id INT PRIMARY KEY)`);
    await root.query(`INSERT INTO ${SCHEMA}.users VALUES (1)`);
  }
  const [first] = servers;
  const twin = `  - { name: twin, host: ${first!.host}, port: ${first!.port} }`;
  const text = smallConfig(servers, ["pool: [twin, shard-3]", ...KEYS.slice(1)]).replace(
    "databases:\n",
    `databases:\n${twin}\n`,
  );
  await using config = await writeGroup(text, ROOT_ACCOUNT);
  await using coordinator = await startCoordinator(config.file);
  assertEquals((await coordinator.post("/shards")).status, 202);
  const change = await ended(coordinator);
  assertEquals(change["outcome"], "failed");
  assertMatch(change["reason"]!, /no standby of the pool is free: 2 are named, 2 of them failed/);
  const waits = coordinator.program.lines.filter((line) => line.includes('"state":"waiting"')).join("\n");
  assertMatch(waits, /twin cannot be used: it is the server of \\"shard-1\\"/);
  assertMatch(waits, /shard-3 cannot be used: it has rows in \\"users\\"/);
  await using root = await Client.connect(servers[2]!);
  await root.query(`DROP DATABASE ${SCHEMA}`);
  // Somebody has mended it, and asks for it by its name.
  assertEquals((await coordinator.post("/shards", { name: "shard-3" })).status, 202);
  assertEquals((await ended(coordinator))["outcome"], "done");
}

async function asked(servers: readonly LabServer[]): Promise<void> {
  await using config = await writeGroup(smallConfig(servers, KEYS), ROOT_ACCOUNT);
  const run = (...args: readonly string[]) => runProgram(["shards", ...args, "-c", config.file]);
  const plan = await run("drain", "shard-2", "--dry-run");
  assertEquals(plan.code, 0, plan.stderr);
  assertMatch(plan.stdout, /would move \d+ slots from shard-2 to shard-1: /);
  // Nobody holds the lease: the command carries it out itself.
  const drained = await run("drain", "shard-2");
  assertEquals(drained.code, 0, drained.stderr);
  assertEquals(drained.stdout.trim().split("\n").at(-1), "drain shard-2: done");
  const again = await run("add", "shard-2");
  assertEquals(
    [again.code, again.stdout.trim().split("\n").at(-1)],
    [0, "add shard shard-2: done"],
    again.stderr,
  );
  const none = await run("add", "shard-9");
  assertEquals(none.code, 1);
  assertMatch(none.stderr, /no standby has this name: "shard-9"/);
  const check = await run("check");
  assertEquals(check.stdout.trim().split("\n").at(-1), "the shards are one group", check.stdout);
}

/** A pause holds what would be begun, and says so; without the right token nobody is answered. */
async function guarded(servers: readonly LabServer[]): Promise<void> {
  const text = smallConfig(servers, KEYS).replace(
    'admin: { listen: "127.0.0.1:0" }',
    'admin: { listen: "127.0.0.1:0", tokens_file: tokens }',
  );
  await using config = await writeGroup(text, ROOT_ACCOUNT);
  const tokens = ["0123456789abcdef", "fedcba9876543210"];
  await Deno.writeTextFile(`${config.folder}/tokens`, tokens.join("\n"), { mode: 0o600 });
  await Deno.writeTextFile(`${config.folder}/pause`, "while we look");
  await using coordinator = await startCoordinator(config.file);
  const ask = async (path: string, token?: string, method = "GET") => {
    const response = await fetch(`http://${coordinator.address}${path}`, {
      method,
      headers: { "content-type": "application/json", ...token && { authorization: `Bearer ${token}` } },
      ...method === "POST" && { body: "{}" },
    });
    return [response.status, (await response.json()).error?.code] as const;
  };
  for (const token of [undefined, "0123456789abcdeg"]) {
    assertEquals(await ask("/shards", token), [401, "unauthorized"]);
    assertEquals(await ask("/shards", token, "POST"), [401, "unauthorized"]);
  }
  for (const token of tokens) assertEquals(await ask("/shards", token), [200, undefined]);
  assertEquals(await ask("/shards", tokens[1], "POST"), [503, "unavailable"]);
  const { body } = await coordinator.get("/health");
  assertEquals([body.status, body.paused], ["waiting", "while we look"]);
  await page(coordinator.address, tokens[1]!);
  await Deno.writeTextFile(`${config.folder}/tokens`, "a-token-that-is-new");
  coordinator.program.signal("SIGHUP");
  await waitFor("the new token", async () => (await ask("/shards", "a-token-that-is-new"))[0] === 200);
  assertEquals(await ask("/shards", tokens[1]), [401, "unauthorized"]);
}

/** Who logs in gets the page, and all that it shows. */
async function page(address: string, token: string): Promise<void> {
  const login = await fetch(`http://${address}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  assertEquals(login.status, 204);
  const headers = { cookie: login.headers.get("set-cookie")!.split(";")[0]!, accept: "text/html" };
  const shown = await fetch(`http://${address}/`, { headers });
  assertMatch(await shown.text(), /<title>Query Sniper: shards<\/title>/);
  const group = await (await fetch(`http://${address}/group`, { headers })).json();
  assertEquals([group.paused, group.looks.problem, group.metadata.problem], [
    ...["while we look", undefined, undefined],
  ]);
  const slots = group.shards.map(({ slots }: { readonly slots: number }) => slots);
  assertEquals(slots.reduce((sum: number, each: number) => sum + each, 0), 1_024);
}

/** What would be run where is the same, whoever is asked. */
async function explained(file: string, router: RunningRouter): Promise<void> {
  await using coordinator = await startCoordinator(file);
  const requests = [
    { query: "SELECT COUNT(*) AS n FROM users" },
    { query: "SELECT name FROM users WHERE user_id = ?", params: [7] },
    { queries: ["UPDATE users SET name = 'y' WHERE user_id = 7"] },
    { query: "DELETE FROM users" },
    { query: "SELECT 1", more: 1 },
  ];
  for (const accept of ["application/json", "text/plain"]) {
    for (const request of requests) {
      const ask = async (address: string) => {
        const response = await fetch(`http://${address}/explain`, {
          method: "POST",
          headers: { "content-type": "application/json", accept },
          body: JSON.stringify(request),
        });
        return [response.status, await response.text()] as const;
      };
      const [status, text] = await ask(coordinator.address);
      assertEquals([status, text], await ask(router.address.replace(/^http:\/\//, "")));
      assertEquals(status, "query" in request && /DELETE|1/.test(request.query) ? 400 : 200, text);
    }
  }
}

async function rehearsed(servers: readonly LabServer[]): Promise<void> {
  const text = smallConfig(servers, [
    ...KEYS,
    "policies: [{ name: hot, each: shard, when: rows > 1, then: split }]",
  ]).replace("mode: enforce", "mode: dry-run");
  await using config = await writeGroup(text, ROOT_ACCOUNT);
  await using coordinator = await startCoordinator(config.file);
  const { status, body } = await coordinator.post("/shards");
  assertEquals([status, body.error.code], [400, "refused"]);
  await coordinator.program.event(
    "a rehearsal",
    ({ event, state }) => event === "shard-change" && state === "would",
    {
      timeoutMs: 20_000,
    },
  );
  const before = await changes(coordinator);
  assertEquals(before.filter(({ outcome }) => outcome === undefined), []);
  const { body: { role, gates } } = await coordinator.get("/group");
  assertEquals([role, gates[0].state, gates[0].mode], ["dry-run", "open", "dry-run"]);
}

for (const flavor of await requireFlavors()) {
  Deno.test(`a coordinator of ${flavor} shards carries on where another one was killed`, async (t) => {
    await using cluster: LabCluster = await startShards(flavor, 3);
    const { servers } = cluster;
    await startSmall(servers);
    await using config = await writeGroup(smallConfig(servers, KEYS), ROOT_ACCOUNT);
    await using routerConfig = await writeGroup(smallConfig(servers, KEYS), ROUTER);
    await using router = await startRouter(routerConfig.file);
    await fill(router);
    await t.step("killed after each few steps, a change is done once", () => killed(config.file, router));
    await t.step("both explain alike", () => explained(config.file, router));
    await t.step("of two coordinators one acts", () => two(config.file));
    await t.step("shards add and drain do without a coordinator", () => asked(servers));
    await t.step("a dry run says what it would do", () => rehearsed(servers));
    await t.step("tokens and pauses are kept", () => guarded(servers));
    await t.step("standbys that cannot be used are marked", () => unusable(servers));
    await exact(router);
  });
}
