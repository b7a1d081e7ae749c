import { ANSI_QUOTING, DEFAULT_QUOTING, NO_ESCAPES, type Quoting } from "./quote.ts";
import { keywordAt } from "./keyword.ts";
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
  const next = tokenizer(sql, quoting);
  if (!cut && !sql.includes("\\")) return next;
  if (!cut && !sql.includes("\\'") && !sql.includes('\\"')) return next;
  const isDoubtful = doubts(sql, { quoting, cut });
  let ended = false;
  return () => {
    const token = ended ? undefined : next();
    if (token === undefined || (token.ambiguous === undefined && !cut)) return token;
    const doubtful = token.ambiguous !== undefined && isDoubtful(token.ambiguous);
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
 * Tells of a text that has a backslash before a quote, in a string of its own, whether it has one meaning from there
 * on: whether it can be a statement under no other sql_mode that ends such a string elsewhere. Two of them can make a
 * text like `'C:\' AND name = 'secret' AND dir = 'D:\'` readable in two ways; a wrong guess would show a literal.
 */
function doubts(
  sql: string,
  options: { readonly quoting: Quoting; readonly cut: boolean },
): (quote: string) => boolean {
  const { quoting, cut } = options;
  let noEscapes: boolean | undefined;
  let double: boolean | undefined;
  return (quote) => {
    noEscapes ??= isPossible(sql, { quoting: NO_ESCAPES, cut });
    if (noEscapes || quote !== '"') return noEscapes;
    double ??= isPossible(sql, {
      quoting: quoting === ANSI_QUOTING ? DEFAULT_QUOTING : ANSI_QUOTING,
      cut,
    });
    return double;
  };
}

/** Whether a text with something in double quotes may be a statement under ANSI_QUOTES. */
export function isAnsiPossible(sql: string): boolean {
  return sql.includes('"') && isPossible(sql, { quoting: ANSI_QUOTING, cut: false });
}

/**
 * Whether the text may be a statement under one sql_mode. What no server takes for one was written for another mode: an
 * open string in a text that was not cut, a name between two strings, or a backslash outside of quotes; but `\N` is NULL,
 * and a server may skip what is in version comments. What is only odd, as a string with a word glued to it (`'x'n` has
 * an alias), is a statement.
 */
function isPossible(sql: string, options: { readonly quoting: Quoting; readonly cut: boolean }): boolean {
  let [string, between] = [false, false];
  const next = tokenizer(sql, options.quoting);
  for (let token = next(); token !== undefined; token = next()) {
    const { kind, start, end } = token;
    if (kind === "version" || token.doubtful) return true;
    if (kind === "comment" || kind === "hint") continue;
    if (kind === "unterminated") return options.cut;
    const isLast = options.cut && end === sql.length;
    const stray = kind === "unknown" && sql[start] === "\\" && sql[start + 1] !== "N";
    if (!isLast && (stray || (between && kind === "string"))) return false;
    between = string && kind === "word" && keywordAt(sql, start, end) === undefined;
    string = kind === "string";
  }
  return true;
}
