// A group that grows by servers which a service makes, the one of config/deploy/, and gives one back.

import { assertEquals, assertMatch } from "@std/assert";
import { type LabCluster, startShards, waitFor } from "../lab/mod.ts";
import { ROOT } from "../program.ts";
import { type RunningCoordinator, smallConfig, startCoordinator, startSmall } from "../shards/growing.ts";
import { ROUTER, type RunningRouter, SCHEMA, startRouter, writeGroup } from "../shards/stage.ts";

const TOKEN = "a token of more than 16 characters".replaceAll(" ", "-");

const ACCOUNTS = [
  // The server makes it for this address, without a password.
  "ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY 'root'",
  `CREATE USER '${ROUTER.user}'@'%' IDENTIFIED BY '${ROUTER.password}'`,
  `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES, EXECUTE ON ${SCHEMA}.* TO '${ROUTER.user}'@'%'`,
];

/** The service of config/deploy/, on a free port. */
async function startService(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  await Deno.writeTextFile(`${folder}/token`, TOKEN, { mode: 0o600 });
  await Deno.writeTextFile(`${folder}/account.sql`, `${ACCOUNTS.join(";\n")};\n`);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const service = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", `${ROOT}config/deploy/shards/server_service.ts`],
      ...[`${folder}/servers`, String(port), `${folder}/token`, `${folder}/account.sql`],
    ],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    url: `http://127.0.0.1:${port}/shards`,
    async [Symbol.asyncDispose]() {
      service.kill("SIGTERM");
      await service.status;
    },
  };
}

/** Waits for the end of the change that is under way, or was the last. */
async function ended({ get }: RunningCoordinator): Promise<Record<string, unknown>> {
  return await waitFor("the end of a change", async () => {
    const { body: [change] } = await get("/changes");
    return change?.outcome !== undefined && change;
  }, { timeoutMs: 60_000 });
}

async function counts(router: RunningRouter): Promise<unknown> {
  const { body } = await router.query("SELECT COUNT(*) AS n FROM users");
  return [body.data, body.shards ?? body.shard];
}

async function grows({ servers }: LabCluster, folder: string): Promise<void> {
  await startSmall(servers);
  await using service = await startService(folder);
  const keys = [
    `provision: { http: "${service.url}", token_file: ${folder}/token, timeout: 1m, destroy: when-drained }`,
    "move: { keep_old: 0s }",
  ];
  await using config = await writeGroup(smallConfig(servers, keys), { user: "root", password: "root" });
  await using routerConfig = await writeGroup(smallConfig(servers, keys), ROUTER);
  await using coordinator = await startCoordinator(config.file);
  await using router = await startRouter(routerConfig.file);
  for (let key = 1; key <= 60; key++) {
    await router.query("INSERT INTO users (user_id, name) VALUES (?, 'x')", [key]);
  }
  const { status, body } = await coordinator.post("/shards", { name: "made-1" });
  assertEquals([status, body.change.shard], [202, "made-1"]);
  const grown = await ended(coordinator);
  assertEquals([grown["outcome"], grown["reason"]], ["done", undefined]);
  // The router was not started again, and its configuration knows nothing of the new server.
  assertEquals(await counts(router), [[{ n: 60 }], ["made-1", "shard-1"]]);
  const { body: shards } = await coordinator.get("/shards");
  assertEquals(shards.map(({ shard_id, slots }: Record<string, unknown>) => [shard_id, slots]), [
    ["shard-1", 512],
    ["made-1", 512],
  ]);
  assertEquals((await coordinator.post("/shards/made-1/drain")).status, 202);
  const drained = await ended(coordinator);
  assertEquals([drained["action"], drained["outcome"], drained["reason"]], ["drain", "done", undefined]);
  assertEquals(await counts(router), [[{ n: 60 }], "shard-1"]);
  assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/servers`)), []);
  const wrong = await coordinator.post("/shards/made-1/drain");
  assertEquals([wrong.status, wrong.body.error.code], [404, "not_found"]);
  await refuses(coordinator);
}

async function refuses({ post, get }: RunningCoordinator): Promise<void> {
  const rows: readonly (readonly [path: string, body: unknown, status: number, message: RegExp])[] = [
    ["/shards", { name: "shard-1" }, 409, /is a shard already: "shard-1"/],
    ["/shards", { name: "a;b" }, 400, /no name of a shard: "a;b"/],
    ["/shards", { name: 1 }, 400, /"name" is a text/],
    ["/shards", { nam: "x" }, 400, /unknown key: "nam"/],
    ["/shards", [], 400, /expected \{"name"\}/],
    ["/shards/shard-1/drain", {}, 400, /no other shard can take the slots/],
    ["/moves", { from: "shard-1", to: "shard-1", slots: [1] }, 400, /both shards are the same/],
    ["/moves", { from: "shard-1", to: "shard-9", slots: "0-3" }, 400, /shard-9/],
    ["/moves", { from: "shard-1", to: "shard-9", slots: "3-0" }, 400, /"slots" are numbers/],
    ["/nothing", {}, 404, /nothing here/],
  ];
  for (const [path, asked, status, message] of rows) {
    const { status: found, body } = await post(path, asked);
    assertEquals(found, status, JSON.stringify(body));
    assertMatch(body.error.message, message);
  }
  const { status, body } = await get("/health");
  assertEquals(
    [status, body.status, body.role, body.change],
    [200, "ok", "active", undefined],
    JSON.stringify(body),
  );
  assertMatch((await get("/metrics")).body, /^query_sniper_shard_slots\{shard="shard-1"\} 1024$/m);
}

Deno.test("servers that a service makes become shards, and are given back", async () => {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  try {
    await using cluster = await startShards("mariadb", 1);
    await grows(cluster, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
