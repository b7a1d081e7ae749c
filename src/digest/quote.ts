import type { Units } from "./units.ts";

/**
 * Where a backslash escapes the next character. Under an unknown sql_mode it is in doubt: NO_BACKSLASH_ESCAPES
 * turns it off, and under ANSI_QUOTES `"…"` is an identifier, in which it never escapes (manual: "String
 * Literals", "Server SQL Modes").
 */
export interface Quoting {
  /** In `'…'`. */
  readonly single: boolean;
  /** In `"…"`. */
  readonly double: boolean;
}

/** The default sql_mode: a backslash escapes in both kinds of strings. */
export const DEFAULT_QUOTING: Quoting = { single: true, double: true };

/** The sql_mode NO_BACKSLASH_ESCAPES. */
export const NO_ESCAPES: Quoting = { single: false, double: false };

/** The sql_mode ANSI_QUOTES, where a backslash does not escape in `"…"`. */
export const ANSI_QUOTING: Quoting = { single: true, double: false };

/** The end of a quoted text, and whether another {@linkcode Quoting} may end it elsewhere. */
export interface Quoted {
  /** The offset after the closing quote; undefined if it is never closed. */
  readonly end: number | undefined;
  /** It has a backslash in front of its own quote: where it ends depends on the sql_mode. */
  readonly ambiguous: boolean;
}

const [DOUBLE_QUOTE, QUOTE, BACKSLASH, BACK_QUOTE] = [34, 39, 92, 96] as const;

/** Reads the quoted text that opens at `start`, by a single, double or back quote; doubled quotes stay inside. */
export function readQuoted(
  { units, length }: Units,
  start: number,
  { quoting }: { readonly quoting: Quoting },
): Quoted {
  const quote = units[start];
  const escapes = quote === QUOTE ? quoting.single : quote === DOUBLE_QUOTE && quoting.double;
  let ambiguous = false;
  for (let at = start + 1; at < length; at++) {
    const unit = units[at];
    if (unit === BACKSLASH && quote !== BACK_QUOTE) {
      if (units[at + 1] === quote) ambiguous = true;
      if (escapes) at++;
    } else if (unit === quote) {
      if (units[at + 1] !== quote) return { end: at + 1, ambiguous };
      at++;
    }
  }
  return { end: undefined, ambiguous };
}
