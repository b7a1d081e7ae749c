import { isWordByte, wordEndOf } from "./word_byte.ts";

const [DOT, ZERO, ONE, NINE] = [46, 48, 49, 57] as const;

/**
 * The offset after the digits, the decimal or the hexadecimal number at `start`, a digit; 0 where it may be something
 * else, or a number in another form (number.ts).
 */
export function plainNumberEnd(bytes: Uint8Array, start: number): number {
  if (bytes[start - 1] === DOT) return 0;
  let at = digitsEnd(bytes, start);
  if (bytes[at] === DOT) at = digitsEnd(bytes, at + 1);
  const next = bytes[at]!;
  if (next === DOT) return 0;
  if (!isWordByte(next)) return at;
  if (at !== start + 1 || bytes[start] !== ZERO || !startsHexadecimal(bytes, at)) return 0;
  return wordEndOf(bytes, at);
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at]!)) at++;
  return at;
}

/** Whether a hexadecimal or a bit literal goes on here, behind its "0". */
function startsHexadecimal(bytes: Uint8Array, at: number): boolean {
  const base = bytes[at]! | 32;
  const digit = bytes[at + 1]!;
  // "x" with "0" to "f"; "b" with "0" and "1".
  if (base === 120) return isDigit(digit) || ((digit | 32) >= 97 && (digit | 32) <= 102);
  return base === 98 && (digit === ZERO || digit === ONE);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
