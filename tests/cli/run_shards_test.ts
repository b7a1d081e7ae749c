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
  const { code, stdout } = await program.stop("SIGTERM");
  assertEquals(code, 0, program.stderr);
  const stopped = stdout.split("\n").filter((line) => line.includes('"event":"http","state":"stopped"'));
  assertEquals(stopped.length, 2, stdout);
});

Deno.test("run kills where another program serves the router or the coordinator, and says who cannot be served", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  for (const [key, part] of [["router", "router"], ["admin", "coordinator"]] as const) {
    await using config = await writeGroup(configOf([`${key}: { listen: "127.0.0.1:${port}" }`]), ACCOUNT);
    await using program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
    const refused = await program.event("a refusal", ({ event }) => event === "http");
    assertEquals([refused["level"], refused["state"], refused["address"]], [
      ...["error", "refused", `127.0.0.1:${port}`],
    ]);
    assertEquals(
      refused["reason"],
      `cannot listen on 127.0.0.1:${port}: another program listens there: choose another port, or end that program; ` +
        `the ${part} is not served, kills go on, and it tries again every 10s: end what listens there, such as ` +
        `"query-sniper ${part}" on this host, or leave sharding.${key}.listen out`,
    );
    await program.event("a look", ({ event, database }) => event === "unreachable" && database === "a");
    assertEquals((await program.stop("SIGTERM")).code, 0, program.stderr);
  }
});

Deno.test("run does not start where the tokens of what it serves are missing, or anybody may read them", async () => {
  for (const key of ["router", "admin"]) {
    const text = configOf([`${key}: { listen: "127.0.0.1:0", tokens_file: tokens }`]);
    await using config = await writeGroup(text, ACCOUNT);
    const missing = await runProgram(["run", "-c", config.file]);
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertMatch(missing.stderr, /the file of tokens cannot be read: it does not exist\n$/);
    await Deno.writeTextFile(`${config.folder}/tokens`, TOKEN, { mode: 0o644 });
    await Deno.chmod(`${config.folder}/tokens`, 0o644);
    const open = await runProgram(["run", "-c", config.file]);
    assertEquals([open.code, open.stdout], [1, ""]);
    assertMatch(open.stderr, /tokens/);
  }
});

Deno.test("a reload takes the tokens that their files have now, and keeps the old ones where these are wrong", async () => {
  const text = configOf([
    'router: { listen: "127.0.0.1:0", tokens_file: tokens }',
    'admin: { listen: "127.0.0.1:0", tokens_file: tokens }',
  ]);
  await using config = await writeGroup(text, ACCOUNT);
  const write = (tokens: string) => Deno.writeTextFile(`${config.folder}/tokens`, tokens, { mode: 0o600 });
  await write(TOKEN);
  await using program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
  const addresses: string[] = [];
  const listening = async () => {
    const { address } = await program.event(
      "an address",
      ({ event, state, address }) =>
        event === "http" && state === "listening" && !addresses.includes(String(address)),
    );
    addresses.push(String(address));
  };
  await listening();
  await listening();
  const isLetIn = (address: string, token: string) =>
    fetch(`http://${address}/explain`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: '{"query": "SELECT 1"}',
    }).then(async (response) => {
      await response.body?.cancel();
      return response.status !== 401;
    });
  const letIn = async (token: string) => [
    await isLetIn(addresses[0]!, token),
    await isLetIn(addresses[1]!, token),
  ];
  const [next, last] = ["the-next-token-of-this-test", "one-more-token-of-this-test"];
  assertEquals([await letIn(TOKEN), await letIn(next)], [[true, true], [false, false]]);
  await write(`${next}\n${last}\n`);
  program.signal("SIGHUP");
  await program.event("the reload", ({ event, state }) => event === "config" && state === "reloaded");
  assertEquals([await letIn(TOKEN), await letIn(next), await letIn(last)], [
    [false, false],
    [true, true],
    [true, true],
  ]);
  await write("short");
  program.signal("SIGHUP");
  for (const key of ["router", "admin"]) {
    const { reason } = await program.event(
      "a refusal",
      ({ event, reason }) => event === "http" && String(reason).startsWith(`sharding.${key}`),
    );
    assertMatch(String(reason), /fewer than 16 characters: .* is served as before$/);
  }
  assertEquals(await letIn(next), [true, true]);
  assertEquals((await program.stop("SIGTERM")).code, 0, program.stderr);
});

/** A part that is told what it does. */
function part(name: Part["name"], rest: Partial<Part>): Part {
  const nothing = () => Promise.resolve();
  return {
    ...{ name, address: "127.0.0.1:1", listen: nothing, run: nothing, reload: nothing, end: nothing },
    ...rest,
  };
}

Deno.test("a part that ends by an error is told of and left, and the other one goes on", async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const left = (name: string) => () => Promise.resolve(void told.push(`${name} left`));
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  const beside = new Beside([
    part("coordinator", { run: () => Promise.reject(new TypeError("never")), end: left("coordinator") }),
    part("router", { run: () => stopped, end: left("router") }),
  ], { clock: systemClock, stop });
  beside.begin({
    failed: ({ name }, error) => told.push(`${name}: ${(error as Error).message}`),
    refused() {},
  });
  await waitFor("the news", () => Promise.resolve(told.length === 2));
  assertEquals(told, ["coordinator: never", "coordinator left"]);
  await beside.end();
  assertEquals(told.at(-1), "router left");
});

Deno.test("a part that cannot listen tries again by and by, is told of once, and holds up no other", async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const reasons = ["taken", "taken", "no such address"];
  const clock = { ...systemClock, sleep: (ms: number) => Promise.resolve(void told.push(`${ms} later`)) };
  const beside = new Beside([
    part("router", {
      listen: () => reasons.length > 0 ? Promise.reject(new Error(reasons.shift())) : Promise.resolve(),
      run: () => Promise.resolve(void told.push("router runs")),
    }),
    part("coordinator", { run: () => Promise.resolve(void told.push("coordinator runs")) }),
  ], { clock, stop });
  beside.begin({
    failed: (_, error) => told.push(String(error)),
    refused: (_, error) => told.push(String(error)),
  });
  await waitFor("the router", () => Promise.resolve(told.includes("router runs")));
  assertEquals(told.filter((line) => line !== "coordinator runs"), [
    ...["Error: taken", "10000 later", "10000 later", "Error: no such address", "10000 later", "router runs"],
  ]);
  assert(told.indexOf("coordinator runs") < told.indexOf("router runs"));
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
