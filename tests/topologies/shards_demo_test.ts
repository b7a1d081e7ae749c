import { assertEquals, assertMatch } from "@std/assert";

Deno.test("the demonstration of shards ends well, with three shards and no wrong answer", async () => {
  const args = ["task", "--quiet", "demo:shards"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, `${text}\n${new TextDecoder().decode(stderr)}`);
  for (const shard of ["shard-1", "shard-2", "shard-3"]) {
    assertMatch(text, new RegExp(`^  ${shard} +\\d+ +\\d+$`, "m"));
  }
  assertMatch(text, /users written +\d+ +each found by its key at the end, and counted once/);
});
