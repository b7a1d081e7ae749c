// `run` in place of three programs: it routes statements, adds a shard, and kills.

import { assertEquals, assertMatch } from "@std/assert";
import { Client, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { startProgram } from "../program.ts";
import { smallConfig, startSmall } from "../shards/growing.ts";
import { writeGroup } from "../shards/stage.ts";

const RULES = `mode: enforce
journal: journal.db
policies:
  - { name: long, where: "user = 'victim' and time > 300ms", then: kill query }
`;

async function posted(url: string, body: unknown): Promise<readonly [status: number, body: unknown]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return [response.status, await response.json()];
}

Deno.test("run routes statements, adds a shard, and kills", async () => {
  const [flavor] = await requireFlavors();
  await using cluster = await startShards(flavor!, 2);
  const [first] = cluster.servers;
  await startSmall(cluster.servers);
  await using root = await Client.connect(first!);
  await root.query("CREATE USER victim@'%' IDENTIFIED BY 'victim'");
  const keys = ["pool: [shard-2]", "move: { keep_old: 0s }", "metrics: { interval: 1s }"];
  const text = RULES + smallConfig(cluster.servers, keys);
  await using config = await writeGroup(text, { user: "root", password: "root" });
  await using program = startProgram(["run", "-c", config.file, "--log-format", "json"], {
    timeoutMs: 120_000,
  });
  await program.event("the router", ({ event, state }) => event === "shards" && state === "answering");
  await program.event("the lease", ({ event, state }) => event === "shards" && state === "active");
  const addresses = program.lines.filter((line) => line.includes('"event":"http"'))
    .map((line) => `http://${JSON.parse(line).address}`);
  const [router, admin] = addresses as [string, string];
  const insert = { query: "INSERT INTO users (user_id, name) VALUES (1, 'a'), (2, 'b')" };
  for (const key of [1, 2, 3, 4]) {
    const [status, body] = await posted(`${router}/query`, {
      query: "INSERT INTO users (user_id, name) VALUES (?, 'x')",
      params: [key],
    });
    assertEquals(status, 200, JSON.stringify(body));
  }
  assertEquals((await posted(`${admin}/explain`, insert))[0], 200);
  assertEquals((await posted(`${admin}/shards`, {}))[0], 202);
  await waitFor("a new shard", async () => {
    const [change] = await (await fetch(`${admin}/changes`)).json();
    return change?.outcome === "done";
  }, { timeoutMs: 60_000 });
  const [, { data, shards }] = await posted(`${router}/query`, {
    query: "SELECT COUNT(*) AS n FROM users",
  }) as [
    number,
    { readonly data: unknown; readonly shards: unknown },
  ];
  assertEquals([data, shards], [[{ n: 4 }], ["shard-1", "shard-2"]]);
  await using victim = await Client.connect(first!, { user: "victim", password: "victim" });
  const ended = victim.query("SELECT SLEEP(30)").then(() => "done", () => "killed");
  const kill = await program.event("a kill", ({ event }) => event === "kill", { timeoutMs: 20_000 });
  assertEquals(kill["outcome"], "killed");
  await ended;
  const { code, stdout, stderr } = await program.stop("SIGTERM");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /"event":"stop"/);
});
