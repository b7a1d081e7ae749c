const DIGITS = /[0-9]+/y;
const REAL = /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/y;
const HEXADECIMAL_OR_BINARY = /0[xX][0-9a-fA-F]|0[bB][01]/y;

/**
 * 1 for each ASCII character of an unquoted identifier, by its code (manual: "Schema Object Names"); all others
 * are characters of one, also those that cannot be echoed.
 */
const WORD_CODES = Uint8Array.from(
  { length: 128 },
  (_, code) => /[0-9A-Za-z$_]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** The offset after the unquoted word at `start`; `start` itself if there is none. */
export function wordEnd(sql: string, start: number): number {
  let at = start;
  for (; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code < 128 && WORD_CODES[code] === 0) break;
  }
  return at;
}

/** Whether a text is made of ASCII characters of unquoted identifiers alone. */
export function isPlainWord(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (WORD_CODES[text.charCodeAt(at)] !== 1) return false;
  }
  return text !== "";
}

/** Whether a numeric literal can start with this character: a digit or ".". */
function startsNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e;
}

/**
 * The offset after the numeric literal at `start`, or undefined if none is there. As in MySQL `2fa`, `1e` and
 * `0xZZ` are identifiers. To be safe `0xDEADBEEFx` and `0XFF`, which MySQL takes for identifiers, are literals.
 */
export function numberEnd(sql: string, start: number): number | undefined {
  if (!startsNumber(sql.charCodeAt(start))) return undefined;
  if (matchEnd(HEXADECIMAL_OR_BINARY, sql, start) !== undefined) return wordEnd(sql, start);
  const real = matchEnd(REAL, sql, start);
  if (real !== undefined) return real;
  const digits = matchEnd(DIGITS, sql, start);
  return digits !== undefined && wordEnd(sql, start) === digits ? digits : undefined;
}

/** Matches a sticky expression; all of them here are made of character classes, in linear time. */
function matchEnd(expression: RegExp, sql: string, start: number): number | undefined {
  expression.lastIndex = start;
  return expression.test(sql) ? expression.lastIndex : undefined;
}
