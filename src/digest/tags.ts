import { type ReadingOptions, readTokens } from "./reading.ts";

/** The tags of a statement. */
export interface Tags {
  readonly tags: Readonly<Record<string, string>>;
  /** Whether there can be no others: all of the text was read, for sure. */
  readonly whole: boolean;
}

/** Options of {@linkcode tagsOf}. */
export interface TagOptions extends ReadingOptions {
  /** The keys of the tags that are kept, in lower case. All others are not even decoded. */
  readonly keep: readonly string[];
}

/** A longer value is no name of anything, in UTF-16 units. */
const MAX_VALUE = 256;

/** The start of a tag: its key, in which a quote has a backslash before it, what parts it from the value, and white space. */
const KEY = /\s*((?:[\w.%-]|\\['"])+)(\s*=|:)(\s*)/y;

/** What MediaWiki writes: the method that runs the statement. The words behind it may be anything. */
const METHOD = /\s*(\\?[A-Za-z_][\w\\]*::[\w{}<>$.-]+)(\s*(?:,|$)|[\s(])/y;

/**
 * The tags in the comments of a statement: of sqlcommenter, `key='value'` (its specification: both are URL encoded, a
 * quote in one has a backslash before it), of marginalia and Rails, `key:value` or `key=value`, with commas between, and
 * of MediaWiki, `Class::method`, which is the tag `method`. What is none is passed over; a comment that begins with words
 * is prose and has none, as `user: bob` is no tag. Where a key stands more than once, the first one counts.
 */
export function tagsOf(sql: string, options: TagOptions): Tags {
  const { keep, cut = false } = options;
  if (!sql.includes("/*")) return { tags: {}, whole: !cut };
  const found = new Map<string, string>();
  let whole = !cut;
  for (const { kind, start, end } of readTokens(sql, options)) {
    if (kind === "unterminated") whole = false;
    if (kind !== "comment" || !sql.startsWith("/*", start)) continue;
    for (const [key, value] of readTags(sql.slice(start + 2, end - 2).trim())) {
      if (keep.includes(key) && !found.has(key)) found.set(key, value);
    }
  }
  return { tags: Object.fromEntries(found), whole };
}

/** What stands between two commas: a tag, or none; and whether it is no name or value of anything, but words. */
interface Element {
  readonly tag?: readonly [key: string, value: string];
  readonly prose?: true;
  /** Where the next one may begin: at a comma, or before one. */
  readonly end: number;
}

function readTags(comment: string): readonly (readonly [string, string])[] {
  const tags: (readonly [string, string])[] = [];
  // The quotes of which there is none from here on.
  const absent = new Set<string>();
  for (let at = 0; at < comment.length;) {
    const { tag, prose, end } = readElement(comment, at, absent);
    if (prose && at === 0) return tags;
    if (tag !== undefined && tag[1].length <= MAX_VALUE) tags.push(tag);
    const comma = comment.indexOf(",", end);
    at = comma < 0 ? comment.length : comma + 1;
  }
  return tags;
}

function readElement(comment: string, at: number, absent: Set<string>): Element {
  METHOD.lastIndex = at;
  const method = METHOD.exec(comment);
  if (method !== null) {
    const [whole, name = "", next = ""] = method;
    const isAlone = next.trim() === "," || at + whole.length === comment.length;
    return { tag: ["method", name], end: isAlone ? at + whole.length - next.length : comment.length };
  }
  KEY.lastIndex = at;
  const match = KEY.exec(comment);
  if (match === null) {
    const comma = comment.indexOf(",", at);
    const text = comment.slice(at, comma < 0 ? undefined : comma).trim();
    return { ...(/\s/.test(text) && { prose: true as const }), end: comma < 0 ? comment.length : comma };
  }
  const [whole, key = "", mark = "", space = ""] = match;
  const start = at + whole.length;
  const name = decoded(key.replace(/\\(['"])/g, "$1")).toLowerCase();
  const isUrl = mark !== ":";
  const quote = comment.charAt(start);
  if (quote === "'" || quote === '"') {
    return readQuotedValue(comment, { start, absent, tag: (text) => [name, isUrl ? decoded(text) : text] });
  }
  const comma = comment.indexOf(",", start);
  const end = comma < 0 ? comment.length : comma;
  if (space !== "" && start < end) return { prose: true, end };
  const text = comment.slice(start, end).trim();
  // A quote in the middle is that of another tag; those of Ruby's backtraces are behind ":".
  return isUrl && /['"]/.test(text) ? { end } : { tag: [name, isUrl ? decoded(text) : text], end };
}

/** Reads a value in quotes; where the quote is never closed, or something sticks to it, it is none. */
function readQuotedValue(
  comment: string,
  { start, absent, tag }: {
    readonly start: number;
    readonly absent: Set<string>;
    readonly tag: (text: string) => readonly [string, string];
  },
): Element {
  const quote = comment.charAt(start);
  let at = start + 1;
  if (absent.has(quote)) return { end: at };
  while (at < comment.length && comment[at] !== quote) at += comment[at] === "\\" ? 2 : 1;
  if (at >= comment.length) {
    absent.add(quote);
    return { end: start + 1 };
  }
  const isClosed = at + 1 === comment.length || /[\s,]/.test(comment.charAt(at + 1));
  if (!isClosed) return { end: at + 1 };
  return { tag: tag(comment.slice(start + 1, at).replace(/\\([^])/g, "$1")), end: at + 1 };
}

/** What is not URL encoded, or not well, is as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
