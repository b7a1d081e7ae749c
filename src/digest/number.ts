const DIGITS = /[0-9]+/y;
const REAL = /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/y;
const HEXADECIMAL_OR_BINARY = /0[xX][0-9a-fA-F]|0[bB][01]/y;

/** The characters of an unquoted identifier (manual: "Schema Object Names"); also those that cannot be echoed. */
const WORD = /[0-9A-Za-z$_\u0080-\uffff]+/y;

/** The offset after the unquoted word at `start`; `start` itself if there is none. */
export function wordEnd(sql: string, start: number): number {
  return matchEnd(WORD, sql, start) ?? start;
}

/**
 * The offset after the numeric literal at `start`, or undefined if none is there. As in MySQL `2fa`, `1e` and
 * `0xZZ` are identifiers. To be safe `0xDEADBEEFx` and `0XFF`, which MySQL takes for identifiers, are literals.
 */
export function numberEnd(sql: string, start: number): number | undefined {
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
