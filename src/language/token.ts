import { FOREIGN_BLANK, FOREIGN_SIGNS } from "./foreign.ts";
import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { parseQuantity, type Quantity } from "./quantity.ts";

/** Something wrong in an expression, at `offset` characters from its beginning. */
export interface ExpressionProblem {
  readonly offset: number;
  readonly message: string;
}

/** Thrown when parsing fails; carries the {@linkcode ExpressionProblem}. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly problem: ExpressionProblem;

  constructor(offset: number, message: string) {
    super(message);
    this.problem = { offset, message };
  }
}

/** All keywords. They are reserved. */
export const KEYWORDS = [
  "and",
  "or",
  "not",
  "in",
  "like",
  "matches",
  "is",
  "known",
  "unknown",
  "always",
  "true",
  "false",
] as const;
export type Keyword = typeof KEYWORDS[number];

/** One token of an expression, with its place in the source. */
export type Token = Span & TokenContent;

/** A range of the source, from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

type TokenContent =
  | { readonly kind: "keyword"; readonly word: Keyword }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "quantity"; readonly quantity: Quantity }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "symbol"; readonly symbol: string }
  | { readonly kind: "end" };

const SPACE = /[ \t\r\n]+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+|[A-Za-z%µ_][A-Za-z0-9%µ_]*)?/y;
const SYMBOL = /<>|<=|>=|!=|[=<>(),]/y;

/**
 * Splits an expression into tokens; the last one has kind `end`.
 * @throws {ExpressionError} On a character that the language does not have, or an unclosed string.
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (true) {
    at += match(SPACE)?.length ?? 0;
    if (at >= source.length) break;
    const token = nextToken(source, at, match);
    tokens.push(token);
    at = token.end;
  }
  return [...tokens, { kind: "end", start: at, end: at }];
}

function nextToken(source: string, start: number, match: (pattern: RegExp) => string | undefined): Token {
  const character = source[start]!;
  if (character === "'" || character === '"') return stringToken(source, start);
  const blank = match(FOREIGN_BLANK);
  if (blank !== undefined) {
    const code = blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    throw new ExpressionError(start, `this is no plain blank, write one: found U+${code}`);
  }
  for (const [pattern, message] of FOREIGN_SIGNS) {
    const found = match(pattern);
    if (found !== undefined && !source.startsWith("!=", start)) {
      throw new ExpressionError(start, `${message}: found ${found}`);
    }
  }
  const symbol = match(SYMBOL);
  if (symbol !== undefined) return { kind: "symbol", symbol, start, end: start + symbol.length };
  const number = match(NUMBER);
  if (number !== undefined) return quantityToken(number, start);
  const word = match(WORD);
  if (word === undefined) {
    throw new ExpressionError(
      start,
      `unexpected character: found ${quoted(String.fromCodePoint(source.codePointAt(start)!))}`,
    );
  }
  const end = start + word.length;
  const lower = word.toLowerCase();
  const keyword = KEYWORDS.find((keyword) => keyword === lower);
  return keyword !== undefined
    ? { kind: "keyword", word: keyword, start, end }
    : { kind: "name", name: lower, start, end };
}

function quantityToken(text: string, start: number): Token {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string") throw new ExpressionError(start, `${quantity}: found ${text}`);
  return { kind: "quantity", quantity, start, end: start + text.length };
}

/** As in SQL, a quote within a string is doubled. A backslash has no special meaning. */
function stringToken(source: string, start: number): Token {
  const quote = source[start]!;
  let value = "";
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] !== quote) value += source[at];
    else if (source[at + 1] === quote) value += source[at++];
    else return { kind: "string", value, start, end: at + 1 };
  }
  throw new ExpressionError(
    start,
    `the string is not closed: found ${printable(source.slice(start, start + 60))}`,
  );
}
