import { keyword } from "./keyword.ts";
import { isWordByte, wordEndOf } from "./word_byte.ts";

const [LINE_FEED, SPACE, BANG, DOUBLE_QUOTE, HASH, DOLLAR, QUOTE] = [10, 32, 33, 34, 35, 36, 39] as const;
const [STAR, PLUS, MINUS, SLASH, AT, LETTER_M, BACKSLASH, BACK_QUOTE] = [
  42,
  43,
  45,
  47,
  64,
  77,
  92,
  96,
] as const;
const DELETE = 127;

const decoder = new TextDecoder();

/** A part of a text in UTF-8. */
interface Part {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/** Where what is read ends, or what that says of the text. */
type Next = number | "ruled out" | "unknown";

/**
 * Whether a text cannot have been written for the sql_mode NO_BACKSLASH_ESCAPES, by the signs that reading.ts knows. It
 * stops at the first of them, and says no where it is not sure. Behind `end` there is a byte that belongs to no word.
 */
export function isRuledOut(part: Part, start: number): boolean {
  let at: Next = start;
  while (typeof at === "number" && at < part.end) at = readNext(part, at);
  return at === "ruled out";
}

function readNext(part: Part, at: number): Next {
  const { bytes, end } = part;
  const byte = bytes[at]!;
  switch (byte) {
    case BACKSLASH:
      return "ruled out";
    case DOLLAR:
      return "unknown";
    case QUOTE:
    case DOUBLE_QUOTE:
    case BACK_QUOTE: {
      const close = quotedEnd(part, at);
      if (close > end) return "ruled out";
      // Of another kind of token, or a name, it does not matter what follows.
      const isString = byte !== BACK_QUOTE &&
        !(at > 0 && (isWordByte(bytes[at - 1]!) || bytes[at - 1] === AT));
      return isString && isWordByte(bytes[close]!) ? readGlued(part, close) : close;
    }
    case HASH:
      return lineEnd(part, at);
    case MINUS: {
      const third = bytes[at + 2]!;
      return bytes[at + 1] === MINUS && (third <= SPACE || third === DELETE) ? lineEnd(part, at) : at + 1;
    }
    case SLASH:
      return bytes[at + 1] === STAR ? readComment(part, at) : at + 1;
  }
  return isWordByte(byte) ? wordEndOf(bytes, at) : at + 1;
}

/** A word or a number that has no white space between itself and the string before it. */
function readGlued({ bytes }: Part, start: number): Next {
  const first = bytes[start]!;
  if (first === DOLLAR) return "unknown";
  if (first >= 48 && first <= 57) return "ruled out";
  const end = wordEndOf(bytes, start);
  const isPrefix = end === start + 1 && bytes[end] === QUOTE &&
    "bnx".includes(String.fromCharCode(first | 32));
  if (isPrefix) return end;
  return keyword(decoder.decode(bytes.subarray(start, end))) === undefined ? "ruled out" : end;
}

function readComment({ bytes, end }: Part, start: number): Next {
  const third = bytes[start + 2];
  if (third === BANG || third === PLUS || third === LETTER_M) return "unknown";
  for (let at = start + 3; at < end; at++) {
    if (bytes[at] === SLASH && bytes[at - 1] === STAR) return at + 1;
  }
  return "ruled out";
}

/** The offset after the quoted text at `start`, in which a doubled quote is a part of it; beyond the end if it is open. */
function quotedEnd({ bytes, end }: Part, start: number): number {
  const quote = bytes[start];
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] !== quote) continue;
    if (bytes[at + 1] !== quote || at + 1 === end) return at + 1;
    at++;
  }
  return end + 1;
}

function lineEnd({ bytes, end }: Part, start: number): number {
  let at = start;
  while (at < end && bytes[at] !== LINE_FEED) at++;
  return at;
}
