import { assert, assertEquals, assertMatch } from "@std/assert";
import { Beside } from "../../src/cli/commands/run/beside.ts";
import type { Part } from "../../src/cli/commands/run/part.ts";
import { changesShards, servesShards } from "../../src/cli/commands/run/served_shards.ts";
import type { AppConfig } from "../../src/app/mod.ts";
import { systemClock } from "../../src/clock.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { loadConfig, type WatchedDatabase } from "../../src/config/mod.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { waitFor } from "../lab/wait_for.ts";
import { runProgram, startProgram } from "../program.ts";
import { writeGroup } from "../shards/write_group.ts";

const ACCOUNT = { user: "u", password: "p" };
const BOTH = ['router: { listen: "127.0.0.1:0" }', 'admin: { listen: "127.0.0.1:0" }'];
const TOKEN = "a-token-of-this-test";

/** Nothing listens where the shards should be. */
function configOf(keys: readonly string[], port = 1): string {
  return [
    `databases: [{ name: a, host: 127.0.0.1, port: ${port} }, { name: b, host: 127.0.0.1, port: 1 }]`,
    "sharding:",
    ...["metadata: a", "schema: shop", "tables: { users: { key: id } }", "shards: [a, b]", ...keys].map((
      key,
    ) => `  ${key}`),
  ].join("\n");
}

async function ask(address: unknown, path: string, init: RequestInit = {}): Promise<readonly unknown[]> {
  const response = await fetch(`http://${address}${path}`, init);
  const body = await response.json();
  return [response.status, body.status ?? body.error.code];
}

Deno.test("run serves the router and the coordinator whose addresses are written, beside its looks", async () => {
  const both = ['router: { listen: "127.0.0.1:0", tokens_file: tokens }', BOTH[1]!];
  await using config = await writeGroup(configOf(both), ACCOUNT);
  await Deno.writeTextFile(`${config.folder}/tokens`, TOKEN, { mode: 0o600 });
  await using program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
  const router = await program.event(
    "the router",
    ({ event, access }) => event === "http" && access === "token",
  );
  const admin = await program.event(
    "the coordinator",
    ({ event, access }) => event === "http" && access === "open",
  );
  await program.event("a look", ({ event, database }) => event === "unreachable" && database === "a");
  const waits = await program.event(
    "a wait",
    ({ event, state }) => event === "shards" && state === "waiting",
  );
  assertMatch(String(waits["reason"]), /^a cannot be used: nothing listens there/);
  const request = (token: string) => ({
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: '{"query": "SELECT 1"}',
  });
  assertEquals(await ask(router["address"], "/query", request("another-token-than-that")), [
    401,
    "unauthorized",
  ]);
  assertEquals(await ask(router["address"], "/query", request(TOKEN)), [503, "shard_down"]);
  assertEquals(await ask(router["address"], "/health"), [503, "failing"]);
  assertEquals(await ask(admin["address"], "/health"), [503, "failing"]);
  // Another limit of a look is taken over; what is served stays, which is said once.
  await Deno.writeTextFile(config.file, `interval: 2s\n${configOf([...both, "max_shards: 3"])}`);
  program.signal("SIGHUP");
  await program.event("the reload", ({ event, state }) => event === "config" && state === "reloaded");
  await waitFor("the warning", () => Promise.resolve(/stays as it was/.test(program.stderr)));
  assertEquals(
    program.stderr.trim(),
    "query-sniper: what is served of `sharding` stays as it was: start the program again for the change",
  );
  assertEquals(await ask(router["address"], "/health"), [503, "failing"]);
  const { code } = await program.stop("SIGTERM");
  assertEquals(code, 0, program.stderr);
});

Deno.test("run does not start where another program serves the router or the coordinator", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = listener.addr;
    for (
      const [key, name, part] of [
        [`router: { listen: "127.0.0.1:${port}" }`, "sharding.router.listen", "router"],
        [`admin: { listen: "127.0.0.1:${port}" }`, "sharding.admin.listen", "coordinator"],
      ] as const
    ) {
      await using config = await writeGroup(configOf([key]), ACCOUNT);
      const { code, stdout, stderr } = await runProgram(["run", "-c", config.file]);
      assertEquals([code, stdout], [1, ""]);
      assertEquals(
        stderr.trim(),
        `query-sniper: cannot listen on 127.0.0.1:${port}: another program listens there: choose another port, or ` +
          `end that program; run serves the ${part} there, since ${name} is set: end what listens there, such as ` +
          `"query-sniper ${part}" on this host, or leave the key out`,
      );
    }
  } finally {
    listener.close();
  }
});

Deno.test("a part that ends by an error is told of and left, and the other one goes on", async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const part = (name: string, run: () => Promise<void>): Part => ({
    ...{ name, run },
    end: () => Promise.resolve(void told.push(`${name} left`)),
  });
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  const beside = new Beside([
    part("coordinator", () => Promise.reject(new TypeError("never"))),
    part("router", () => stopped),
  ], { clock: systemClock, stop });
  beside.begin((name, error) => told.push(`${name}: ${(error as Error).message}`));
  await waitFor("the news", () => Promise.resolve(told.length === 2));
  assertEquals(told, ["coordinator: never", "coordinator left"]);
  await beside.end();
  assertEquals(told.at(-1), "router left");
});

async function loaded(text: string): Promise<AppConfig> {
  await using written = await writeGroup(text, ACCOUNT);
  const { config } = await loadConfig(written.file, {
    environment: () => undefined,
    domain: DATABASE_DOMAIN,
    shards: SHARD_VOCABULARY,
    credentials: "required",
  });
  return { config, databases: config.databases as readonly WatchedDatabase[] };
}

Deno.test("run serves only addresses that are written, and knows what a reload would change of that", async () => {
  const neither = await loaded(configOf(["router: { timeout: 5s }", "admin: { hosts: [db.example] }"]));
  assert(!servesShards(neither));
  for (const key of BOTH) assert(servesShards(await loaded(configOf([key]))), key);
  const endpoint = configOf(BOTH.slice(0, 1)).replace(
    / {2}metadata: a$/m,
    "  engine: endpoint\n  endpoint: a",
  )
    .replace(/^ {2}(?:tables|shards): .*\n/gm, "");
  assert(servesShards(await loaded(endpoint)));
  const before = await loaded(configOf(BOTH));
  const rows: readonly (readonly [string, boolean])[] = [
    [configOf(BOTH), false],
    [`interval: 2s\n${configOf(BOTH)}`, false],
    [configOf([...BOTH, "max_shards: 3"]), true],
    [configOf(BOTH, 2), true],
    [configOf([]), true],
  ];
  for (const [text, changes] of rows) {
    assertEquals(changesShards(before, await loaded(text)), changes, text);
  }
  assert(
    !changesShards(neither, { ...neither, config: { ...neither.config, sharding: undefined } as never }),
  );
});
