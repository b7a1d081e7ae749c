import { hash } from "node:crypto";
import { codeOf, codeSet } from "./code.ts";
import { FIRST, lastOf, newItems } from "./item.ts";
import { type Draft, type Place, pushToken, type Reveals } from "./piece.ts";
import { ANSI_QUOTING } from "./quote.ts";
import { isAnsiPossible, type ReadingOptions, tokenReader } from "./reading.ts";
import { newSlot, type Slot, type Token } from "./token.ts";
import { sharedUnitsOf, type Units } from "./units.ts";
import { newTextMap } from "./text_map.ts";
import { finish, MAX_DIGEST_TEXT, REST, write, writeRest, WRITTEN, writtenText } from "./written.ts";

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
  writeReading(readDraft(sql, options));
  return writtenText();
}

/** The digest of a statement: equal for statements that differ in literals, case of keywords, or comments only. */
export function digest(sql: string, options?: DigestOptions): Digest {
  writeReading(readDraft(sql, options));
  return written();
}

/**
 * The digest where it is known whatever the sql_mode of the session, and no other statement has it; or why it is not. A
 * text that ends with " …" may go on in any way, under ANSI_QUOTES a text in double quotes is a name, and a name that is
 * not shown may be another one.
 */
export function sureDigest(sql: string): Digest | { readonly doubt: string } {
  const reading = readDraft(sql, undefined);
  const { draft: { hides, doubleQuoted } } = reading;
  writeReading(reading);
  const found = written();
  if (isCutShort(found.digest_text)) return { doubt: "the digest does not show the statement to its end" };
  if (doubleQuoted && isAnsiPossible(sql)) {
    return { doubt: "the digest depends on the sql_mode of the session, which is not read" };
  }
  return hides ? { doubt: "the digest hides a name of the statement" } : found;
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
  const plain = readLike(sql, options, { doubleQuoted: false });
  const isOther = plain.doubleQuoted && isAnsiPossible(sql);
  const readings = isOther ? [plain, readLike(sql, options, { doubleQuoted: true })] : [plain];
  const open = readings.some(({ text }) => isCutShort(text));
  return { texts: readings.map(({ text, beginning }) => open ? beginning : text), open };
}

function readLike(sql: string, options: DigestOptions | undefined, reveals: Reveals) {
  const reading = readDraft(sql, options, reveals);
  const { draft: { items, doubleQuoted }, units } = reading;
  writeReading(reading);
  const text = writtenText();
  // The pieces that stay whatever comes next: a literal at the end may become a list, or the row of one.
  while (items.length > FIRST && isOpen(lastOf(items))) items.length--;
  write(items, units, MAX_DIGEST_TEXT);
  return { text, beginning: writtenText(), doubleQuoted };
}

function isCutShort(text: string): boolean {
  return text.endsWith(REST);
}
/** Whether a piece may become another one by what comes next. */
function isOpen(code: number): boolean {
  return (code >= VALUE && code <= SYSTEM) || OPEN_WORDS[code] === 1;
}

// From the first literal to what no space follows: code.ts.
const [VALUE, SYSTEM] = [codeOf("?"), codeOf("@@")] as const;
const OPEN_WORDS = codeSet(", ( - + IN");
OPEN_WORDS[codeOf("IN (...)")] = 1;

/** The pieces of a digest text, and whether the statement was read to its end. */
interface Reading {
  readonly draft: Draft;
  readonly units: Uint16Array;
  readonly whole: boolean;
}

/** Writes the digest text. */
function writeReading({ draft: { items }, units, whole }: Reading): void {
  while (whole && lastOf(items) === END) items.length--;
  if (!write(items, units, MAX_DIGEST_TEXT) || !whole) writeRest();
}

/** The digest of the text that was written last. Most of those that are asked for were asked for before. */
function written(): Digest {
  finish();
  const known = KNOWN.get();
  if (known !== undefined) return known;
  const text = writtenText();
  const found = {
    digest: `${DIGEST_VERSION}:${hash("sha256", text, "hex").slice(0, 16)}`,
    digest_text: text,
  };
  if (KNOWN.isRepeated()) KNOWN.set(found, { bytes: 2 * WRITTEN.length });
  return found;
}

/** A fleet's statements have hundreds of digests. */
const KNOWN = newTextMap<Digest>(WRITTEN, { entries: 2048, bytes: 2 ** 20 });

const END = codeOf(";");

/** The pieces of the statement at hand: one at a time. A token adds two at most. */
const ITEMS = newItems(MAX_DIGEST_TEXT + 8);

/** Reads the pieces of a statement, which are there until the next one is read. */
function readDraft(sql: string, options: DigestOptions | undefined, reveals?: Reveals): Reading {
  const text = sharedUnitsOf(sql);
  const { units } = text;
  const draft: Draft = {
    items: ITEMS,
    lists: [false],
    accounts: undefined,
    hides: false,
    doubleQuoted: false,
    digested: undefined,
    reveals,
  };
  ITEMS.length = FIRST;
  const read = tokenReader(text, options, reveals?.doubleQuoted ? ANSI_QUOTING : undefined);
  const place: Changing<Place> = { text, token: NONE, previous: undefined, next: undefined };
  let token: Slot | undefined;
  let [next, free, spare] = SLOTS;
  while (read(next)) {
    const { kind } = next;
    if ((kind === "comment" || kind === "hint" || kind === "version") && !isCode(sql, next, token)) continue;
    if (token !== undefined) {
      place.token = token;
      place.next = next;
      pushToken(draft, place);
      place.previous = token;
    }
    token = next;
    if (kind === "unterminated" || isRest(text, next) || ITEMS.length - FIRST > MAX_DIGEST_TEXT) {
      return { draft, units, whole: false };
    }
    // The token before the last one is looked at no more.
    next = free;
    free = spare;
    spare = token;
  }
  if (token !== undefined) {
    place.token = token;
    place.next = undefined;
    pushToken(draft, place);
  }
  return { draft, units, whole: !(options?.cut ?? false) };
}

type Changing<T> = { -readonly [key in keyof T]: T[key] };

/** Room for a token, the one before and the one behind it. */
const SLOTS = [newSlot(), newSlot(), newSlot()] as const;
const NONE: Token = newSlot();

function isRest({ units, length }: Units, { start, end }: Token): boolean {
  return end === length && end === start + 1 && units[start] === ELLIPSIS;
}

const ELLIPSIS = REST.charCodeAt(0);

/** Whether a comment, a hint or the mark of a version is code: a hint behind its statement, and the mark of a row list. */
function isCode(sql: string, { kind, start, end }: Token, previous: Token | undefined): boolean {
  if (kind === "comment") return end - start === ROW_LIST.length && sql.startsWith(ROW_LIST, start);
  return kind === "hint" && previous?.kind === "word" && HINTED.test(sql.slice(previous.start, previous.end));
}
