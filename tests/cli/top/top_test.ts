import { assertEquals, assertStringIncludes } from "@std/assert";
import { awayConfig } from "../../app/away.ts";
import { runProgram } from "../../program.ts";

Deno.test("top needs a terminal, and says what does without", async () => {
  await using config = await awayConfig();
  const { code, stdout, stderr } = await runProgram(["top", "-c", config.file]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(
    stderr,
    'query-sniper: top needs a terminal for input and output: "explain" prints the same as text\n',
  );
});
