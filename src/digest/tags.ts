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

/**
 * A tag of sqlcommenter, `key='value'` (its specification: both are URL encoded, a quote in a value has a backslash
 * before it), or of marginalia and Rails, `key:value` or `key=value`. A comma ends it.
 */
const TAG = /\s*([\w.%-]+)\s*(?:=\s*'((?:[^'\\]|\\[^])*)'\s*|([:=])([^,]*))(?:,|$)/y;

/**
 * The tags in the comments of a statement, in the formats of sqlcommenter and marginalia. A comment that is not made
 * of tags alone has none. Where a key stands more than once, the first one counts.
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

function readTags(comment: string): readonly (readonly [string, string])[] {
  const tags: (readonly [string, string])[] = [];
  for (TAG.lastIndex = 0; TAG.lastIndex < comment.length;) {
    const match = TAG.exec(comment);
    if (match === null) return [];
    const [, key = "", quoted, separator, plain = ""] = match;
    const text = quoted?.replace(/\\([^])/g, "$1") ?? plain.trim();
    const value = separator === ":" ? text : decoded(text);
    if (value.length <= MAX_VALUE) tags.push([decoded(key).toLowerCase(), value]);
  }
  return tags;
}

/** What is not URL encoded, or not well, is as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
