import { DEFAULT_QUOTING, newSlot, sharedUnitsOf, tokenizer } from "../../digest/mod.ts";
import type { Literal } from "../slots/key.ts";
import { Refusal } from "./refusal.ts";

/** A token of a statement that can be planned. */
export interface Piece {
  /** `word`: without quotes; `name`: in back quotes. */
  readonly kind: "word" | "name" | "string" | "number" | "operator";
  /** A word in small letters, a name without its quotes, an operator; all else as it is written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Where the other parenthesis is, by its place among the pieces; -1 of all else. */
  pair: number;
}

/** A statement and its tokens, without comments. */
export interface Code {
  readonly sql: string;
  readonly pieces: readonly Piece[];
}

/** Pieces from one place up to another. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a statement, in the sql_mode that the router gives to its sessions: backslashes escape, double quotes are
 * those of strings.
 * @throws {Refusal} For what may mean several things, depends on the session, or is more than one statement.
 */
export function readCode(sql: string): Code {
  const pieces: Piece[] = [];
  const open: number[] = [];
  const read = tokenizer(sharedUnitsOf(sql), DEFAULT_QUOTING);
  for (const token = newSlot(); read(token);) {
    const { kind, start, end } = token;
    if (kind === "comment") continue;
    const reason = REFUSED[kind];
    if (reason !== undefined) throw new Refusal(reason);
    if (pieces.at(-1)?.text === ";" && pieces.at(-1)?.kind === "operator") {
      throw new Refusal(SEVERAL, SEVERAL_HINT);
    }
    const written = sql.slice(start, end);
    const text = kind === "word" && token.plain
      ? written.toLowerCase()
      : kind === "quoted"
      ? written.slice(1, -1).replaceAll("``", "`")
      : written;
    const piece: Piece = {
      kind: kind === "quoted" ? "name" : kind as Piece["kind"],
      text,
      start,
      end,
      pair: -1,
    };
    const at = pieces.push(piece) - 1;
    if (kind !== "operator") continue;
    if (text === "(") {
      if (open.push(at) > MOST_OPEN) throw new Refusal("its parentheses are nested too deeply");
    } else if (text === ")") {
      const first = open.pop();
      if (first === undefined) throw new Refusal("a parenthesis is closed that was not opened");
      piece.pair = first;
      pieces[first]!.pair = at;
    } else if (text === ":=" || text === "{" || text === "[") throw new Refusal(`"${text}" is not supported`);
  }
  if (open.length > 0) throw new Refusal("a parenthesis is not closed");
  if (isOperator(pieces.at(-1), ";")) pieces.pop();
  if (pieces.length === 0) throw new Refusal("the statement is empty");
  return { sql, pieces };
}

/** Subqueries and conditions are read by recursion. */
const MOST_OPEN = 200;
const SEVERAL = "there is more than one statement";
const SEVERAL_HINT = 'send several as "queries": they run in one transaction, on one shard';

/** What no statement may have, by the kind of token. */
const REFUSED: Readonly<Record<string, string>> = {
  hint: "optimizer hints are not supported",
  version: "version comments are not supported: which server runs them is not known",
  variable: "user variables are not supported: they belong to one session",
  system: "system variables are not supported: they belong to one server",
  parameter: 'there are more "?" than params',
  unknown: "there is a character that begins nothing in SQL",
  unterminated: "the statement cannot be read to its end",
};

/** Whether a piece is this operator. */
export function isOperator(piece: Piece | undefined, text: string): boolean {
  return piece !== undefined && piece.kind === "operator" && piece.text === text;
}

/** Whether a piece is this word, without quotes. */
export function isWord(piece: Piece | undefined, text: string): boolean {
  return piece !== undefined && piece.kind === "word" && piece.text === text;
}

/** Whether a piece may be the name of something. */
export function isName(piece: Piece | undefined): piece is Piece {
  return piece !== undefined && (piece.kind === "word" || piece.kind === "name");
}

/** A name of a column in small letters. */
export function folded({ text }: Piece): string {
  return text.toLowerCase();
}

/** The text of some pieces, with what stands between them. */
export function textOf({ sql, pieces }: Code, { from, to }: Range): string {
  return from >= to ? "" : sql.slice(pieces[from]!.start, pieces[to - 1]!.end);
}

/** The parts of a list between its commas. */
export function splitList({ pieces }: Code, { from, to }: Range): readonly Range[] {
  const parts: Range[] = [];
  let start = from;
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.pair > at) at = piece.pair;
    else if (isOperator(piece, ",")) {
      parts.push({ from: start, to: at });
      start = at + 1;
    }
  }
  parts.push({ from: start, to });
  return parts;
}

/** As many columns as a table has in MySQL; what is sorted and grouped by is compared with each of them. */
const MOST_PARTS = 4096;

/** As {@linkcode splitList}. Throws Refusal where there are more than servers have columns. */
export function limitedList(code: Code, range: Range): readonly Range[] {
  const parts = splitList(code, range);
  if (parts.length > MOST_PARTS) throw new Refusal(`a list has more than ${MOST_PARTS} parts`);
  return parts;
}

/** Without the parentheses around all of it. */
export function unwrapped({ pieces }: Code, { from, to }: Range): Range {
  let [first, last] = [from, to];
  while (first < last && pieces[first]!.pair === last - 1 && isOperator(pieces[first], "(")) {
    first++;
    last--;
  }
  return { from: first, to: last };
}

/** The literal that all of these pieces are; undefined for all else. */
export function literalOf({ pieces }: Code, { from, to }: Range): Literal | undefined {
  const piece = pieces[from];
  if (piece === undefined || to <= from) return undefined;
  if (to === from + 2 && isOperator(piece, "-") && pieces[from + 1]!.kind === "number") {
    return { kind: "number", text: `-${pieces[from + 1]!.text}` };
  }
  if (to !== from + 1) return undefined;
  if (piece.kind === "number") return { kind: "number", text: piece.text };
  const quote = piece.text[0];
  if (piece.kind !== "string" || (quote !== "'" && quote !== '"')) return undefined;
  return { kind: "string", text: unquoted(piece.text) };
}

/** The text in a string, its doubled quotes and backslashes read (manual: "String Literals"). */
function unquoted(written: string): string {
  const quote = written[0]!;
  const inside = written.slice(1, -1).replaceAll(quote + quote, quote);
  // The tokens are right about where it ends, but a quote behind a backslash is not doubled.
  if (!written.includes("\\")) return inside;
  return written.slice(1, -1).replace(/\\([^])|''|""/g, (found, escaped?: string) => {
    if (escaped === undefined) return found[0] === quote ? quote : found;
    return ESCAPES[escaped] ?? escaped;
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\x1a",
  "%": "\\%",
  _: "\\_",
};
