import { assert, assertEquals } from "@std/assert";
import { posix } from "node:path";
import project from "../deno.json" with { type: "json" };
import { sample } from "./pages.ts";
import { ROOT } from "./program.ts";
import { sourceFiles } from "./source_files.ts";

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

/** Kinds of target: what one of them is, no other one knows. */
const KINDS = ["mysql", "proxysql", "shards"];

/** What knows the interfaces of targets only, and is handed the kinds. */
const KINDLESS = ["config", "events", "journal", "target", "look", "watch"];

/** Where a server's flavor may be named. */
const FLAVORED = /^src\/mysql\//;

/** Where no kind of target may be named, in comments neither. */
const NEUTRAL = /^src\/(?:language|policy)\//;

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly late?: boolean;
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
      late: plain === undefined,
    })),
  ];
}

/** Why a file of src/ may not have an import; undefined where it may. */
function problemOf(file: string, { specifier, typeOnly, late = false }: Import): string | undefined {
  if (!specifier.startsWith(".")) {
    const known = specifier.startsWith("node:") || Object.hasOwn(project.imports, specifier) ||
      Object.keys(project.imports).some((name) => name.endsWith("/") && specifier.startsWith(name));
    if (!known) return "deno.json does not say where this comes from";
    // In a bundle a late package of CommonJS has none of its names.
    return late && !specifier.startsWith("node:")
      ? "a package is imported late by a file of its own"
      : undefined;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target === "deno.json") return file.startsWith("src/cli/") ? undefined : "only cli/ reads deno.json";
  const [from, to] = [partOf(file), partOf(target)];
  if (!ORDER.includes(from)) return `src/${from} is not in the order of docs/architecture.md`;
  if (!ORDER.includes(to)) return `${target} is not a part of src/`;
  if (from !== to && KINDS.includes(from) && KINDS.includes(to)) {
    return "kinds of target do not import each other";
  }
  if (KINDLESS.includes(from) && KINDS.includes(to)) return `${from} knows no kind of target`;
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
  const kind = NEUTRAL.test(file) ? source.match(/\w*(?:mysql|mariadb)\w*/i)?.[0] : undefined;
  return [
    ...problems,
    ...flavor === undefined ? [] : [`${file} names a flavor: ${flavor}`],
    ...kind === undefined ? [] : [`${file} names a kind of target: ${kind}`],
  ];
}

/** What a file loads before it does anything: the files and the packages that it imports for more than types. */
function loadedBy(file: string, sources: ReadonlyMap<string, string>): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const early = (sources.get(name) ?? "").replaceAll(/\bimport\(/g, "late(");
    for (const { specifier, typeOnly } of importsOf(early)) {
      if (!typeOnly) load(specifier.startsWith(".") ? posix.join(posix.dirname(name), specifier) : specifier);
    }
  };
  load(file);
  return loaded;
}

/** The circles in which files import each other; an import of types, or a late one, makes one as well. */
function circlesOf(sources: ReadonlyMap<string, string>): readonly string[] {
  const targets = new Map([...sources].map(([file, source]) => [
    file,
    importsOf(source).filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => posix.join(posix.dirname(file), specifier))
      .filter((target) => sources.has(target)),
  ]));
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start >= 0) circles.push([...way.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file)!) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return circles;
}

Deno.test("every file of src/ imports only what docs/architecture.md lets it, in no circle, and names no flavor", async () => {
  const files = await sourceFiles("src");
  assert(files.length > 50 && files.includes("src/clock.ts"), `${files.length} files`);
  const sources = await Promise.all(files.map((file) => Deno.readTextFile(`${ROOT}${file}`)));
  assertEquals(files.flatMap((file, index) => problemsOf(file, sources[index]!)), []);
  assertEquals(circlesOf(new Map(files.map((file, index) => [file, sources[index]!]))), []);
  const imports = sources.flatMap(importsOf);
  assert(imports.length > 100, `${imports.length} imports were found`);
  for (const specifier of ["./commands/run/run.ts", "yaml", "@std/yaml", "../text/secret.ts"]) {
    assert(imports.some((found) => found.specifier === specifier), `${specifier} was not found`);
  }
});

Deno.test("neither the start of the program nor its digest command loads what it does not use", async () => {
  const files = await sourceFiles("src");
  const sources = new Map(
    await Promise.all(
      ["main.ts", ...files].map(async (file) => [file, await Deno.readTextFile(`${ROOT}${file}`)] as const),
    ),
  );
  const start = loadedBy("main.ts", sources);
  assert(start.has("src/cli/commands.ts") && start.has("src/mysql/flavor.ts"), [...start].join("\n"));
  const digest = loadedBy("src/cli/commands/digest/digest.ts", sources);
  assert(digest.has("src/digest/mod.ts") && digest.has("src/cli/output.ts"), [...digest].join("\n"));
  const packages = (loaded: ReadonlySet<string>) =>
    [...loaded].filter((name) => Object.hasOwn(project.imports, name)).toSorted();
  assertEquals(packages(start), ["@std/cli/parse-args", "@std/text/levenshtein-distance"]);
  assertEquals(packages(digest), ["@std/text/levenshtein-distance"]);
  // Commands load the driver when they connect.
  const commands = files.filter((file) => file.startsWith("src/cli/commands/"));
  assert(commands.length > 20);
  assertEquals(commands.filter((file) => loadedBy(file, sources).has("mysql2")), []);
  // Who is told is loaded where somebody is to be told.
  const run = loadedBy("src/cli/commands/run/run.ts", sources);
  assert(run.has("src/app/keep_notices.ts"), [...run].join("\n"));
  assertEquals([...run].filter((name) => name.startsWith("src/notify/")), []);
  // So is what is served, where something is to be served.
  assert(run.has("src/app/keep_http.ts"), [...run].join("\n"));
  assertEquals([...run].filter((name) => name.startsWith("src/http/")), []);
  // So are the router and the coordinator, where their addresses are written; conditions of any configuration are read.
  assert(run.has("src/cli/commands/run/served_shards.ts"));
  assertEquals(
    [...run].filter((name) => /^src\/(?:shards|cli\/commands\/(?:router|coordinator))\//.test(name)),
    ["src/shards/policy/vocabulary.ts"],
  );
  // The page of a group of shards is that of its coordinator alone, which `run` loads where it is one.
  const group = /^src\/http\/(?:shards|page\/group)\//;
  const served = [...commands, "src/http/mod.ts"].filter((file) =>
    [...loadedBy(file, sources)].some((name) => group.test(name))
  );
  const others = served.filter((file) => !file.startsWith("src/cli/commands/coordinator/"));
  assertEquals(others, []);
  assert(served.includes("src/cli/commands/coordinator/coordinator.ts"), served.join("\n"));
  // So is a proxy, where a database is behind one.
  assert(run.has("src/app/keep_proxies.ts"));
  assertEquals([...run].filter((name) => name.startsWith("src/proxysql/")), []);
  // So is what tells a service manager.
  assert(run.has("src/app/keep_service_manager.ts"));
  assertEquals([...run].filter((name) => name.startsWith("src/app/service_manager/")), []);
  // So are plugins, and what they run in only in their threads.
  const dumps = loadedBy("src/cli/commands/proxysql/digests.ts", sources);
  assert(dumps.has("src/proxysql/digest_dump.ts"), [...dumps].join("\n"));
  assertEquals([...dumps].filter((name) => name.startsWith("src/proxysql/plugins/")), []);
  assert(!loadedBy("src/proxysql/plugins/mod.ts", sources).has("quickjs-emscripten-core"));
  assert(loadedBy("src/proxysql/plugins/plugin_worker.ts", sources).has("quickjs-emscripten-core"));
  // What the agent of ProxySQL serves, elects, discovers and plugs in is loaded where it is configured.
  const agent = loadedBy("src/cli/commands/proxysql/run.ts", sources);
  assert(agent.has("src/app/proxysql/agent_server.ts") && agent.has("src/proxysql/agent/agent.ts"));
  const parts = /^src\/(?:http|notify|proxysql\/(?:kubernetes|plugins|agent\/(?:leader|discovery)_of\.ts))/;
  assertEquals([...agent].filter((name) => parts.test(name)), []);
  for (const loaded of [start, digest]) {
    const rooms = new Set([...loaded].filter((name) => name.endsWith("/mod.ts")));
    assertEquals([...rooms].filter((name) => !["src/cli/mod.ts", "src/digest/mod.ts"].includes(name)), []);
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
  ["src/policy/a.ts", 'export * from "../look/mod.ts";', "../look/mod.ts: look comes after policy"],
  ["src/text/a.ts", 'export { x } from "../digest/mod.ts";', "../digest/mod.ts: digest comes after text"],
  ["src/clock.ts", 'import "./text/secret.ts";', "./text/secret.ts: text comes after clock.ts"],
  [
    "src/proxysql/a.ts",
    'import type { X } from "../mysql/mod.ts";\nimport { y } from "../target/mod.ts";',
    "../mysql/mod.ts: kinds of target do not import each other",
  ],
  [
    "src/shards/a.ts",
    'import { x } from "../proxysql/a.ts";\nimport { y } from "./b.ts";',
    "../proxysql/a.ts: kinds of target do not import each other",
  ],
  [
    "src/mysql/a.ts",
    'const x = await import("../shards/mod.ts");',
    "../shards/mod.ts: kinds of target do not import each other",
  ],
  [
    "src/look/a.ts",
    'import { x } from "../mysql/mod.ts";\nimport type { Y } from "../target/mod.ts";',
    "../mysql/mod.ts: look knows no kind of target",
  ],
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
  [
    "src/connection/a.ts",
    'const { createConnection } = await import("mysql2");',
    "mysql2: a package is imported late by a file of its own",
  ],
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
  assertEquals(problemsOf("src/config/a.ts", "`MySQL`"), ["src/config/a.ts names a flavor: `MySQL`"]);
  for (const file of ["src/mysql/a.ts", "src/mysql/reads/a.ts"]) {
    assertEquals(problemsOf(file, source), []);
  }
  assertEquals(problemsOf("src/config/a.ts", 'const accounts = ["mysql.sys", "mariadb.sys"];'), []);
});

Deno.test("the checker of imports finds a kind of target in what knows none", () => {
  const rows: readonly (readonly [source: string, kind: string])[] = [
    ['const accounts = ["app", "mariadb.sys"];', "mariadb"],
    ["/** As MySQL's process list shows it. */", "MySQL"],
    ["export const fromMysqlRow = 1;", "fromMysqlRow"],
  ];
  for (const [source, kind] of rows) {
    for (const file of ["src/policy/a.ts", "src/language/a.ts"]) {
      assertEquals(problemsOf(file, source), [`${file} names a kind of target: ${kind}`]);
    }
    assertEquals(problemsOf("src/config/a.ts", source), []);
  }
  assertEquals(problemsOf("src/policy/a.ts", "/** A database, its sessions and SQL. */"), []);
});

Deno.test("the checker of imports finds circles, whatever they are made of", () => {
  const circles = (files: Readonly<Record<string, string>>) => circlesOf(new Map(Object.entries(files)));
  assertEquals(
    circles({
      "src/a/x.ts": 'import { y } from "./y.ts";',
      "src/a/y.ts": 'export { z } from "../b/z.ts";\nimport { dirname } from "node:path";',
      "src/b/z.ts": 'import type { X } from "../a/x.ts";',
      "src/b/outside.ts": 'import "./z.ts";',
    }),
    ["src/a/x.ts -> src/a/y.ts -> src/b/z.ts -> src/a/x.ts"],
  );
  assertEquals(
    circles({ "src/a/x.ts": 'const y = await import("./y.ts");', "src/a/y.ts": 'import "./x.ts";' }),
    ["src/a/x.ts -> src/a/y.ts -> src/a/x.ts"],
  );
  assertEquals(circles({ "src/a/x.ts": 'import { y } from "./x.ts";' }), ["src/a/x.ts -> src/a/x.ts"]);
  const diamond = { "src/a/y.ts": 'import "./end.ts";', "src/a/z.ts": 'import "./end.ts";' };
  assertEquals(
    circles({ "src/a/x.ts": 'import "./y.ts";\nimport "./z.ts";', ...diamond, "src/a/end.ts": "" }),
    [],
  );
});
