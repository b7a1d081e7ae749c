const [PLUS, MINUS, DOT, ZERO, ONE, NINE, LETTER_A, LETTER_B, LETTER_E, LETTER_F, LETTER_X] = [
  43,
  45,
  46,
  48,
  49,
  57,
  97,
  98,
  101,
  102,
  120,
] as const;

/**
 * 1 for each ASCII character of an unquoted identifier, by its code (manual: "Schema Object Names"); all others
 * are characters of one, also those that cannot be echoed.
 */
const WORD_CODES = Uint8Array.from(
  { length: 128 },
  (_, code) => /[0-9A-Za-z$_]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether a character belongs to unquoted words. */
export function isWordUnit(unit: number): boolean {
  return unit >= 128 || WORD_CODES[unit] === 1;
}

/** The offset after the unquoted word at `start`; `start` itself if there is none. Behind the text there is a zero. */
export function wordEnd(units: Uint16Array, start: number): number {
  let at = start;
  while (isWordUnit(units[at]!)) at++;
  return at;
}

/**
 * The offset after the numeric literal at `start`, or 0 if none is there. As in MySQL `2fa`, `1e` and `0xZZ` are
 * identifiers. To be safe `0xDEADBEEFx` and `0XFF`, which MySQL takes for identifiers, are literals.
 */
export function numberEnd(units: Uint16Array, start: number): number {
  if (units[start] === ZERO && startsHexadecimal(units, start + 1)) return wordEnd(units, start);
  const whole = digitsEnd(units, start);
  if (units[whole] === DOT) {
    const end = digitsEnd(units, whole + 1);
    return end === start + 1 ? 0 : exponentEnd(units, end);
  }
  if (whole === start) return 0;
  const end = exponentEnd(units, whole);
  return end > whole || !isWordUnit(units[whole]!) ? end : 0;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

function digitsEnd(units: Uint16Array, start: number): number {
  let at = start;
  while (isDigit(units[at]!)) at++;
  return at;
}

/** The offset after the exponent at `start`; `start` itself if there is none. */
function exponentEnd(units: Uint16Array, start: number): number {
  if ((units[start]! | 32) !== LETTER_E) return start;
  const sign = units[start + 1];
  const digits = sign === PLUS || sign === MINUS ? start + 2 : start + 1;
  return isDigit(units[digits]!) ? digitsEnd(units, digits) : start;
}

/** Whether a hexadecimal or a bit literal goes on here, behind its "0". */
function startsHexadecimal(units: Uint16Array, at: number): boolean {
  const base = units[at]! | 32;
  const digit = units[at + 1]!;
  if (base === LETTER_B) return digit === ZERO || digit === ONE;
  const small = digit | 32;
  return base === LETTER_X && (isDigit(digit) || (small >= LETTER_A && small <= LETTER_F));
}
