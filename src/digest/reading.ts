import { ANSI_QUOTING, DEFAULT_QUOTING, NO_ESCAPES, type Quoting } from "./quote.ts";
import { type Token, tokenize, tokenizer } from "./token.ts";
import { keyword } from "./keyword.ts";

/** Options of {@linkcode readTokens}. */
export interface ReadingOptions {
  /** The server cut the text at some byte: its last token may be incomplete. */
  readonly cut?: boolean;
}

/** Punctuation and literals which cannot be the start of another token, or stand for "?" even so. */
const WHOLE: ReadonlySet<string> = new Set(["(", ")", ",", ";"]);

/**
 * The tokens of a statement, as far as they can be read for sure: where a token may be incomplete, or where it
 * depends on the sql_mode what is a literal, an `unterminated` token takes the place of the rest.
 */
export function* readTokens(sql: string, options?: ReadingOptions): Generator<Token, void, undefined> {
  const cut = options?.cut ?? false;
  const limit = firstDoubt(sql, { cut });
  const next = tokenizer(sql, DEFAULT_QUOTING);
  for (let token = next(); token !== undefined; token = next()) {
    const doubtful = limit !== undefined && token.start >= limit;
    if (doubtful || (cut && token.end === sql.length && !isWhole(sql, token))) {
      yield { kind: "unterminated", start: token.start, end: sql.length };
      return;
    }
    yield token;
  }
}

function isWhole(sql: string, token: Token): boolean {
  return token.kind === "string" || token.kind === "comment" || token.kind === "version" ||
    WHOLE.has(sql.slice(token.start, token.end));
}

/**
 * Where the text stops to have one meaning: the first string with a backslash before its own quote, unless the
 * text makes sense under the default sql_mode alone. Two such strings can make a text like
 * `'C:\' AND name = 'secret' AND dir = 'D:\'` readable in two ways; a wrong guess would show a literal.
 */
function firstDoubt(sql: string, options: { readonly cut: boolean }): number | undefined {
  if (!sql.includes("\\'") && !sql.includes('\\"')) return undefined;
  const { cut } = options;
  const reading = tryReading(sql, { quoting: DEFAULT_QUOTING, cut });
  if (reading.doubt === undefined) return undefined;
  const others = reading.doubleQuotes ? [NO_ESCAPES, ANSI_QUOTING] : [NO_ESCAPES];
  const rival = others.some((quoting) => tryReading(sql, { quoting, cut }).plausible);
  return reading.plausible && !rival ? undefined : reading.doubt;
}

interface Attempt {
  /** The offset of the first token that the sql_mode could end elsewhere. */
  readonly doubt: number | undefined;
  /** Whether one of those is in double quotes, which only then mean something else under ANSI_QUOTES. */
  readonly doubleQuotes: boolean;
  /** Nothing says that the text was not written for this sql_mode. */
  readonly plausible: boolean;
}

/**
 * Reads the text under one sql_mode. A backslash outside of quotes, a string with a word glued to it that is
 * no keyword, or an open string in a text that was not cut say that it was written for another one.
 */
function tryReading(sql: string, options: { readonly quoting: Quoting; readonly cut: boolean }): Attempt {
  let doubt: number | undefined;
  let doubleQuotes = false;
  let plausible = true;
  let string: Token | undefined;
  for (const token of tokenize(sql, options.quoting)) {
    if (token.ambiguous !== undefined) doubt ??= token.start;
    if (token.ambiguous === '"') doubleQuotes = true;
    const stray = token.kind === "unknown" && sql[token.start] === "\\";
    const open = token.kind === "unterminated" && !token.doubtful && !options.cut;
    const glued = string?.end === token.start && isForeign(sql, token);
    const partial = options.cut && token.end === sql.length;
    if (stray || open || (glued && !partial)) plausible = false;
    string = token.kind === "string" ? token : undefined;
  }
  return { doubt, doubleQuotes, plausible };
}

/** What does not follow a string without white space: a number, or a word that is no keyword. */
function isForeign(sql: string, token: Token): boolean {
  if (token.kind === "number") return true;
  return token.kind === "word" && keyword(sql.slice(token.start, token.end)) === undefined;
}
