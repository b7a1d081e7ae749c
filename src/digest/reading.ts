import { ANSI_QUOTING, DEFAULT_QUOTING, NO_ESCAPES, type Quoting } from "./quote.ts";
import { keywordAt } from "./keyword.ts";
import { newSlot, type Slot, type Token } from "./token.ts";
import { tokenizer } from "./tokenizer.ts";
import { type Units, unitsOf } from "./units.ts";

/** Options of {@linkcode tokenReader}. */
export interface ReadingOptions {
  /** The server cut the text at some byte: its last token may be incomplete. */
  readonly cut?: boolean;
}

/** Punctuation and literals which cannot be the start of another token, or stand for "?" even so. */
const WHOLE: ReadonlySet<string> = new Set(["(", ")", ",", ";"]);

/**
 * Reads the next token of a statement into a slot; false at its end. Where a token may be incomplete, or where it depends
 * on the sql_mode what is a literal, an `unterminated` token takes the place of the rest.
 */
export function tokenReader(
  text: Units,
  { cut = false }: ReadingOptions = {},
  quoting: Quoting = DEFAULT_QUOTING,
): (token: Slot) => boolean {
  const { sql, length } = text;
  const read = tokenizer(text, quoting);
  if (!cut && !sql.includes("\\")) return read;
  if (!cut && !sql.includes("\\'") && !sql.includes('\\"')) return read;
  const isDoubtful = doubts(text, { quoting, cut });
  let ended = false;
  return (token) => {
    if (ended || !read(token)) return false;
    if (token.ambiguous === "" && !cut) return true;
    ended = (token.ambiguous !== "" && isDoubtful(token.ambiguous)) ||
      (cut && token.end === length && !isWhole(sql, token));
    if (ended) Object.assign(token, { ...newSlot(), start: token.start, end: length });
    return true;
  };
}

/** The same as {@linkcode tokenReader}, to be iterated over. */
export function* readTokens(sql: string, options?: ReadingOptions): Generator<Token, void, undefined> {
  const read = tokenReader(unitsOf(sql), options);
  for (let token = newSlot(); read(token); token = newSlot()) yield token;
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
  text: Units,
  options: { readonly quoting: Quoting; readonly cut: boolean },
): (quote: string) => boolean {
  const { quoting, cut } = options;
  let noEscapes: boolean | undefined;
  let double: boolean | undefined;
  return (quote) => {
    noEscapes ??= isPossible(text, { quoting: NO_ESCAPES, cut });
    if (noEscapes || quote !== '"') return noEscapes;
    double ??= isPossible(text, {
      quoting: quoting === ANSI_QUOTING ? DEFAULT_QUOTING : ANSI_QUOTING,
      cut,
    });
    return double;
  };
}

/** Whether a text with something in double quotes may be a statement under ANSI_QUOTES. */
export function isAnsiPossible(sql: string): boolean {
  return sql.includes('"') && isPossible(unitsOf(sql), { quoting: ANSI_QUOTING, cut: false });
}

/**
 * Whether the text may be a statement under one sql_mode. What no server takes for one was written for another mode: an
 * open string in a text that was not cut, a name between two strings, or a backslash outside of quotes; but `\N` is NULL,
 * and a server may skip what is in version comments. What is only odd, as a string with a word glued to it (`'x'n` has
 * an alias), is a statement.
 */
function isPossible(text: Units, options: { readonly quoting: Quoting; readonly cut: boolean }): boolean {
  const { units, length } = text;
  let [string, between] = [false, false];
  const read = tokenizer(text, options.quoting);
  for (const token = newSlot(); read(token);) {
    const { kind, start, end } = token;
    if (kind === "version" || token.doubtful) return true;
    if (kind === "comment" || kind === "hint") continue;
    if (kind === "unterminated") return options.cut;
    const isLast = options.cut && end === length;
    const stray = kind === "unknown" && units[start] === BACKSLASH && units[start + 1] !== LETTER_N;
    if (!isLast && (stray || (between && kind === "string"))) return false;
    between = string && kind === "word" && keywordAt(units, start, end) === undefined;
    string = kind === "string";
  }
  return true;
}

const [BACKSLASH, LETTER_N] = [92, 78] as const;
