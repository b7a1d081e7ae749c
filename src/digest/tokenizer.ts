import { isWordUnit } from "./number.ts";
import { operatorEnd } from "./operator.ts";
import type { Quoting } from "./quote.ts";
import { type Place, readRare } from "./rare_token.ts";
import { newSlot, type Slot, type Token } from "./token.ts";
import { type Units, unitsOf } from "./units.ts";

/**
 * Splits a statement into tokens by the lexical rules of MySQL and MariaDB, in linear time; white space is
 * left out. The contents of version comments are code, whatever their version: which server will run it is
 * not known here. Under an unknown sql_mode `"…"` is a string: that can hide an identifier, but never show a literal.
 */
export function* tokenize(sql: string, quoting: Quoting): Generator<Token, void, undefined> {
  const read = tokenizer(unitsOf(sql), quoting);
  for (let token = newSlot(); read(token); token = newSlot()) yield token;
}

/** The same as {@linkcode tokenize}, as a function that reads the next token into a slot; false at the end. */
export function tokenizer(text: Units, quoting: Quoting): (token: Slot) => boolean {
  const { units, length } = text;
  const place: Place = {
    text,
    quoting,
    at: 0,
    version: false,
    versions: false,
    previous: undefined,
    previousStart: 0,
  };
  return (token) => {
    const { at } = place;
    let start = at;
    while (SPACES[units[start]!] === 1) start++;
    if (start === length) return false;
    if (start > at) {
      place.previous = undefined;
      place.at = start;
    }
    token.start = start;
    token.ambiguous = "";
    token.doubtful = false;
    if (!readCommon(place, token)) readRare(place, token);
    const { kind } = token;
    if (kind === "version") {
      place.version = units[start] === SLASH;
      place.versions ||= place.version;
    }
    place.at = token.end;
    place.previous = kind;
    place.previousStart = start;
    return true;
  };
}

const [QUOTE, STAR, MINUS, DOT, SLASH, BACKSLASH, BACK_QUOTE, DELETE] = [
  39,
  42,
  45,
  46,
  47,
  92,
  96,
  127,
] as const;

/** 1 for white space: space, tab, line feed, vertical tab, form feed, carriage return. */
const SPACES = Uint8Array.from(
  { length: 128 },
  (_, code) => code === 32 || (code >= 9 && code <= 13) ? 1 : 0,
);

/** What a token can start with that {@linkcode readCommon} reads: by the code of an ASCII character. */
const STARTS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) return 1;
  if (/[0-9]/.test(character)) return 2;
  if (character === "'" || character === '"' || character === "`") return 3;
  return /[,);=(<>+%!|&^~:{}\]]/.test(character)
    ? 4
    : character === "*" || character === "."
    ? 5
    : /[-\/]/.test(character)
    ? 6
    : 0;
});
const [WORD, DIGIT, QUOTED, OPERATOR, STAR_OR_DOT, MINUS_OR_SLASH] = [1, 2, 3, 4, 5, 6] as const;

/** Reads the tokens that most texts are made of, where no more than themselves decides; false for all others. */
function readCommon(place: Place, token: Slot): boolean {
  const { text, at } = place;
  const { units } = text;
  switch (STARTS[units[at]!]) {
    case WORD:
      return readLetters(units, token);
    case DIGIT:
      return readDigits(units, token);
    case QUOTED:
      return readPlain(text, token);
    case OPERATOR:
      token.kind = "operator";
      token.end = operatorEnd(text, at);
      return true;
    case STAR_OR_DOT: {
      // The end of a version comment, a number, or "...".
      const next = units[at + 1]!;
      if (next === SLASH || next === DOT || STARTS[next] === DIGIT) return false;
      token.kind = "operator";
      token.end = at + 1;
      return true;
    }
    case MINUS_OR_SLASH: {
      // A comment.
      const next = units[at + 1]!;
      if (next === MINUS || next === STAR) return false;
      token.kind = "operator";
      token.end = operatorEnd(text, at);
      return true;
    }
  }
  return false;
}

/** Reads a word. */
function readLetters(units: Uint16Array, token: Slot): boolean {
  const { start } = token;
  let end = start + 1;
  let all = 0;
  for (let unit = units[end]!; isWordUnit(unit); unit = units[end]!) {
    all |= unit;
    end++;
  }
  // Not x'41', b'1' and n'text'.
  if (end === start + 1 && units[end] === QUOTE) return false;
  token.kind = "word";
  token.end = end;
  token.plain = all < 128;
  return true;
}

/** Reads digits that are no part of anything longer. */
function readDigits(units: Uint16Array, token: Slot): boolean {
  const { start } = token;
  if (start > 0 && units[start - 1] === DOT) return false;
  let end = start + 1;
  while (STARTS[units[end]!] === DIGIT) end++;
  if (units[end] === DOT || isWordUnit(units[end]!)) return false;
  token.kind = "number";
  token.end = end;
  return true;
}

/** Reads a quoted text that has no other quote of its own, no backslash, and no end of a comment in it. */
function readPlain({ units, length }: Units, token: Slot): boolean {
  const { start } = token;
  const quote = units[start]!;
  let plain = true;
  for (let end = start + 1; end < length; end++) {
    const unit = units[end]!;
    if (unit === quote) {
      if (units[end + 1] === quote) return false;
      token.kind = quote === BACK_QUOTE ? "quoted" : "string";
      token.end = end + 1;
      token.plain = plain;
      return true;
    }
    if (unit === BACKSLASH || unit === STAR) return false;
    if (unit < 32 || unit >= DELETE) plain = false;
  }
  return false;
}
