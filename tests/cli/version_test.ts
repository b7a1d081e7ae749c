// What the program tells of itself, from its sources and compiled.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { readBuildData, UNKNOWN_BUILD } from "../../src/cli/commands/version/build_data.ts";
import project from "../../deno.json" with { type: "json" };
import { namedBinary, ROOT, runProgram } from "../program.ts";

Deno.test("version --json is one object with version, commit, build, target and runtime", async () => {
  const { code, stdout, stderr } = await runProgram(["version", "--json"]);
  assertEquals([code, stderr, stdout.trim().split("\n").length], [0, "", 1]);
  const { version, commit, modified, built, compiled, target, runtime, flags, telemetry, ...others } = JSON
    .parse(
      stdout,
    );
  assertEquals([version, target, others], [project.version, Deno.build.target, {}]);
  assertEquals(Object.keys(runtime), ["deno", "v8", "typescript"]);
  assertMatch(runtime.deno, /^2\.\d+\.\d+/);
  const isBinary = namedBinary() !== undefined;
  assertEquals(compiled, isBinary);
  if (!isBinary) return assertEquals({ commit, modified, built, flags, telemetry }, UNKNOWN_BUILD);
  assertEquals(telemetry, false);
  assertMatch(commit, /^[0-9a-f]{40}$/);
  assert(typeof modified === "boolean" && !Number.isNaN(Date.parse(built)));
  for (const flag of ["--no-prompt", "--unstable-net"]) assert(flags.includes(flag), flag);
});

Deno.test("version is text for people", async () => {
  const { code, stdout } = await runProgram(["version"]);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^query-sniper \S+\n {2}commit {3}\S+.*\n {2}built {4}\S+\n {2}target {3}\S+.*\n {2}runtime {2}Deno 2/,
  );
});

Deno.test("the build data of one commit are the same at any time, with SOURCE_DATE_EPOCH", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const write = async (epoch: string) =>
      await new Deno.Command(Deno.execPath(), {
        args: [
          ...[
            "run",
            "--quiet",
            "--allow-read",
            `--allow-write=${folder}`,
            "--allow-env=SOURCE_DATE_EPOCH,OTEL_DENO",
          ],
          ...["--allow-run=git", `${ROOT}tests/binary/build_data.ts`, folder],
        ],
        env: { SOURCE_DATE_EPOCH: epoch },
        stderr: "piped",
      }).output();
    assertEquals((await write("1800000000")).code, 0);
    const data = await readBuildData(new URL(`file://${join(folder, "build.json")}`));
    assertEquals(data.built, "2027-01-15T08:00:00.000Z");
    assert(data.commit === null || /^[0-9a-f]{40}$/.test(data.commit));
    assert(
      data.flags!.includes("--unstable-net") && !data.flags!.some((flag) => flag.startsWith("--output")),
    );
    assertEquals((await write("yesterday")).code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program without build data says that they are unknown", async () => {
  assertEquals(await readBuildData(new URL("file:///nowhere/build.json")), UNKNOWN_BUILD);
});
