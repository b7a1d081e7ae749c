// What people who change the code are told is true: every file and task that these pages name is there.

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { ROOT } from "./program.ts";

const PAGES = ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/architecture.md"];

/** The kinds of thing that somebody may add, each with a recipe. */
const RECIPES = [
  "A name of the policy language",
  "A configuration key",
  "An event",
  "A command",
  "A channel",
  "A metric",
  "A route of the API",
  "An action",
  "A flavor",
  "A kind of target",
];

/** The paths that a page names: in code, with a slash or an ending, and behind its links. */
function pathsIn(text: string): readonly string[] {
  const code = [...text.matchAll(/`([\w.@-]+(?:\/[\w.@-]*)*)`/g)].map(([, word]) => word!)
    .filter((word) => word.includes("/") || /^[\w-]*\.(?:ts|json|md|yaml)$/.test(word));
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
  return [...code, ...links];
}

function tasksIn(text: string): readonly string[] {
  return [...text.matchAll(/deno(?:@2)? task ([a-z][\w:-]*)/g)].map(([, task]) => task!);
}

/** Whether there is such a file or folder: from the top, in src/, or beside the page; `mod.ts` is in every folder. */
async function isThere(path: string, page: string): Promise<boolean> {
  const places = [ROOT, `${ROOT}src`, join(ROOT, page, "..")];
  const found = await Promise.all(places.map((place) => Deno.stat(join(place, path)).catch(() => undefined)));
  return path === "mod.ts" || found.some((each) => each !== undefined);
}

for (const path of PAGES) {
  Deno.test(`every file and task that ${path} names is there`, async () => {
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    const paths = pathsIn(text);
    assert(paths.length > 0, "it names none at all");
    const there = await Promise.all(paths.map((each) => isThere(each, path)));
    assertEquals(paths.filter((_, index) => !there[index]), []);
    assertEquals(tasksIn(text).filter((task) => !(task in project.tasks)), []);
  });
}

Deno.test("what is named in pages is found, and what is missing too", async () => {
  const text =
    "`src/clock.ts`, `policy/`, `a b`, `lag`, `gone.ts`, [x](docs/y.md#z) [w](https://a.b/c.md)\n" +
    "`deno task ok`, npx -y deno@2 task test:unit";
  assertEquals(pathsIn(text), ["src/clock.ts", "policy/", "gone.ts", "docs/y.md"]);
  assertEquals(tasksIn(text), ["ok", "test:unit"]);
  const there = await Promise.all(pathsIn(text).map((path) => isThere(path, "README.md")));
  assertEquals(there, [true, true, false, false]);
});

Deno.test("each recipe says in each step what to do where, and what fails", async () => {
  const text = await Deno.readTextFile(`${ROOT}CONTRIBUTING.md`);
  const recipes = text.split("\n## Recipes\n")[1]!.split("\n### ").slice(1);
  assertEquals(recipes.map((recipe) => recipe.split("\n")[0]), RECIPES);
  for (const recipe of recipes) {
    const steps = recipe.split("\n").filter((line) => /^\d\. /.test(line));
    assert(steps.length >= 3, recipe);
    assert(
      recipe.includes("oes not compile") || recipe.includes("o not compile") || recipe.includes("_test.ts"),
    );
    assertEquals(steps.filter((step) => pathsIn(step).length === 0 && tasksIn(step).length === 0), []);
  }
});

/** Folders of tests that start servers or a browser, each with the task that runs it. */
const WITH_SERVERS: Readonly<Record<string, keyof typeof project.tasks>> = {
  "tests/integration": "test",
  "tests/long": "test:long",
  "tests/topologies": "test:topologies",
  "tests/browser": "test:browser",
};

const UNIT = project.tasks["test:unit"].split(" ").filter((word) => word.startsWith("tests/"));

Deno.test("every folder with tests is in test:unit, or in a task that starts servers or a browser", async () => {
  const folders = new Set((await filesIn("tests")).filter((file) => file.endsWith("_test.ts")).map(folderOf));
  const listed = [...UNIT.filter((path) => !path.includes("*")), ...Object.keys(WITH_SERVERS), "tests"];
  assertEquals([...folders].toSorted(), listed.toSorted());
  assert(UNIT.includes("tests/*_test.ts"));
  const others = Object.keys(WITH_SERVERS).slice(1);
  for (const folder of others) assert(project.tasks[WITH_SERVERS[folder]!].endsWith(` ${folder}/`), folder);
  assert(
    project.tasks["test"].endsWith(` --ignore=${others.join(",")} tests/`),
    "`test` runs all others",
  );
});

Deno.test("no test of test:unit starts a server", async () => {
  const files = (await filesIn("tests")).filter((file) => !(folderOf(file) in WITH_SERVERS));
  const tests = files.filter((file) => file.endsWith("_test.ts"));
  assert(tests.length > 100, `${tests.length} tests`);
  const known = new Map<string, readonly string[]>();
  for (const file of await filesIn("tests")) {
    known.set(file, importsOf(file, await Deno.readTextFile(`${ROOT}${file}`)));
  }
  const starting = "tests/lab/start.ts";
  assertEquals(tests.filter((file) => reaches(file, starting, known)), []);
  assert(reaches("tests/integration/kill_test.ts", starting, known), "the search finds those that do");
});

function folderOf(file: string): string {
  return file.split("/").slice(0, file.split("/").length > 2 ? 2 : 1).join("/");
}

function importsOf(file: string, source: string): readonly string[] {
  return [...source.matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)"/gm)]
    .map(([, path]) => join(file, "..", path!));
}

function reaches(from: string, to: string, imports: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set([from]);
  for (const file of seen) for (const next of imports.get(file) ?? []) seen.add(next);
  return seen.has(to);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${folder}`));
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : [path];
  }));
  return found.flat();
}

Deno.test("the changelog has an Unreleased section, and sections of known kinds only", async () => {
  const text = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const [first] = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  assertEquals(first, "Unreleased");
  const kinds = [...text.matchAll(/^### (.*)$/gm)].map(([, title]) => title!);
  const known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  assertEquals(kinds.filter((kind) => !known.includes(kind)), []);
  assert(kinds.length > 0);
});
