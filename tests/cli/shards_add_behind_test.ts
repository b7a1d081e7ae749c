import { assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

/** A service that adds shards: answers each question with the next of the answers, and keeps what it was asked. */
function service(answers: readonly object[]) {
  const asked: unknown[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push(await request.json());
    return Response.json(answers[Math.min(asked.length, answers.length) - 1]);
  });
  const url = `http://127.0.0.1:${server.addr.port}/shards`;
  return { asked, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

const READY = { state: "ready", host: "10.0.0.7", port: 3307 };
const ASKED = { action: "create", name: "shard-3", schema: "shop", reason: "shards add" };

/** Runs `shards add` behind an endpoint. */
async function added(
  more: string,
  args: readonly string[] = ["shard-3"],
  files: Readonly<Record<string, string>> = {},
) {
  await using folder = await Folder.make({
    "query-sniper.yaml": `databases: [{ name: spider, host: 127.0.0.1, port: 1 }]
journal: journal.db
sharding: { engine: endpoint, endpoint: spider, schema: shop${more} }
`,
    "credentials.yaml": "default: { user: u, password: p }\n",
    ...files,
  });
  await Deno.chmod(folder.file("credentials.yaml"), 0o600);
  const { code, stdout, stderr } = await runProgram(["shards", "add", ...args], { cwd: folder.path });
  return { code, out: stdout.trim(), err: stderr.trim() };
}

Deno.test("behind an endpoint a shard is added by a call of the provisioner, until it is ready", async () => {
  await using there = service([{ state: "pending", retry_after: 0.05 }, READY]);
  const more = `, mode: enforce, provision: { http: "${there.url}" }`;
  const { code, out, err } = await added(more);
  assertEquals([code, out], [0, "shard-3 is there: 10.0.0.7:3307"]);
  assertMatch(err, /^[^\n]*: it is asked without a token$/);
  assertEquals(there.asked, [ASKED, ASKED]);
  const json = await added(more, ["shard-3", "--format", "json"]);
  const told = { shard: "shard-3", endpoint: "spider", host: "10.0.0.7", port: 3307 };
  assertEquals(JSON.parse(json.out), told);
});

Deno.test("behind an endpoint nobody is asked in a dry run, while changes are paused, or for what is no name", async () => {
  await using there = service([READY]);
  const provision = `, provision: { http: "${there.url}" }`;
  const armed = `, mode: enforce${provision}`;
  const dry = await added(provision);
  assertEquals([dry.code, dry.out], [0, 'http: would be asked for "shard-3"']);
  assertMatch(dry.err, /nobody was asked: sharding\.mode is dry-run$/);
  const rehearsed = await added(armed, ["shard-3", "--dry-run"]);
  assertEquals(rehearsed.out, dry.out);
  assertMatch(rehearsed.err, /nobody was asked: --dry-run$/);
  const paused = await added(armed, undefined, { pause: "maintenance" });
  assertEquals(paused.code, 1);
  assertMatch(paused.err, /changes are paused: .*maintenance/);
  const hostile = await added(armed, ["a`b"]);
  assertEquals(hostile.code, 1);
  assertMatch(hostile.err, /this is no name of a shard: "a`b": letters/);
  assertMatch((await added(armed, [])).err, /by a name/);
  assertMatch(
    (await added(", mode: enforce")).err,
    /nobody can add a shard behind "spider": say in sharding\.provision/,
  );
  assertEquals(there.asked, []);
});

Deno.test("a shard that does not come behind an endpoint is told of", async () => {
  await using there = service([{ state: "failed", reason: "no host is free" }]);
  const failed = await added(`, mode: enforce, provision: { http: "${there.url}" }`);
  assertEquals([failed.code, failed.out], [1, ""]);
  assertMatch(
    failed.err,
    /shard-3: it failed: no host is free: the same command asks for the same shard again/,
  );
});
