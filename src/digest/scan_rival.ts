import { isWordByte, wordEndOf } from "./word_byte.ts";

const [LINE_FEED, SPACE, BANG, DOUBLE_QUOTE, HASH, DOLLAR, QUOTE] = [10, 32, 33, 34, 35, 36, 39] as const;
const [STAR, PLUS, MINUS, SLASH, LETTER_M, LETTER_N] = [42, 43, 45, 47, 77, 78] as const;
const [BRACKET, BACKSLASH, BACK_QUOTE, DELETE] = [91, 92, 96, 127] as const;

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
      return bytes[at + 1] === LETTER_N ? at + 2 : "ruled out";
    case DOLLAR:
    case BRACKET:
      return "unknown";
    case QUOTE:
    case DOUBLE_QUOTE:
    case BACK_QUOTE: {
      const close = quotedEnd(part, at);
      return close > end ? "ruled out" : close;
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
