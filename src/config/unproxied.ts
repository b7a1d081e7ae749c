import type { Expression } from "../language/mod.ts";
import { formatPath, type Path, type Problems } from "../yaml/mod.ts";

/** An expression, and where it is written. */
interface Placed {
  readonly expression: Expression;
  readonly path: Path;
}

/** What asks for the client behind a proxy, and whether any database that it holds for is behind one. */
interface Asker {
  readonly path: Path;
  readonly names: readonly string[];
  readonly protects: boolean;
  isBehind: boolean;
}

/** Warns of conditions on clients behind a proxy that are unknown on every database, since none is behind one. */
export class Unproxied {
  readonly #askers = new Map<string, Asker>();

  /** Notes what holds for one database. */
  add(
    { where, protect }: { readonly where: readonly Placed[]; readonly protect: readonly Placed[] },
    isBehind: boolean,
  ): void {
    for (const placed of where) this.#note(placed, { protects: false, isBehind });
    for (const placed of protect) this.#note(placed, { protects: true, isBehind });
  }

  finish(warnings: Problems): void {
    for (const { path, names, protects, isBehind } of this.#askers.values()) {
      if (isBehind) continue;
      const then = protects ? "so this protects everybody" : "so this is unknown";
      warnings.report(
        path,
        `no database here says by "proxysql" what is in front of it, ${then}: ${names.join(", ")}`,
      );
    }
  }

  #note(
    { expression, path }: Placed,
    { protects, isBehind }: { readonly protects: boolean; readonly isBehind: boolean },
  ): void {
    const names = expression.needs.filter((name) => expression.rows.get(name)?.part_of === "proxied");
    if (names.length === 0) return;
    const key = formatPath(path);
    const known = this.#askers.get(key);
    if (known === undefined) this.#askers.set(key, { path, names, protects, isBehind });
    else known.isBehind ||= isBehind;
  }
}
