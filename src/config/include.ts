import { dirname, isAbsolute, join } from "node:path";
import { quoted } from "../text/nearest.ts";
import {
  ConfigError,
  type Document,
  InFile,
  ioReason,
  isWrong,
  type LocatedProblem,
  type Path,
  placeFrom,
  type Problems,
  readDocument,
} from "../yaml/mod.ts";
import { filesMatching, isPattern } from "./glob.ts";
import type { Findings } from "./findings.ts";
import { type ConfigFile, type DatabaseLevel, type GroupLevel, includedFile } from "./schema.ts";

/** The main file, with the included files merged in. */
export interface WholeConfigFile {
  readonly keys: ConfigFile;
  /** The path of a group in the file that has it. */
  groupPath(name: string): Path;
  /** The path of a database in the file that has it, by its position among all. */
  databasePath(index: number): Path;
}

export interface IncludeResult {
  readonly gathered: WholeConfigFile;
  /** The included files that could be read, in their order. */
  readonly documents: readonly Document[];
  /** The problems of those that could not. */
  readonly errors: readonly LocatedProblem[];
}

/** Where a main file is, and where to report its problems. */
interface IncludeOptions extends Findings {
  /** Where it will be installed, if not where it is read: its paths are relative to that place. */
  readonly place: string;
}

/** Reads the files that a main file includes, and adds their groups and databases. */
export async function gather(
  document: Document,
  keys: ConfigFile,
  options: IncludeOptions,
): Promise<IncludeResult> {
  const { problems } = options;
  const { files, complete } = await includedFiles(document, keys, options);
  const read = await Promise.all(
    files.map((file) => readDocument(file, { secretKeys: false }).catch(errorsOf)),
  );
  const documents = read.flatMap((document) => document instanceof ConfigError ? [] : [document]);
  const errors = read.flatMap((document) => document instanceof ConfigError ? document.problems : []);
  const collector = new Collector(keys, problems);
  for (const document of documents) collector.add(document);
  if (errors.length > 0 || !complete) collector.addUnknown();
  const gathered = collector.gathered();
  if (keys.include !== undefined && gathered.keys.databases?.length === 0) {
    problems.report(
      ["include"],
      "there is no database, neither in this file nor in one that it includes",
      "key",
    );
  }
  return { gathered, documents, errors };
}

function errorsOf(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  throw error;
}

interface IncludeList {
  /** Each once. */
  readonly files: readonly string[];
  /** Whether none is missing. */
  readonly complete: boolean;
}

async function includedFiles(
  main: Document,
  keys: ConfigFile,
  { place, ...findings }: IncludeOptions,
): Promise<IncludeList> {
  const { include = [] } = keys;
  const isList = Array.isArray((main.value as Readonly<Record<string, unknown>>)["include"]);
  const found = await Promise.all(include.map((pattern, index) => {
    if (pattern === undefined) return undefined;
    return filesNamed(pattern, { main: place, path: ["include", ...isList ? [index] : []], ...findings });
  }));
  const files = found.flatMap((files) => files ?? []);
  return { files: [...new Set(files)], complete: !isWrong(keys, "include") && !found.includes(undefined) };
}

/** The files that one item of `include` names; undefined if it is wrong. */
async function filesNamed(
  pattern: string,
  { main, path, problems, warnings }: Findings & { readonly main: string; readonly path: Path },
): Promise<readonly string[] | undefined> {
  try {
    const files = await filesMatching(dirname(main), pattern);
    const isMain = await Promise.all(files.map((file) => isSame(file, main)));
    if (isMain.includes(true)) problems.report(path, `a file cannot include itself: ${quoted(pattern)}`);
    else if (files.length > 0) return files;
    else if (!isPattern(pattern)) problems.report(path, await whyNot(main, pattern));
    else {
      warnings.report(path, `no file has such a name: ${quoted(pattern)}`);
      return [];
    }
  } catch (error) {
    problems.report(path, `cannot read the folder: ${ioReason(error)}: ${quoted(pattern)}`);
  }
}

/** Why an included file cannot be read. */
async function whyNot(main: string, name: string): Promise<string> {
  const file = isAbsolute(name) ? name : join(dirname(main), name);
  const reason = await Deno.stat(file).then(
    ({ isDirectory }) => isDirectory ? "it is a directory" : "it is no regular file",
    ioReason,
  );
  return `cannot read the file: ${reason}: ${quoted(name)}`;
}

async function isSame(file: string, other: string): Promise<boolean> {
  // The main file may not be installed yet.
  const [one, two] = await Promise.all([file, other].map((path) => Deno.realPath(path).catch(() => path)));
  return one === two;
}

class Collector {
  readonly #main: ConfigFile;
  readonly #problems: Problems;
  readonly #groups = new Map<string, GroupLevel | undefined>();
  readonly #groupPaths = new Map<string, Path>();
  readonly #databases: (DatabaseLevel | undefined)[] = [];
  readonly #databasePaths: Path[] = [];
  #groupsKnown = true;

  constructor(main: ConfigFile, problems: Problems) {
    this.#main = main;
    this.#problems = problems;
    this.#addAll(main, []);
  }

  add({ file, value }: Document): void {
    const path = [new InFile(file)];
    const keys = includedFile.read(value, path, this.#problems);
    if (keys === undefined) this.addUnknown();
    else {
      this.#checkForbidden(keys, path);
      this.#addAll(keys, path);
    }
  }

  /**
   * An included file may not set keys that belong to the main file: its author must not be able to arm the program,
   * for example.
   */
  #checkForbidden({ groups, databases }: Pick<ConfigFile, "groups" | "databases">, base: Path): void {
    const levels = [
      ...[...groups ?? []].map(([name, level]) => [level, [...base, "groups", name]] as const),
      ...(databases ?? []).map((level, index) => [level, [...base, "databases", index]] as const),
    ];
    for (const [level, path] of levels) {
      for (const key of this.#main.forbid ?? []) {
        if (level === undefined || key === undefined || !Object.hasOwn(level, key)) continue;
        this.#problems.report([...path, key], "the main file forbids this key here", "key");
      }
    }
  }

  /** A file that could not be read may have defined any group and any database. */
  addUnknown(): void {
    this.#groupsKnown = false;
    this.#addUnknownDatabase();
  }

  gathered(): WholeConfigFile {
    const { groups: _groups, databases: _databases, ...rest } = this.#main;
    const hasAny = this.#databases.length > 0 || Object.hasOwn(this.#main, "include");
    return {
      keys: {
        ...rest,
        groups: this.#groupsKnown ? this.#groups : undefined,
        ...hasAny && { databases: this.#databases },
      },
      groupPath: (name) => this.#groupPaths.get(name) ?? ["groups", name],
      databasePath: (index) => this.#databasePaths[index] ?? ["databases", index],
    };
  }

  #addAll(keys: Pick<ConfigFile, "groups" | "databases">, base: Path): void {
    if (isWrong(keys, "groups")) this.#groupsKnown = false;
    for (const [name, group] of keys.groups ?? []) {
      const path = [...base, "groups", name];
      const first = this.#groupPaths.get(name);
      if (first === undefined) {
        this.#groupPaths.set(name, path);
        this.#groups.set(name, group);
      } else {
        const message = `another group has this name, ${placeFrom(path, first)}: ${quoted(name)}`;
        this.#problems.report(path, message, "key");
      }
    }
    if (isWrong(keys, "databases")) this.#addUnknownDatabase();
    for (const [index, database] of (keys.databases ?? []).entries()) {
      this.#databases.push(database);
      this.#databasePaths.push([...base, "databases", index]);
    }
  }

  #addUnknownDatabase(): void {
    this.#databases.push(undefined);
    this.#databasePaths.push([]);
  }
}
