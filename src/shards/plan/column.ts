import { type Block, type Column, type Source } from "./block.ts";
import { type Code, folded, isName, isOperator, type Range } from "./code.ts";

/** The column that all of these pieces name; undefined where they do not, or where which one it is is not certain. */
export function columnOf(code: Code, range: Range, block: Block): Column | undefined {
  const path = pathOf(code, range);
  if (path === undefined) return undefined;
  const name = path.at(-1)!.toLowerCase();
  if (path.length === 1) return unqualified(name, block);
  const alias = path.at(-2)!;
  let seen: Block["seen"];
  for (let here: Block | undefined = block; here !== undefined; { seen, parent: here } = here) {
    if (here.opaque.includes(alias)) return undefined;
    const source = here.sources.find((source) => source.alias === alias);
    if (source !== undefined) {
      // With the schema in front only the table's own name can stand.
      const isSame = path.length === 2 || source.table.name === alias;
      return isSame && isSeen(source, seen) && source.table.columnSet.has(name)
        ? { source, name }
        : undefined;
    }
  }
}

/** The parts of a name, as `alias`, `column`; three at most. */
export function pathOf({ pieces }: Code, { from, to }: Range): readonly string[] | undefined {
  const count = to - from;
  if (count !== 1 && count !== 3 && count !== 5) return undefined;
  const path: string[] = [];
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if ((at - from) % 2 === 1) {
      if (!isOperator(piece, ".")) return undefined;
    } else if (isName(piece)) path.push(piece.text);
    else return undefined;
  }
  return path;
}

function unqualified(name: string, block: Block): Column | undefined {
  let seen: Block["seen"];
  for (let here: Block | undefined = block; here !== undefined; { seen, parent: here } = here) {
    if (here.opaque.length > 0) return undefined;
    let found: Source | undefined;
    for (const source of here.sources) {
      if (!source.table.columnSet.has(name)) continue;
      if (found !== undefined) return undefined;
      found = source;
    }
    if (found !== undefined) return isSeen(found, seen) ? { source: found, name } : undefined;
  }
}

/** What a subquery does not see hides what it does see further out: which one is meant, nobody has to know. */
function isSeen(source: Source, seen: readonly Source[] | undefined): boolean {
  return seen === undefined || seen.includes(source);
}

/** A key by which the same column is the same, however it is written. */
export function columnId({ source, name }: Column): string {
  return `${source.alias}.${name}`;
}

/** Whether a piece is a name behind a dot. */
export function isQualified({ pieces }: Code, at: number): boolean {
  return isOperator(pieces[at - 1], ".");
}

/** The last part of a name, in small letters, from the place of its first piece. */
export function lastPart({ pieces }: Code, { to }: Range): string {
  return folded(pieces[to - 1]!);
}
