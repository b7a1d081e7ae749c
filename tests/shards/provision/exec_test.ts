import { assertEquals } from "@std/assert";
import { provisionerOf } from "../../../src/shards/provision/mod.ts";
import { Folder } from "../../config/folder.ts";
import { refused } from "./refused.ts";

const REQUEST = { name: "shard-4", schema: "shop", reason: "rows > 100k" };
const SIGNAL = new AbortController().signal;

async function run(script: string, { timeout = 20_000, signal = SIGNAL } = {}): Promise<unknown> {
  await using folder = await Folder.make({ "new-shard": { text: `#!/bin/sh\n${script}\n`, mode: 0o700 } });
  const provisioner = provisionerOf({
    kind: "exec",
    program: folder.file("new-shard"),
    timeout,
    destroy: "never",
  });
  return await provisioner.ask(REQUEST, signal);
}

Deno.test("a program is told by standard input, and answers by standard output", async () => {
  const answer = await run(
    `read -r line; case $line in '{"action":"create","name":"shard-4","schema":"shop","reason":"rows > 100k"}') ` +
      `echo '{"state":"ready","host":"127.0.0.1","port":3307}';; esac`,
  );
  assertEquals(answer, { state: "ready", host: "127.0.0.1", port: 3307 });
  assertEquals(await run(`exec <&-; echo '{"state":"pending"}'`), { state: "pending" });
});

Deno.test("what a program has started is not waited for, though it holds its output open", async () => {
  const began = performance.now();
  assertEquals(await run(`sleep 5 & echo '{"state":"pending"}'`), { state: "pending" });
  assertEquals(performance.now() - began < 4_500, true);
});

Deno.test("a program that fails, says too much or takes too long is told of", async () => {
  const rows: readonly (readonly [script: string, message: string, isFinal: boolean])[] = [
    ["exit 3", "it ended with 3; its errors are in the log of this program", false],
    ["echo nothing", "its answer is not understood: it is not JSON", true],
    [
      "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
      "its answer is too long",
      true,
    ],
    ["exec sleep 20", "no answer within 0.2s", false],
  ];
  for (const [script, message, isFinal] of rows) {
    const timeout = message.startsWith("no answer") ? 200 : 20_000;
    const error = await refused(() => run(script, { timeout }));
    assertEquals([error.message, error.isFinal], [message, isFinal]);
  }
  const program = "/nowhere/new-shard";
  const none = provisionerOf({ kind: "exec", program, timeout: 1000, destroy: "never" });
  const error = await refused(() => none.ask(REQUEST, SIGNAL));
  assertEquals([error.message, error.isFinal], ["it cannot be run: it does not exist", true]);
});

Deno.test("a program ends with the one that runs it", async () => {
  const controller = new AbortController();
  const running = run("exec sleep 20", { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  assertEquals((await refused(() => running)).message, "it was not waited for");
});

Deno.test("no program is begun for one that has ended", async () => {
  const began = performance.now();
  const signal = AbortSignal.abort();
  assertEquals((await refused(() => run("exec sleep 20", { signal }))).message, "it was not waited for");
  assertEquals(performance.now() - began < 15_000, true);
});
