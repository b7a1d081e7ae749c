import { didYouMean, quoted } from "../text/nearest.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { ConfigLevel } from "./merged_levels.ts";
import { NONE } from "./proxysql.ts";
import { proxysqlKeys } from "./proxysql_keys.ts";
import type { ConfigFile } from "./schema.ts";

/** The ProxySQLs that databases may be behind, by their names. */
export class ProxyNames {
  /** Undefined if it is not known which ones there are. */
  readonly #known: readonly string[] | undefined;
  readonly #problems: Problems;
  /** Where a name was found wrong. */
  readonly #told = new Set<string>();

  constructor(file: ConfigFile, problems: Problems) {
    const { proxysql = [] } = file;
    const isKnown = !isWrong(file, "proxysql") &&
      proxysql.every((each) => each !== undefined && !isWrong(each, "name"));
    this.#known = isKnown ? proxysql.map((each) => each?.name ?? proxysqlKeys.name.default) : undefined;
    this.#problems = problems;
  }

  /** What a database of these levels is behind: the lowest level that says something counts. */
  of(levels: readonly ConfigLevel[]): readonly string[] {
    const level = levels.findLast(({ keys }) => Object.hasOwn(keys, "proxysql"));
    const written = level?.keys.proxysql ?? [];
    const names = written.filter((name) => name !== undefined);
    if (level === undefined || (names.length === 1 && NONE.has(names[0]!))) return [];
    for (const [index, name] of names.entries()) this.#check(name, [...level.path, "proxysql"], names, index);
    return names;
  }

  #check(name: string, path: Path, names: readonly string[], index: number): void {
    const key = `${JSON.stringify(path)} ${index}`;
    if (this.#known === undefined || this.#told.has(key)) return;
    this.#told.add(key);
    const place = names.length === 1 ? path : [...path, index];
    if (names.indexOf(name) < index) this.#problems.report(place, `it stands here twice: ${quoted(name)}`);
    if (this.#known.includes(name)) return;
    const near = didYouMean(name, this.#known, '"');
    this.#problems.report(place, `no ProxySQL has this name: ${quoted(name)}${near}`);
  }
}
