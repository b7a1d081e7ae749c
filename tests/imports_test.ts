import { assert, assertEquals } from "@std/assert";
import { posix } from "node:path";
import project from "../deno.json" with { type: "json" };
import { sample } from "./pages.ts";
import { ROOT } from "./program.ts";

/** The parts of src/ in the order of docs/architecture.md: each imports only from those before it. */
const ORDER = [
  ...["clock.ts", "text", "types"],
  ...[
    "digest",
    "language",
    "yaml",
    "policy",
    "config",
    "events",
    "journal",
    "report",
    "target",
    "connection",
  ],
  ...["mysql", "proxysql", "shards", "look", "watch", "recording", "testing", "notify", "http", "app", "cli"],
];

/** Of these parts `policy/` may use values; of all before it, types. */
const POLICY_MAY_USE = ["clock.ts", "text", "types", "language", "policy"];

/** Where a server's flavor may be named. */
const FLAVORED = /^src\/mysql\//;

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** What a module imports, also what it exports again and what it loads late. */
function importsOf(source: string): readonly Import[] {
  const statements = source.matchAll(/^(?:import|export)\b([^"'`;]*?)\bfrom\s*["']([^"']+)["']/gm);
  const others = source.matchAll(/^import\s*["']([^"']+)["']|\bimport\(\s*(?:["']([^"']+)["'])?/gm);
  return [
    ...statements.map(([, clause, specifier]) => ({
      specifier: specifier!,
      typeOnly: /^\s+type\s+[{*\w]/.test(clause!),
    })),
    ...others.map(([, plain, late]) => ({
      specifier: plain ?? late ?? "(a computed name)",
      typeOnly: false,
    })),
  ];
}

/** Why a file of src/ may not have an import; undefined where it may. */
function problemOf(file: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith(".")) {
    const known = specifier.startsWith("node:") || Object.hasOwn(project.imports, specifier);
    return known ? undefined : "deno.json does not say where this comes from";
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target === "deno.json") return file.startsWith("src/cli/") ? undefined : "only cli/ reads deno.json";
  const [from, to] = [partOf(file), partOf(target)];
  if (!ORDER.includes(from)) return `src/${from} is not in the order of docs/architecture.md`;
  if (!ORDER.includes(to)) return `${target} is not a part of src/`;
  if (ORDER.indexOf(to) > ORDER.indexOf(from)) return `${to} comes after ${from}`;
  if (from === "policy" && !typeOnly && !POLICY_MAY_USE.includes(to)) {
    return `policy imports only leaves, language and types: write "import type"`;
  }
}

/** The folder of src/ that a file is in, or the file itself. */
function partOf(file: string): string {
  return file.startsWith("src/") ? file.split("/")[1]! : "";
}

/** Everything in a source file that breaks the layout. */
function problemsOf(file: string, source: string): readonly string[] {
  const problems = importsOf(source).flatMap((found) => {
    const problem = problemOf(file, found);
    return problem === undefined ? [] : [`${file} imports ${found.specifier}: ${problem}`];
  });
  const flavor = FLAVORED.test(file) ? undefined : source.match(/["'`](?:mysql|mariadb)["'`]/i)?.[0];
  return flavor === undefined ? problems : [...problems, `${file} names a flavor: ${flavor}`];
}

async function sourceFiles(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${folder}`));
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? sourceFiles(path) : path.endsWith(".ts") ? [path] : [];
  }));
  return found.flat().toSorted();
}

Deno.test("every file of src/ imports only what docs/architecture.md lets it, and names no flavor", async () => {
  const files = await sourceFiles("src");
  assert(files.length > 50 && files.includes("src/clock.ts"), `${files.length} files`);
  const sources = await Promise.all(files.map((file) => Deno.readTextFile(`${ROOT}${file}`)));
  assertEquals(files.flatMap((file, index) => problemsOf(file, sources[index]!)), []);
  const imports = sources.flatMap(importsOf);
  assert(imports.length > 100, `${imports.length} imports were found`);
  for (const specifier of ["./run.ts", "yaml", "@std/yaml", "../text/secret.ts"]) {
    assert(imports.some((found) => found.specifier === specifier), `${specifier} was not found`);
  }
});

Deno.test("docs/architecture.md lists the parts of src/, in their order", async () => {
  const there = new Set(await Array.fromAsync(Deno.readDir(`${ROOT}src`), ({ name }) => name));
  const listed = sample("layout").trim().split("\n").map((line) => line.split(/\/? /)[0]!);
  assertEquals(listed, ORDER.filter((part) => there.has(part)));
});

const MADE_UP: readonly (readonly [file: string, source: string, ...problems: string[]])[] = [
  [
    "src/language/a.ts",
    'import { x } from "../config/mod.ts";',
    "../config/mod.ts: config comes after language",
  ],
  [
    "src/language/a.ts",
    'import type { X } from "../cli/main.ts";',
    "../cli/main.ts: cli comes after language",
  ],
  ["src/policy/a.ts", 'export * from "../mysql/mod.ts";', "../mysql/mod.ts: mysql comes after policy"],
  ["src/text/a.ts", 'export { x } from "../digest/mod.ts";', "../digest/mod.ts: digest comes after text"],
  ["src/clock.ts", 'import "./text/secret.ts";', "./text/secret.ts: text comes after clock.ts"],
  ["src/watch/a.ts", 'const x = await import("../http/mod.ts");', "../http/mod.ts: http comes after watch"],
  ["src/watch/a.ts", 'let x: import("../cli/main.ts").X;', "../cli/main.ts: cli comes after watch"],
  [
    "src/watch/a.ts",
    "await import(name);",
    "(a computed name): deno.json does not say where this comes from",
  ],
  [
    "src/watch/a.ts",
    'import {\n  a,\n  b,\n} from "../cli/main.ts";',
    "../cli/main.ts: cli comes after watch",
  ],
  ["src/watch/a.ts", 'import { x } from "npm:x@1";', "npm:x@1: deno.json does not say where this comes from"],
  ["src/watch/a.ts", 'import x from "lodash";', "lodash: deno.json does not say where this comes from"],
  [
    "src/watch/a.ts",
    'import x from "../../tests/x.ts";',
    "../../tests/x.ts: tests/x.ts is not a part of src/",
  ],
  ["src/watch/a.ts", 'import x from "../utils.ts";', "../utils.ts: src/utils.ts is not a part of src/"],
  [
    "src/utils.ts",
    'import x from "./clock.ts";',
    "./clock.ts: src/utils.ts is not in the order of docs/architecture.md",
  ],
  ["src/text/a.ts", 'import x from "../../deno.json";', "../../deno.json: only cli/ reads deno.json"],
  [
    "src/policy/a.ts",
    'import { x } from "../digest/mod.ts";\nimport { type Y } from "../yaml/mod.ts";',
    '../digest/mod.ts: policy imports only leaves, language and types: write "import type"',
    '../yaml/mod.ts: policy imports only leaves, language and types: write "import type"',
  ],
  ["src/policy/a.ts", 'import type { X } from "../digest/mod.ts";\nimport { y } from "../language/mod.ts";'],
  [
    "src/cli/a.ts",
    'import { x } from "../watch/mod.ts";\nimport y from "../../deno.json" with { type: "json" };',
  ],
  [
    "src/digest/a.ts",
    'import { x } from "./token.ts";\nimport { createHash } from "node:crypto";\nimport "yaml";',
  ],
];

Deno.test("the checker of imports finds what breaks the layout, and only that", () => {
  for (const [file, source, ...problems] of MADE_UP) {
    assertEquals(problemsOf(file, source), problems.map((problem) => `${file} imports ${problem}`), source);
  }
});

Deno.test("the checker of imports finds a flavor that is named where none may be", () => {
  const source = 'if (flavor === "mariadb") return;';
  assertEquals(problemsOf("src/watch/a.ts", source), ['src/watch/a.ts names a flavor: "mariadb"']);
  assertEquals(problemsOf("src/policy/a.ts", "`MySQL`"), ["src/policy/a.ts names a flavor: `MySQL`"]);
  assertEquals(problemsOf("src/language/check.ts", source).length, 1);
  for (const file of ["src/mysql/a.ts", "src/mysql/reads/a.ts"]) {
    assertEquals(problemsOf(file, source), []);
  }
  assertEquals(problemsOf("src/policy/a.ts", 'const accounts = ["mysql.sys", "mariadb.sys"];'), []);
});
