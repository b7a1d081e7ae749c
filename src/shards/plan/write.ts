import type { Block, Source } from "./block.ts";
import { checkCalls } from "./calls.ts";
import type { Catalog, CatalogTable } from "./catalog.ts";
import {
  type Code,
  isName,
  isOperator,
  isWord,
  literalOf,
  type Piece,
  type Range,
  splitList,
} from "./code.ts";
import { factsOf } from "./facts.ts";
import { isKeyword, tableAt } from "./from.ts";
import { Refusal } from "./refusal.ts";
import { canonicalKey, fits, slotOf } from "../slots/key.ts";

/** What is written: a table and the slots of all rows that can be. */
export interface Write {
  readonly table: string;
  readonly slots: readonly number[];
}

/**
 * Reads INSERT and REPLACE with VALUES.
 * @throws {Refusal} Where a row has no key that is certain.
 */
export function readInsert(code: Code, catalog: Catalog): Write {
  const { pieces } = code;
  const end = pieces.length;
  refuseWords(code);
  let at = isWord(pieces[1], "ignore") ? 2 : 1;
  if (isWord(pieces[at], "into")) at++;
  const named = tableAt(code, { from: at, to: end }, catalog);
  at = named.end;
  const open = pieces[at];
  if (!isOperator(open, "(")) {
    throw new Refusal("the columns are not named", "write INSERT INTO table (columns) VALUES (…)");
  }
  checkCalls(code, at);
  const key = keyOf(named.table);
  const columns = splitList(code, { from: at + 1, to: open!.pair }).map((range) => columnName(code, range));
  if (new Set(columns).size < columns.length) throw new Refusal("a column is named twice");
  const place = columns.indexOf(key.column);
  if (place < 0) {
    throw new Refusal(`the shard key is not given: "${key.column}"`, "without it nobody knows the shard");
  }
  at = open!.pair + 1;
  if (!isWord(pieces[at], "values") && !isWord(pieces[at], "value")) {
    throw new Refusal("only INSERT … VALUES is supported");
  }
  const slots = new Set<number>();
  do {
    const row = pieces[++at];
    if (!isOperator(row, "(")) throw new Refusal("a row of VALUES is not in parentheses");
    const values = splitList(code, { from: at + 1, to: row!.pair });
    if (values.length !== columns.length) {
      throw new Refusal("a row has not as many values as there are columns");
    }
    slots.add(keySlot(code, values[place]!, key));
    at = row!.pair + 1;
  } while (isOperator(pieces[at], ","));
  if (at < end) readDuplicate(code, { from: at, to: end }, key.column);
  return { table: named.table.name, slots: [...slots] };
}

function keySlot(code: Code, range: Range, key: NonNullable<CatalogTable["key"]>): number {
  const literal = literalOf(code, range);
  const canonical = literal && canonicalKey(literal, key.type);
  const kind = key.type.family === "text" ? "a text in quotes" : "a whole number";
  if (canonical === undefined) {
    throw new Refusal(`the shard key is not ${kind}`, `"${key.column}" has to be a literal, or a param`);
  }
  // The server would clamp, cut or count up what it is given, and store another key.
  if (!fits(canonical, key.type)) {
    throw new Refusal(`the shard key does not fit into its column: "${key.column}"`);
  }
  return slotOf(canonical);
}

/** ON DUPLICATE KEY UPDATE, which may not change the key. */
function readDuplicate(code: Code, { from, to }: Range, key: string): void {
  const words = ["on", "duplicate", "key", "update"];
  if (!words.every((word, index) => isWord(code.pieces[from + index], word))) {
    throw new Refusal("behind VALUES only ON DUPLICATE KEY UPDATE is supported");
  }
  checkAssignments(code, { from: from + 4, to }, key);
}

/**
 * Reads UPDATE and DELETE of one table.
 * @throws {Refusal} Where the rows are not those of keys that are certain.
 */
export function readChange(code: Code, catalog: Catalog): Write {
  const { pieces } = code;
  const isDelete = isWord(pieces[0], "delete");
  refuseWords(code);
  checkCalls(code);
  let at = isWord(pieces[1], "ignore") ? 2 : 1;
  if (isDelete && !isWord(pieces[at++], "from")) throw new Refusal("only DELETE FROM table is supported");
  const named = tableAt(code, { from: at, to: pieces.length }, catalog);
  at = named.end;
  if (isWord(pieces[at], "as")) at++;
  let alias = named.table.name;
  const word = pieces[at];
  if (isName(word) && !(word.kind === "word" && isKeyword(word.text))) {
    alias = word.text;
    at++;
  }
  const key = keyOf(named.table);
  if (!isDelete) {
    if (!isWord(pieces[at], "set")) throw new Refusal("only UPDATE of one table is supported");
    const set = { from: at + 1, to: clauseEnd(code, at + 1) };
    checkAssignments(code, set, key.column);
    at = set.to;
  }
  if (!isWord(pieces[at], "where")) {
    throw new Refusal("it writes rows of all shards: there is no WHERE with the shard key", ONE_KEY);
  }
  const where = { from: at + 1, to: clauseEnd(code, at + 1) };
  return { table: named.table.name, slots: slotsOf(code, where, { table: named.table, alias }) };
}

const ONE_KEY = "a statement that writes is for one key, or for a list of keys of one shard";

/** Where a clause of an UPDATE or DELETE ends. */
function clauseEnd({ pieces }: Code, from: number): number {
  for (let at = from; at < pieces.length; at++) {
    const piece = pieces[at]!;
    if (piece.pair > at) at = piece.pair;
    else if (piece.kind === "word" && ENDS.has(piece.text) && !isOperator(pieces[at - 1], ".")) return at;
  }
  return pieces.length;
}

const ENDS: ReadonlySet<string> = new Set(["where", "order", "limit"]);

function slotsOf(
  code: Code,
  where: Range,
  { table, alias }: Pick<Source, "table" | "alias">,
): readonly number[] {
  const block: Block = {
    parent: undefined,
    derived: false,
    clauses: { distinct: false, items: where },
    sources: [],
    conditions: [where],
    ons: [],
    opaque: [],
    children: [],
  };
  block.sources.push({ block, table, alias, optional: false });
  const sets = factsOf(code, where, block).flatMap((fact) => fact.kind === "keys" ? [fact.keys] : []);
  const least = sets.toSorted((one, other) => one.length - other.length)[0];
  if (least === undefined) {
    throw new Refusal(
      `which rows it writes is not certain: WHERE needs "${table.key!.column} = …", joined by AND`,
      ONE_KEY,
    );
  }
  return [...new Set(least.map(slotOf))];
}

/** What an UPDATE sets: never the key, whose row would be on the wrong shard then. */
function checkAssignments(code: Code, range: Range, key: string): void {
  for (const part of splitList(code, range)) {
    let sign = part.from;
    while (sign < part.to && !isOperator(code.pieces[sign], "=")) sign++;
    if (sign >= part.to || (sign - part.from) % 2 === 0) throw new Refusal("what is set is not certain");
    if (columnName(code, { from: sign - 1, to: sign }) === key) {
      throw new Refusal(
        `the shard key cannot be changed: "${key}"`,
        "delete the row, and insert it with its new key",
      );
    }
  }
}

/** The name of a column in small letters. The server takes some letters with accents for those without. */
function columnName({ pieces }: Code, { from, to }: Range): string {
  const piece: Piece | undefined = pieces[from];
  if (to !== from + 1 || !isName(piece)) throw new Refusal("a column is not named as such");
  if (!/^[ -~]+$/.test(piece.text)) {
    throw new Refusal("names of columns with other letters than ASCII are not written to");
  }
  const name = piece.text.toLowerCase();
  // Servers call a primary key of one whole number so, too: it may be the shard key.
  if (name === "_rowid") throw new Refusal("_rowid is not written to: it may be the shard key");
  return name;
}

function keyOf({ name, key }: CatalogTable): NonNullable<CatalogTable["key"]> {
  if (key === undefined) {
    throw new Refusal(`a reference table is written by an administrator, on all shards: "${name}"`);
  }
  return key;
}

function refuseWords({ pieces }: Code): void {
  for (const [at, piece] of pieces.entries()) {
    if (piece.kind !== "word" || !FORBIDDEN.has(piece.text) || isOperator(pieces[at - 1], ".")) continue;
    throw new Refusal(`${piece.text.toUpperCase()} is not supported in a statement that writes`);
  }
}

/** Other rows, other tables, rows in the answer, other orders of clauses. */
const FORBIDDEN: ReadonlySet<string> = new Set(
  "select with table returning partition join using union low_priority high_priority delayed quick".split(
    " ",
  ),
);
