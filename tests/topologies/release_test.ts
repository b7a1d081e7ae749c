// `deno task release`, as far as it goes without the runtimes of other systems: with the runtime of npm for this system,
// and with a stand-in for the compiler for all of them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { TARGETS } from "../../.ci/release/target.ts";
import project from "../../deno.json" with { type: "json" };
import { sample } from "../pages.ts";
import { ROOT } from "../program.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  [command = "", ...args]: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd: ROOT, ...options }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A copy of the checkout as it is, whose git is the checkout's. */
class Copy implements AsyncDisposable {
  readonly root: string;
  readonly #env: Readonly<Record<string, string>>;
  private constructor(root: string, env: Readonly<Record<string, string>>) {
    this.root = root;
    this.#env = env;
  }

  static async make(): Promise<Copy> {
    const root = await Deno.makeTempDir({ prefix: "query-sniper-release-" });
    const { stdout: gitFolder } = await run(["git", "rev-parse", "--absolute-git-dir"]);
    const { stdout } = await run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for (
      const file of stdout.split("\0").filter((file) =>
        /^(?:src|\.ci|tests\/binary|config)\/|^[^/]+$/.test(file)
      )
    ) {
      await Deno.mkdir(join(root, dirname(file)), { recursive: true });
      await Deno.copyFile(`${ROOT}${file}`, join(root, file)).catch(() => {}); // deleted, and not yet committed
    }
    return new Copy(root, { GIT_DIR: gitFolder.trim(), GIT_WORK_TREE: root });
  }

  async release(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return await run([Deno.execPath(), "task", "--quiet", "release", ...args], {
      cwd: this.root,
      env: { ...this.#env, DENO_TLS_CA_STORE: "system", ...env },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

/** The environment in which the runtime of npm compiles. */
async function npmRuntime(): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await run([
    ...["bash", "-c"],
    'eval "$(tests/binary/runtime)" && printf "%s\\n" "$DENORT_BIN" "$DENO_FOR_COMPILE"',
  ]);
  assertEquals(code, 0, stderr);
  const [runtime, compiler] = stdout.trim().split("\n");
  return { DENORT_BIN: runtime!, DENO_FOR_COMPILE: compiler! };
}

Deno.test("a program that is built twice, in other folders and at other times, has the same bytes", async () => {
  const env = await npmRuntime();
  const { stdout: head } = await run(["git", "rev-parse", "HEAD"]);
  const { stdout: seconds } = await run(["git", "log", "-1", "--format=%ct"]);
  const sums: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    await using copy = await Copy.make();
    const { code, stdout, stderr } = await copy.release(["--trial", "--targets", "linux-x64"], env);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "each twice with the same bytes");
    const folder = join(copy.root, "dist/release");
    sums.push(await Deno.readTextFile(join(folder, "SHA256SUMS")));
    const [check, verify] = sample("install-release").trim().split("\n");
    assertEquals((await run(check!.split(" "), { cwd: folder })).code, 0);
    const file = `query-sniper-${project.version}-linux-x64`;
    assertEquals(verify, `gh attestation verify ${file} --repo OWNER/REPOSITORY`);
    const told = JSON.parse((await run([join(folder, file), "version", "--json"])).stdout);
    assertEquals([told.version, told.commit], [project.version, head.trim()]);
    assertEquals(Date.parse(told.built), 1000 * Number(seconds));
  }
  assertEquals(sums[0], sums[1]);
  assertEquals(sums[0]!.trim().split("\n").length, 2);
});

/** A compiler that writes what it was asked for, and more if `extra` is a command. */
async function standIn(folder: string, extra = ":"): Promise<string> {
  const file = join(folder, "compiler");
  await Deno.writeTextFile(
    file,
    `#!/bin/sh
if [ "$1" = --version ]; then echo "deno 9.9.9"; exit; fi
for word; do [ "$before" = --output ] && output=$word; before=$word; done
for word; do [ "$word" = "$output" ] || echo "$word"; done > "$output"
${extra} >> "$output"
`,
  );
  await Deno.chmod(file, 0o755);
  return file;
}

Deno.test("a release has a program for each target, and the sums and the bill for all of them", async () => {
  await using copy = await Copy.make();
  const { code, stderr } = await copy.release(["--trial"], { DENO_FOR_COMPILE: await standIn(copy.root) });
  assertEquals(code, 0, stderr);
  const folder = join(copy.root, "dist/release");
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(names.length, TARGETS.length + 2, names.join(" "));
  for (const { name, triple } of TARGETS) {
    const file = names.find((file) => file.includes(`-${name}`));
    const asked = (await Deno.readTextFile(join(folder, file!))).split("\n");
    assertEquals([asked[0], asked[asked.indexOf("--target") + 1]], ["compile", triple]);
    assert(asked.includes("--no-prompt") && asked.includes("dist/bundle/main.js"), asked.join(" "));
  }
  const bill = JSON.parse(await Deno.readTextFile(join(folder, "query-sniper.cdx.json")));
  assertEquals(bill.components[0].version, "9.9.9");
});

Deno.test("a release is refused where the bytes differ, the runtime is not the pinned one, or the tag is wrong", async () => {
  await using copy = await Copy.make();
  const compiler = await standIn(copy.root, "date +%N");
  const differing = await copy.release(["--trial", "--targets", "linux-x64,macos-arm64"], {
    DENO_FOR_COMPILE: compiler,
  });
  assertEquals(differing.code, 1);
  assertStringIncludes(differing.stderr, "release: built twice, with different bytes: query-sniper-");

  // A folder that is somebody's is not emptied.
  const full = await copy.release(["--trial", "--output", copy.root], { DENO_FOR_COMPILE: compiler });
  assertStringIncludes(full.stderr, `release: the folder for the release is not empty: "${copy.root}" has "`);
  assert((await Deno.stat(join(copy.root, "main.ts"))).isFile);

  const { stderr } = await copy.release(["--tag", "v99.0.0"]);
  assertStringIncludes(stderr, `release: the tag is "v99.0.0", and deno.json says ${project.version}`);

  const changelog = `# Changelog\n\n## ${project.version} - 2026-11-27\n\n- All of it.\n`;
  await Deno.writeTextFile(join(copy.root, "CHANGELOG.md"), changelog);
  await Deno.writeTextFile(join(copy.root, ".dvmrc"), "9.9.8\n");
  const other = await copy.release([]);
  assertEquals(other.code, 1);
  assertStringIncludes(other.stderr, "and releases are built with 9.9.8, which .dvmrc names");

  await Deno.writeTextFile(join(copy.root, ".dvmrc"), `${Deno.version.deno}\n`);
  const changed = await copy.release([]);
  assertEquals(changed.code, 1);
  assertStringIncludes(changed.stderr, "release: there are changes that are in no commit:\n");
});
