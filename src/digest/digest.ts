import { hash } from "node:crypto";
import { isWord, type Item, joinItems } from "./item.ts";
import { type Draft, type Place, pushToken, type Reveals } from "./piece.ts";
import { ANSI_QUOTING } from "./quote.ts";
import { isAnsiPossible, type ReadingOptions, tokenReader } from "./reading.ts";
import type { Token } from "./token.ts";

/** Options of {@linkcode digestText} and {@linkcode digest}. */
export type DigestOptions = ReadingOptions;

/** What every hash of a digest text begins with; it changes when any text does. */
export const DIGEST_VERSION = "v2";

/** A statement without its literals. */
export interface Digest {
  /** {@linkcode DIGEST_VERSION}, ":" and the first 16 hexadecimal digits of the SHA-256 of `digest_text` in UTF-8. */
  readonly digest: string;
  readonly digest_text: string;
}

/** The longest digest text, in UTF-16 units; statements that differ only after it have one digest. */
export const MAX_DIGEST_TEXT = 4096;

/** Stands for the rest of a text that is too long or could not be read to its end. */
const REST = "…";

/** The text of a list of rows in a digest, which reads as a comment. */
export const ROW_LIST = "/* , ... */";

/** The statements whose optimizer hints MySQL reads (manual: "Optimizer Hints"). */
const HINTED = /^(?:select|insert|replace|update|delete)$/i;

/**
 * The statement with every literal replaced by "?", close to MySQL's STATEMENT_DIGEST_TEXT (facts in comments
 * are those of MySQL 9.7.4). It never fails. Where the text was cut, is open at its end, or cannot be read
 * for sure under an unknown sql_mode, it ends with " …"; so it does beyond {@linkcode MAX_DIGEST_TEXT}.
 *
 * @example
 * ```ts
 * digestText("SELECT * FROM users WHERE id = 42"); // SELECT * FROM `users` WHERE `id` = ?
 * ```
 */
export function digestText(sql: string, options?: DigestOptions): string {
  return textOf(readDraft(sql, options));
}

/** The digest of a statement: equal for statements that differ in literals, case of keywords, or comments only. */
export function digest(sql: string, options?: DigestOptions): Digest {
  return hashed(digestText(sql, options));
}

/**
 * The digest where it is known whatever the sql_mode of the session, and no other statement has it; or why it is not. A
 * text that ends with " …" may go on in any way, under ANSI_QUOTES a text in double quotes is a name, and a name that is
 * not shown may be another one.
 */
export function sureDigest(sql: string): Digest | { readonly doubt: string } {
  const reading = readDraft(sql, undefined);
  const { draft: { hides, doubleQuoted } } = reading;
  const text = textOf(reading);
  if (isCutShort(text)) return { doubt: "the digest does not show the statement to its end" };
  if (doubleQuoted && isAnsiPossible(sql)) {
    return { doubt: "the digest depends on the sql_mode of the session, which is not read" };
  }
  return hides ? { doubt: "the digest hides a name of the statement" } : hashed(text);
}

/** What a statement is compared with others by: this may tell names, also in double quotes, and never leaves the process. */
export interface Likeness {
  /**
   * A text under the default sql_mode, and one under ANSI_QUOTES where that is another one and possible: statements that
   * have all of them in common are alike, and those that have none are not.
   */
  readonly texts: readonly string[];
  /** The texts are only how it begins: it may be like any that begins so. */
  readonly open: boolean;
}

/** What a statement is compared with others by. */
export function likenessOf(sql: string, options?: DigestOptions): Likeness {
  const plain = readDraft(sql, options, { doubleQuoted: false });
  const isOther = plain.draft.doubleQuoted && isAnsiPossible(sql);
  const readings = isOther ? [plain, readDraft(sql, options, { doubleQuoted: true })] : [plain];
  const texts = readings.map(textOf);
  if (!texts.some(isCutShort)) return { texts, open: false };
  return { texts: readings.map(beginningOf), open: true };
}

function isCutShort(text: string): boolean {
  return text.endsWith(REST);
}

/** The pieces that stay as they are whatever comes next: a literal at the end may become a list, or the row of one. */
function beginningOf({ draft: { items } }: Reading): string {
  let end = items.length;
  while (end > 0 && isOpen(items[end - 1]!)) end--;
  return joinItems(items.slice(0, end), { limit: MAX_DIGEST_TEXT }).text;
}

const OPEN_WORDS: ReadonlySet<string> = new Set([",", "(", "-", "+", "IN", "IN (...)"]);

function isOpen({ kind, text }: Item): boolean {
  return kind === "word" ? OPEN_WORDS.has(text) : kind !== "name";
}

function hashed(text: string): Digest {
  return { digest: `${DIGEST_VERSION}:${hash("sha256", text, "hex").slice(0, 16)}`, digest_text: text };
}

function textOf({ draft: { items }, whole }: Reading): string {
  while (whole && isWord(items[items.length - 1], ";")) items.pop();
  const joined = joinItems(items, { limit: MAX_DIGEST_TEXT });
  if (whole && joined.whole) return joined.text;
  return joined.text === "" ? REST : `${joined.text} ${REST}`;
}

/** The pieces of a digest text, and whether the statement was read to its end. */
interface Reading {
  readonly draft: Draft;
  readonly whole: boolean;
}

function readDraft(sql: string, options: DigestOptions | undefined, reveals?: Reveals): Reading {
  const draft: Draft = {
    items: [],
    lists: [false],
    accounts: undefined,
    hides: false,
    doubleQuoted: false,
    reveals,
  };
  const { items } = draft;
  const place: { -readonly [key in keyof Place]: Place[key] } = {
    sql,
    token: NONE,
    previous: undefined,
    next: undefined,
  };
  const read = tokenReader(sql, options, reveals?.doubleQuoted ? ANSI_QUOTING : undefined);
  let token: Token | undefined;
  for (let next = read(); next !== undefined; next = read()) {
    const { kind } = next;
    if ((kind === "comment" || kind === "hint" || kind === "version") && !isCode(sql, next, token)) continue;
    if (token !== undefined) {
      place.token = token;
      place.next = next;
      pushToken(draft, place);
      place.previous = token;
    }
    token = next;
    if (kind === "unterminated" || isRest(sql, next) || items.length > MAX_DIGEST_TEXT) {
      return { draft, whole: false };
    }
  }
  if (token !== undefined) {
    place.token = token;
    place.next = undefined;
    pushToken(draft, place);
  }
  return { draft, whole: !(options?.cut ?? false) };
}

const NONE: Token = { kind: "unterminated", start: 0, end: 0 };

function isRest(sql: string, token: Token): boolean {
  return token.end === sql.length && sql.charCodeAt(token.start) === REST.charCodeAt(0) &&
    sql.slice(token.start) === REST;
}

/** Whether a comment, a hint or the mark of a version is code: a hint behind its statement, and the mark of a row list. */
function isCode(sql: string, { kind, start, end }: Token, previous: Token | undefined): boolean {
  if (kind === "comment") return end - start === ROW_LIST.length && sql.startsWith(ROW_LIST, start);
  return kind === "hint" && previous?.kind === "word" && HINTED.test(sql.slice(previous.start, previous.end));
}
