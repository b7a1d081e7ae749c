import { posix } from "node:path";
import { ROOT } from "../program.ts";
import type { SwitchedFile } from "./sources.ts";

/** Where tests are that need servers, or are about the files of the project. */
const NO_UNIT_TESTS = /^tests\/(?:integration|topologies|mutants)\/|^tests\/[^/]+$/;
/** What starts the program reaches no mutant. */
const STARTS_PROGRAM = /\b(?:run|start)Program\b/;
/** What is not copied. */
const LEFT_OUT = /^(?:\.git|dist|node_modules)$/;

/** Every file below a folder of this checkout, from its top. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${folder}`));
  const files = await Promise.all(
    entries.filter(({ name }) => !LEFT_OUT.test(name)).map(({ name, isDirectory }) => {
      const path = posix.join(folder, name);
      return isDirectory ? filesBelow(path) : [path];
    }),
  );
  return files.flat().toSorted();
}

/** A copy of this checkout in which files have switches. Dispose of it. */
export class Tree implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async plant(switched: readonly SwitchedFile[]): Promise<Tree> {
    const tree = new Tree(await Deno.makeTempDir({ prefix: "query-sniper-mutants-" }));
    for (const file of await filesBelow("")) {
      await Deno.mkdir(`${tree.folder}/${posix.dirname(file)}`, { recursive: true });
      await Deno.copyFile(`${ROOT}${file}`, `${tree.folder}/${file}`);
    }
    for (const { file, text } of switched) await Deno.writeTextFile(`${tree.folder}/${file}`, text);
    return tree;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The unit tests that import a file of some folders, be it by way of others. */
export async function unitTestsOf(folders: readonly string[]): Promise<readonly string[]> {
  const all = [...await filesBelow("src"), ...await filesBelow("tests")].filter((file) =>
    file.endsWith(".ts")
  );
  const sources = new Map<string, string>();
  for (const file of all) sources.set(file, await Deno.readTextFile(`${ROOT}${file}`));
  const imports = new Map(all.map((file) => [file, importsOf(file, sources.get(file)!)]));
  return all.filter((file) =>
    file.endsWith("_test.ts") && !NO_UNIT_TESTS.test(file) && !STARTS_PROGRAM.test(sources.get(file)!) &&
    reachedFrom(file, imports).some((reached) => folders.some((folder) => isIn(reached, folder)))
  );
}

/** Whether a file is in a folder, or is that file. */
export function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function importsOf(file: string, source: string): readonly string[] {
  const found = source.matchAll(/\b(?:from|import\(?)\s*"(\.[^"]+\.ts)"/g);
  return [...found].map(([, specifier]) => posix.join(posix.dirname(file), specifier!));
}

function reachedFrom(file: string, imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const reached = new Set([file]);
  for (const next of reached) for (const imported of imports.get(next) ?? []) reached.add(imported);
  return [...reached];
}
