import { isWordUnit, numberEnd, wordEnd } from "./number.ts";
import { operatorEnd } from "./operator.ts";
import { type Quoting, readQuoted } from "./quote.ts";
import type { Slot, TokenKind } from "./token.ts";
import type { Units } from "./units.ts";

/** MySQL reads a sixth digit of the version only if white space follows (observed in 9.7.4). */
const VERSION = /\/\*(?:M!(?:[0-9]{5,6})?|!(?:[0-9]{6}(?=[ \t\n\v\f\r])|[0-9]{5})?)/y;
const PREFIXED = /[xXbBnN]'/y;
/** A name in brackets that is read to the same end by those who know of none. */
const BRACKETS = /^\[(?:[^\]'"`#\\/-]|-(?!-)|\/(?!\*)|`[^`\]]*`|'[^'\\\]]*'|"[^"\\\]]*")*(?:\](?!\])|$)/;
/** More than a name can have, in UTF-16 units, each of them doubled. */
const MAX_NAME = 130;
const DOLLAR_QUOTE = /\$[0-9A-Za-z_\u0080-\uffff]*\$/y;

/** Where the tokenizer is. */
export interface Place {
  readonly text: Units;
  readonly quoting: Quoting;
  at: number;
  /** In a version comment, which the next end mark ends. */
  version: boolean;
  /** In or behind a version comment: see {@linkcode settled}. */
  versions: boolean;
  /** The kind of the token just before, with nothing in between, and where that starts. */
  previous: TokenKind | undefined;
  previousStart: number;
}

const [SPACE, BANG, DOUBLE_QUOTE, HASH, QUOTE, STAR, PLUS, MINUS] = [32, 33, 34, 35, 39, 42, 43, 45] as const;
const [DOT, SLASH, QUESTION_MARK, AT, LETTER_M, BACK_QUOTE, DELETE] = [46, 47, 63, 64, 77, 96, 127] as const;

/** Reads the token at hand, whatever it is: those that most texts are made of are read elsewhere (tokenizer.ts). */
export function readRare(place: Place, token: Slot): void {
  const { kind, end, ambiguous = "", doubtful = false } = readToken(place);
  token.kind = kind;
  token.end = end;
  token.plain = false;
  token.ambiguous = ambiguous;
  token.doubtful = doubtful;
}

/** A token that starts where the tokenizer is. */
interface Found {
  readonly kind: TokenKind;
  readonly end: number;
  readonly ambiguous?: string;
  readonly doubtful?: true;
}

function readToken(place: Place): Found {
  const { text: { sql }, at } = place;
  switch (sql[at]) {
    case "'":
    case '"':
      return quoted(place, { kind: "string", quote: at });
    case "`":
      return quoted(place, { kind: "quoted", quote: at });
    case "?":
      return { kind: "parameter", end: at + 1 };
    case "@":
      return readVariable(place);
    case "#":
    case "-":
    case "/":
    case "*":
      return readComment(place) ?? readOperator(place);
    default:
      return readWord(place) ?? readOperator(place);
  }
}

/** A variable, or the "?" that a digest has in the place of its name. */
function readVariable(place: Place): Found {
  const { text: { units }, at } = place;
  let end = at + 1;
  switch (units[end]) {
    case AT:
      return { kind: "system", end: end + 1 };
    case QUOTE:
    case DOUBLE_QUOTE:
    case BACK_QUOTE:
      return quoted(place, { kind: "variable", quote: end });
    case QUESTION_MARK:
      return { kind: "variable", end: end + 1 };
  }
  while (isWordUnit(units[end]!) || units[end] === DOT) end++;
  return { kind: "variable", end };
}

function readComment(place: Place): Found | undefined {
  const { text: { sql, units }, at } = place;
  if (isLineComment(units, at)) {
    const end = sql.indexOf("\n", at);
    return settled(place, { kind: "comment", end: end < 0 ? sql.length : end });
  }
  const next = units[at + 1];
  if (place.version && units[at] === STAR && next === SLASH) return { kind: "version", end: at + 2 };
  if (units[at] !== SLASH || next !== STAR) return undefined;
  const third = units[at + 2];
  const opening = third === BANG || third === LETTER_M ? match(VERSION, sql, at) : undefined;
  if (opening !== undefined) return { kind: "version", end: opening };
  const close = sql.indexOf("*/", at + 2);
  if (close < 0) return rest(sql);
  if (third !== PLUS) return { kind: "comment", end: close + 2 };
  // MySQL reads strings in a hint, and may end it at a later mark than MariaDB, for which it is a comment.
  const open = !isBalanced(sql.slice(at + 3, close));
  return open ? doubtfulRest(sql) : { kind: "hint", end: close + 2 };
}

/** "--" starts a comment only before white space, a control character or the end (manual: "Comments"). */
function isLineComment(units: Uint16Array, at: number): boolean {
  if (units[at] === HASH) return true;
  const third = units[at + 2]!;
  return units[at] === MINUS && units[at + 1] === MINUS && (third <= SPACE || third === DELETE);
}

function readWord(place: Place): Found | undefined {
  const { text: { sql, units }, at, previous, previousStart } = place;
  // A dollar quoted text is the body of a stored program in another language, the last part of its CREATE.
  // MariaDB reads the same as an identifier and goes on; to be safe nothing after it is read.
  if (sql[at] === "$" && match(DOLLAR_QUOTE, sql, at) !== undefined) return doubtfulRest(sql);
  if (sql[at + 1] === "'" && match(PREFIXED, sql, at) !== undefined) {
    return quoted(place, { kind: /[nN]/.test(sql.charAt(at)) ? "string" : "number", quote: at + 1 });
  }
  if (units[at] === DOT && previous === "word" && isWordUnit(units[at + 1]!)) return undefined;
  const qualified = previous === "operator" && at - previousStart === 1 && units[at - 1] === DOT;
  const number = qualified ? 0 : numberEnd(units, at);
  if (number > 0) return { kind: "number", end: number };
  const end = wordEnd(units, at);
  return end > at ? { kind: "word", end } : undefined;
}

function readOperator({ text, at }: Place): Found {
  const { sql } = text;
  // With MariaDB's sql_mode MSSQL a name begins, in which quotes are characters; elsewhere no statement has a bracket.
  if (sql[at] === "[" && !BRACKETS.test(sql.slice(at, at + MAX_NAME))) return doubtfulRest(sql);
  const end = operatorEnd(text, at);
  if (end > at) return { kind: "operator", end };
  // In MariaDB, and in MySQL up to 5.7, \N is NULL.
  return { kind: "unknown", end: sql.startsWith("\\N", at) ? at + 2 : at + 1 };
}

/** Reads a token that ends with a quoted text. */
function quoted(place: Place, options: { readonly kind: TokenKind; readonly quote: number }): Found {
  const { text, quoting } = place;
  const { end, ambiguous } = readQuoted(text, options.quote, { quoting });
  const token = end === undefined ? rest(text.sql) : settled(place, { kind: options.kind, end });
  return ambiguous ? { ...token, ambiguous: text.sql.charAt(options.quote) } : token;
}

/**
 * A server that skips a version comment ends it at the first end mark, also where we see a string or a line
 * comment go on. Then what we take for its inside is not, and nothing behind it can be read for sure.
 */
function settled({ versions, text: { sql }, at }: Place, token: Found): Found {
  return versions && sql.slice(at, token.end).includes("*/") ? doubtfulRest(sql) : token;
}

/** Whether every quote in a hint is closed. */
function isBalanced(hint: string): boolean {
  for (let at = 0; at < hint.length; at++) {
    const character = hint.charAt(at);
    if (character !== "'" && character !== '"' && character !== "`") continue;
    at = hint.indexOf(character, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** From here on nothing can be read. */
function rest(sql: string): Found {
  return { kind: "unterminated", end: sql.length };
}

function doubtfulRest(sql: string): Found {
  return { ...rest(sql), doubtful: true };
}

/** Matches a sticky expression; all of them here are made of character classes, in linear time. */
function match(expression: RegExp, sql: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(sql) ? expression.lastIndex : undefined;
}
