import { assertEquals } from "@std/assert";
import { ROOT } from "../program.ts";

Deno.test("a server that had no file handle for a client serves the next one, once there are some", async () => {
  const { stdout } = await new Deno.Command("bash", {
    args: [
      "-c",
      'ulimit -n 256; exec "$@"',
      "bash",
      ...[Deno.execPath(), "run", "--quiet", "--allow-all", `--config=${ROOT}deno.json`],
      `${ROOT}tests/topologies/starved.ts`,
    ],
    stderr: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "before 200",
    "meanwhile nothing",
    "after 200",
    "own 200",
  ]);
});
