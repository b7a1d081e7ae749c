import { numberEnd, wordEnd } from "./number.ts";
import { type Quoting, readQuoted } from "./quote.ts";

/**
 * What a token is:
 * - `word`: an unquoted identifier or keyword; `quoted`: an identifier in back quotes
 * - `string`, `number` (also hexadecimal and bit literals), `parameter`: the literals and `?`
 * - `variable`: `@name`, `@'name'`, or the `@host` of an account; `system`: the `@@` of a system variable
 * - `operator`: punctuation, also `...`
 * - `comment`: a comment; `hint`: an optimizer hint; `version`: the start or end of a version comment
 * - `unknown`: a character that starts no token
 * - `unterminated`: what is open at the end of the text, or cannot be read for sure; it runs to the end, and
 *   its text must never be output
 */
export type TokenKind =
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "parameter"
  | "variable"
  | "system"
  | "operator"
  | "comment"
  | "hint"
  | "version"
  | "unknown"
  | "unterminated";

/** A piece of a statement: the text from offset `start` up to `end`, in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The quote in front of which it has a backslash: where it ends depends on the sql_mode. */
  readonly ambiguous?: string;
  /** Of an `unterminated` token: it may well end before the text does, but where is not known. */
  readonly doubtful?: true;
}

/** Also the mark of an introducer in what is a digest already. */
const OPERATOR =
  /\(_charset\)(?= \?)|<=>|->>|->|:=|<<|>>|<=|>=|<>|!=|!!|\|\||&&|\.\.\.|[-+*/%^~!|&<>=(),;:.{}[\]]/y;
/** A name, or the "?" that a digest has in its place. */
const VARIABLE = /(?:[0-9A-Za-z._$\u0080-\uffff]+|\?)?/y;
/** "--" starts a comment only before white space, a control character or the end (manual: "Comments"). */
// deno-lint-ignore no-control-regex
const LINE_COMMENT = /(?:#|--(?=[\x00-\x20\x7f]|$))[^\n]*/y;
/** MySQL reads a sixth digit of the version only if white space follows (observed in 9.7.4). */
const VERSION = /\/\*(?:M!(?:[0-9]{5,6})?|!(?:[0-9]{6}(?=[ \t\n\v\f\r])|[0-9]{5})?)/y;
const PREFIXED = /[xXbBnN]'/y;
/** A name in brackets that is read to the same end by those who know of none. */
const BRACKETS = /^\[(?:[^\]'"`#\\/-]|-(?!-)|\/(?!\*)|`[^`\]]*`|'[^'\\\]]*'|"[^"\\\]]*")*(?:\](?!\])|$)/;
/** More than a name can have, in UTF-16 units, each of them doubled. */
const MAX_NAME = 130;
const DOLLAR_QUOTE = /\$[0-9A-Za-z_\u0080-\uffff]*\$/y;

/** Where the tokenizer is. */
interface Place {
  readonly sql: string;
  readonly at: number;
  readonly quoting: Quoting;
  /** In a version comment, which the next end mark ends. */
  readonly version: boolean;
  /** In or behind a version comment: see {@linkcode settled}. */
  readonly versions: boolean;
  /** The token just before, with nothing in between. */
  readonly previous: Token | undefined;
}

/**
 * Splits a statement into tokens by the lexical rules of MySQL and MariaDB, in linear time; white space is
 * left out. The contents of version comments are code, whatever their version: which server will run it is
 * not known here. Under an unknown sql_mode `"…"` is a string: that can hide an identifier, but never show a literal.
 */
export function* tokenize(sql: string, quoting: Quoting): Generator<Token, void, undefined> {
  const next = tokenizer(sql, quoting);
  for (let token = next(); token !== undefined; token = next()) yield token;
}

/** The same as {@linkcode tokenize}, as a function that yields the next token, and undefined at the end. */
export function tokenizer(sql: string, quoting: Quoting): () => Token | undefined {
  let at = 0;
  let version = false;
  let versions = false;
  let previous: Token | undefined;
  return () => {
    const start = spaceEnd(sql, at);
    if (start === sql.length) return undefined;
    if (start > at) previous = undefined;
    const token = readCommon(sql, start) ??
      readToken({ sql, at: start, quoting, version, versions, previous });
    if (token.kind === "version") version = sql[token.start] === "/";
    versions ||= version;
    at = token.end;
    previous = token;
    return token;
  };
}

/** What a token can start with that {@linkcode readCommon} reads: by the code of an ASCII character. */
const STARTS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) return 1;
  if (/[0-9]/.test(character)) return 2;
  if (character === "'" || character === '"' || character === "`") return 3;
  if (character === "," || character === ")" || character === ";") return 4;
  return /[(=*.<>+%]/.test(character) ? 5 : 0;
});
const [WORD, DIGIT, QUOTED, ALONE, SINGLE] = [1, 2, 3, 4, 5] as const;

/** The characters behind an operator of one character with which it may make another, or a number. */
const JOINED = Uint8Array.from(
  { length: 128 },
  (_, code) => /[-=<>|&.:!_0-9/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Reads the tokens that most texts are made of, where no more than themselves decides. */
function readCommon(sql: string, at: number): Token | undefined {
  switch (STARTS[sql.charCodeAt(at)]) {
    case WORD: {
      const end = wordEnd(sql, at + 1);
      // Not x'41', b'1' and n'text'.
      if (end === at + 1 && sql.charCodeAt(end) === 39) return undefined;
      return { kind: "word", start: at, end };
    }
    case DIGIT:
      return readDigits(sql, at);
    case QUOTED:
      return readPlain(sql, at);
    case ALONE:
      return { kind: "operator", start: at, end: at + 1 };
    case SINGLE:
      if (JOINED[sql.charCodeAt(at + 1)] === 1) return undefined;
      return { kind: "operator", start: at, end: at + 1 };
  }
  return undefined;
}

/** Reads digits that are no part of anything longer. */
function readDigits(sql: string, at: number): Token | undefined {
  if (sql.charCodeAt(at - 1) === 46) return undefined;
  let end = at + 1;
  while (STARTS[sql.charCodeAt(end)] === DIGIT) end++;
  if (sql.charCodeAt(end) === 46 || wordEnd(sql, end) > end) return undefined;
  return { kind: "number", start: at, end };
}

/** Reads a quoted text that has no other quote of its own, no backslash, and no end of a comment in it. */
function readPlain(sql: string, at: number): Token | undefined {
  const quote = sql.charCodeAt(at);
  for (let end = at + 1; end < sql.length; end++) {
    const code = sql.charCodeAt(end);
    if (code === quote) {
      if (sql.charCodeAt(end + 1) === quote) return undefined;
      return { kind: quote === 96 ? "quoted" : "string", start: at, end: end + 1 };
    }
    if (code === 92 || code === 42) return undefined;
  }
  return undefined;
}

/** The offset after the white space at `start`: space, tab, line feed, vertical tab, form feed, carriage return. */
function spaceEnd(sql: string, start: number): number {
  let at = start;
  for (; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code !== 32 && (code < 9 || code > 13)) break;
  }
  return at;
}

function readToken(place: Place): Token {
  const { sql, at } = place;
  switch (sql[at]) {
    case "'":
    case '"':
      return quoted(place, { kind: "string", quote: at });
    case "`":
      return quoted(place, { kind: "quoted", quote: at });
    case "?":
      return { kind: "parameter", start: at, end: at + 1 };
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

function readVariable(place: Place): Token {
  const { sql, at } = place;
  const next = sql[at + 1];
  if (next === "@") return { kind: "system", start: at, end: at + 2 };
  if (next === "'" || next === '"' || next === "`") return quoted(place, { kind: "variable", quote: at + 1 });
  return { kind: "variable", start: at, end: match(VARIABLE, sql, at + 1) ?? at + 1 };
}

function readComment(place: Place): Token | undefined {
  const { sql, at } = place;
  const line = match(LINE_COMMENT, sql, at);
  if (line !== undefined) return settled(place, { kind: "comment", start: at, end: line });
  if (place.version && sql.startsWith("*/", at)) return { kind: "version", start: at, end: at + 2 };
  const opening = match(VERSION, sql, at);
  if (opening !== undefined) return { kind: "version", start: at, end: opening };
  if (!sql.startsWith("/*", at)) return undefined;
  const close = sql.indexOf("*/", at + 2);
  if (close < 0) return rest(sql, at);
  if (sql[at + 2] !== "+") return { kind: "comment", start: at, end: close + 2 };
  // MySQL reads strings in a hint, and may end it at a later mark than MariaDB, for which it is a comment.
  const open = !isBalanced(sql.slice(at + 3, close));
  return open ? doubtfulRest(sql, at) : { kind: "hint", start: at, end: close + 2 };
}

function readWord(place: Place): Token | undefined {
  const { sql, at, previous } = place;
  // A dollar quoted text is the body of a stored program in another language, the last part of its CREATE.
  // MariaDB reads the same as an identifier and goes on; to be safe nothing after it is read.
  if (sql[at] === "$" && match(DOLLAR_QUOTE, sql, at) !== undefined) return doubtfulRest(sql, at);
  if (sql[at + 1] === "'" && match(PREFIXED, sql, at) !== undefined) {
    return quoted(place, { kind: /[nN]/.test(sql.charAt(at)) ? "string" : "number", quote: at + 1 });
  }
  if (sql[at] === "." && previous?.kind === "word" && wordEnd(sql, at + 1) > at + 1) return undefined;
  const end = wordEnd(sql, at);
  const qualified = previous !== undefined && previous.kind === "operator" && sql[at - 1] === "." &&
    previous.end - previous.start === 1;
  const number = qualified ? undefined : numberEnd(sql, at);
  if (number !== undefined) return { kind: "number", start: at, end: number };
  return end > at ? { kind: "word", start: at, end } : undefined;
}

function readOperator({ sql, at }: Place): Token {
  // With MariaDB's sql_mode MSSQL a name begins, in which quotes are characters; elsewhere no statement has a bracket.
  if (sql[at] === "[" && !BRACKETS.test(sql.slice(at, at + MAX_NAME))) return doubtfulRest(sql, at);
  const end = match(OPERATOR, sql, at);
  if (end !== undefined) return { kind: "operator", start: at, end };
  // In MariaDB, and in MySQL up to 5.7, \N is NULL.
  return { kind: "unknown", start: at, end: sql.startsWith("\\N", at) ? at + 2 : at + 1 };
}

/** Reads a token that ends with a quoted text. */
function quoted(place: Place, options: { readonly kind: TokenKind; readonly quote: number }): Token {
  const { sql, at, quoting } = place;
  const { end, ambiguous } = readQuoted(sql, options.quote, { quoting });
  const token: Token = end === undefined
    ? rest(sql, at)
    : settled(place, { kind: options.kind, start: at, end });
  return ambiguous ? { ...token, ambiguous: sql.charAt(options.quote) } : token;
}

/**
 * A server that skips a version comment ends it at the first end mark, also where we see a string or a line
 * comment go on. Then what we take for its inside is not, and nothing behind it can be read for sure.
 */
function settled(place: Place, token: Token): Token {
  if (!place.versions || !place.sql.slice(token.start, token.end).includes("*/")) return token;
  return doubtfulRest(place.sql, token.start);
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
function rest(sql: string, start: number): Token {
  return { kind: "unterminated", start, end: sql.length };
}

function doubtfulRest(sql: string, start: number): Token {
  return { ...rest(sql, start), doubtful: true };
}

/** Matches a sticky expression; all of them here are made of character classes, in linear time. */
function match(expression: RegExp, sql: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(sql) ? expression.lastIndex : undefined;
}
