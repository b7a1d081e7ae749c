import { keywordAt, unitsOf } from "../../digest/mod.ts";
import type { Block, Source } from "./block.ts";
import type { Catalog, CatalogTable } from "./catalog.ts";
import { type Code, isName, isOperator, isWord, type Piece, type Range } from "./code.ts";
import { Refusal } from "./refusal.ts";

/** As many tables as servers join. */
const MOST_TABLES = 61;

/** Reads FROM: its tables, and the conditions of its joins. */
export class FromReader {
  readonly #code: Code;
  readonly #catalog: Catalog;
  readonly #block: Block;
  #at: number;
  readonly #to: number;
  /** The tables before the last comma: JOIN binds more closely. */
  #apart = 0;

  constructor(code: Code, catalog: Catalog, block: Block) {
    const { from, to } = block.clauses.from!;
    this.#code = code;
    this.#catalog = catalog;
    this.#block = block;
    this.#at = from;
    this.#to = to;
  }

  read(): void {
    if (this.#to === this.#at + 1 && isWord(this.#piece, "dual")) return;
    this.#table(false);
    while (this.#at < this.#to) {
      if (this.#take(",")) {
        this.#apart = this.#block.sources.length;
        this.#table(false);
        continue;
      }
      const optional = this.#joinWord();
      const added = this.#table(optional);
      this.#condition(optional ? added : undefined, added);
    }
  }

  get #piece(): Piece | undefined {
    return this.#at < this.#to ? this.#code.pieces[this.#at] : undefined;
  }

  #take(text: string): boolean {
    const piece = this.#piece;
    const found = piece !== undefined && (piece.kind === "operator" || piece.kind === "word") &&
      piece.text === text;
    if (found) this.#at++;
    return found;
  }

  /** Whether the join adds an optional table. */
  #joinWord(): boolean {
    if (this.#take("straight_join")) return false;
    const optional = this.#take("left");
    if (optional) this.#take("outer");
    else if (!this.#take("inner")) this.#take("cross");
    if (!this.#take("join")) {
      throw new Refusal(
        `a part of FROM is not supported: it begins at "${this.#piece?.text ?? "its end"}"`,
        JOINS,
      );
    }
    return optional;
  }

  /** One table, or a subquery; the place in FROM where its name ends is behind its alias. */
  #table(optional: boolean): Source | undefined {
    const { pieces } = this.#code;
    const piece = this.#piece;
    if (isOperator(piece, "(")) {
      const close = piece!.pair;
      if (!isWord(pieces[this.#at + 1], "select")) {
        throw new Refusal("parentheses around a join are not supported", JOINS);
      }
      this.#at = close + 1;
      const alias = this.#alias();
      if (alias === undefined) throw new Refusal("a subquery in FROM needs a name");
      this.#block.opaque.push(alias);
      return undefined;
    }
    const table = tableAt(this.#code, { from: this.#at, to: this.#to }, this.#catalog);
    this.#at = table.end;
    const alias = this.#alias() ?? table.table.name;
    this.#indexHints();
    if (this.#block.sources.some((source) => source.alias === alias)) {
      throw new Refusal("two tables have one name");
    }
    if (this.#block.sources.length === MOST_TABLES) {
      throw new Refusal(`it has more than ${MOST_TABLES} tables`);
    }
    const source = { block: this.#block, table: table.table, alias, optional };
    this.#block.sources.push(source);
    return source;
  }

  #alias(): string | undefined {
    const isExplicit = this.#take("as");
    const piece = this.#piece;
    if (!isName(piece)) {
      if (isExplicit) throw new Refusal("a name is missing behind AS");
      return undefined;
    }
    if (!isExplicit && piece.kind === "word" && isKeyword(piece.text)) return undefined;
    this.#at++;
    return piece.text;
  }

  /** USE INDEX (…), FORCE KEY (…): how a table is read, not what. */
  #indexHints(): void {
    const { pieces } = this.#code;
    while (isWord(this.#piece, "use") || isWord(this.#piece, "force") || isWord(this.#piece, "ignore")) {
      const [kind, open] = [pieces[this.#at + 1], pieces[this.#at + 2]];
      if (!(isWord(kind, "index") || isWord(kind, "key")) || !isOperator(open, "(")) {
        throw new Refusal("this index hint is not supported");
      }
      this.#at = open!.pair + 1;
    }
  }

  #condition(optional: Source | undefined, added: Source | undefined): void {
    if (this.#take("on")) {
      const from = this.#at;
      while (this.#at < this.#to && !this.#endsCondition()) {
        this.#at = Math.max(this.#at, this.#piece!.pair) + 1;
      }
      if (this.#at === from) throw new Refusal("ON is empty");
      const range = { from, to: this.#at, within: this.#block.sources.slice(this.#apart) };
      this.#block.ons.push(range);
      // A subquery that is optional has no source of its own: what its ON says filters nothing.
      if (optional !== undefined) this.#block.conditions.push({ ...range, optional });
      else if (added !== undefined) this.#block.conditions.push(range);
    } else if (isWord(this.#piece, "using")) {
      throw new Refusal("JOIN … USING is not supported", "write ON with both columns");
    }
  }

  #endsCondition(): boolean {
    const piece = this.#piece!;
    if (isOperator(piece, ",")) return true;
    if (piece.kind !== "word" || isOperator(this.#code.pieces[this.#at - 1], ".")) return false;
    // LEFT( and RIGHT( are functions.
    return JOIN_WORDS.has(piece.text) && !isOperator(this.#code.pieces[this.#at + 1], "(");
  }
}

const JOINS = "tables are joined by commas, [INNER] JOIN, CROSS JOIN and LEFT JOIN";
const JOIN_WORDS: ReadonlySet<string> = new Set(
  "join inner cross left right natural straight_join full".split(" "),
);

/** The table that is named here, and where its name ends. */
export function tableAt(
  { pieces }: Code,
  { from, to }: Range,
  { schema, tables }: Catalog,
): { readonly table: CatalogTable; readonly end: number } {
  let name = pieces[from];
  let end = from + 1;
  if (from >= to || !isName(name)) throw new Refusal("the name of a table is missing");
  if (end + 1 < to && isOperator(pieces[end], ".") && isName(pieces[end + 1])) {
    if (name.text !== schema) throw new Refusal(`only tables of the schema "${schema}" are on the shards`);
    name = pieces[end + 1]!;
    end += 2;
  }
  const table = tables.get(name.text);
  if (table === undefined) {
    throw new Refusal("a table is not one of the shards' tables", 'name it below "sharding.tables"');
  }
  return { table, end };
}

/** Whether a word is a keyword, also one that may be a name. */
export function isKeyword(word: string): boolean {
  let known = KEYWORDS.get(word);
  if (known === undefined) {
    known = keywordAt(unitsOf(word).units, 0, word.length) !== undefined;
    if (KEYWORDS.size < MOST_KEYWORDS) KEYWORDS.set(word, known);
  }
  return known;
}

/** What has been asked before. */
const KEYWORDS = new Map<string, boolean>();
const MOST_KEYWORDS = 5000;
