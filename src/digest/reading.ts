import { ANSI_QUOTING, DEFAULT_QUOTING, NO_ESCAPES, type Quoting } from "./quote.ts";
import { keyword } from "./keyword.ts";
import { type Token, tokenizer } from "./token.ts";

/** Options of {@linkcode tokenReader}. */
export interface ReadingOptions {
  /** The server cut the text at some byte: its last token may be incomplete. */
  readonly cut?: boolean;
}

/** Punctuation and literals which cannot be the start of another token, or stand for "?" even so. */
const WHOLE: ReadonlySet<string> = new Set(["(", ")", ",", ";"]);

/**
 * The tokens of a statement one by one, and undefined at its end, as far as they can be read for sure: where a token
 * may be incomplete, or where it depends on the sql_mode what is a literal, an `unterminated` token takes the place of
 * the rest.
 */
export function tokenReader(
  sql: string,
  { cut = false }: ReadingOptions = {},
  quoting: Quoting = DEFAULT_QUOTING,
): () => Token | undefined {
  const limit = firstDoubt(sql, { cut });
  const next = tokenizer(sql, quoting);
  if (limit === undefined && !cut) return next;
  let ended = false;
  return () => {
    const token = ended ? undefined : next();
    if (token === undefined) return undefined;
    const doubtful = limit !== undefined && token.start >= limit;
    if (!doubtful && !(cut && token.end === sql.length && !isWhole(sql, token))) return token;
    ended = true;
    return { kind: "unterminated", start: token.start, end: sql.length };
  };
}

/** The same as {@linkcode tokenReader}, to be iterated over. */
export function* readTokens(sql: string, options?: ReadingOptions): Generator<Token, void, undefined> {
  const next = tokenReader(sql, options);
  for (let token = next(); token !== undefined; token = next()) yield token;
}

function isWhole(sql: string, token: Token): boolean {
  return token.kind === "string" || token.kind === "comment" || token.kind === "version" ||
    WHOLE.has(sql.slice(token.start, token.end));
}

/**
 * Where the text stops to have one meaning: the first string with a backslash before its own quote, unless the
 * text can be a statement under the default sql_mode alone. Two such strings can make a text like
 * `'C:\' AND name = 'secret' AND dir = 'D:\'` readable in two ways; a wrong guess would show a literal.
 */
function firstDoubt(sql: string, options: { readonly cut: boolean }): number | undefined {
  if (!sql.includes("\\'") && !sql.includes('\\"')) return undefined;
  const { cut } = options;
  const { doubt, doubleQuotes, possible } = tryReading(sql, { quoting: DEFAULT_QUOTING, cut });
  if (doubt === undefined) return undefined;
  const others = doubleQuotes ? [NO_ESCAPES, ANSI_QUOTING] : [NO_ESCAPES];
  const rival = others.some((quoting) => tryReading(sql, { quoting, cut }).possible);
  return possible && !rival ? undefined : doubt;
}

/** Whether a text with names or strings in double quotes may be a statement under ANSI_QUOTES, and not in doubt there. */
export function isAnsiPossible(sql: string): boolean {
  return sql.includes('"') && tryReading(sql, { quoting: ANSI_QUOTING, cut: false }).possible;
}

interface Attempt {
  /** The offset of the first token that the sql_mode could end elsewhere. */
  readonly doubt: number | undefined;
  /** Whether one of those is in double quotes, which only then mean something else under ANSI_QUOTES. */
  readonly doubleQuotes: boolean;
  /** Nothing says that the text cannot be a statement under this sql_mode. */
  readonly possible: boolean;
}

/**
 * Reads the text under one sql_mode. What no server takes for a statement was written for another one: an open string in
 * a text that was not cut, a name between two strings, or a backslash outside of quotes; but `\N` is NULL, and a server
 * may skip what is in version comments. What is only odd, as a string with a word glued to it (`'x'n` has an alias), is
 * a statement.
 */
function tryReading(sql: string, options: { readonly quoting: Quoting; readonly cut: boolean }): Attempt {
  let doubt: number | undefined;
  let doubleQuotes = false;
  let possible = true;
  let skipped = false;
  let [string, between] = [false, false];
  const next = tokenizer(sql, options.quoting);
  for (let token = next(); token !== undefined; token = next()) {
    const { kind, start, end, ambiguous } = token;
    if (ambiguous !== undefined) doubt ??= start;
    if (ambiguous === '"') doubleQuotes = true;
    if (kind === "version") skipped = true;
    const stray = kind === "unknown" && sql[start] === "\\" && sql[start + 1] !== "N" && !skipped &&
      !(options.cut && end === sql.length);
    const open = kind === "unterminated" && !token.doubtful && !skipped && !options.cut;
    const apart = between && kind === "string" && !skipped && options.quoting !== DEFAULT_QUOTING;
    if (stray || open || apart) possible = false;
    if (!possible && doubt !== undefined) break;
    if (kind === "comment" || kind === "hint") continue;
    between = string && kind === "word" && keyword(sql.slice(start, end), { call: true }) === undefined;
    string = kind === "string";
  }
  return { doubt, doubleQuotes, possible };
}
