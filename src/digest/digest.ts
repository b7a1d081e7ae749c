import { createHash } from "node:crypto";
import { isWord, type Item, joinItems } from "./item.ts";
import { type Draft, pushToken } from "./piece.ts";
import { type ReadingOptions, readTokens } from "./reading.ts";
import type { Token } from "./token.ts";

/** Options of {@linkcode digestText} and {@linkcode digest}. */
export type DigestOptions = ReadingOptions;

/** A statement without its literals. */
export interface Digest {
  /** `v1:` and the first 16 hexadecimal digits of the SHA-256 of `digest_text` in UTF-8. */
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
  const { items, whole } = readItems(sql, options);
  while (whole && isWord(items.at(-1), ";")) items.pop();
  const joined = joinItems(items, { limit: MAX_DIGEST_TEXT });
  if (whole && joined.whole) return joined.text;
  return joined.text === "" ? REST : `${joined.text} ${REST}`;
}

/** The digest of a statement: equal for statements that differ in literals, case of keywords, or comments only. */
export function digest(sql: string, options?: DigestOptions): Digest {
  const text = digestText(sql, options);
  const hash = createHash("sha256").update(text, "utf8").digest("hex");
  return { digest: `v1:${hash.slice(0, 16)}`, digest_text: text };
}

/** The pieces of a digest text, and whether the statement was read to its end. */
function readItems(
  sql: string,
  options: DigestOptions | undefined,
): { readonly items: Item[]; readonly whole: boolean } {
  const draft: Draft = { items: [], lists: [false] };
  const { items } = draft;
  let [previous, token]: (Token | undefined)[] = [];
  let hinted = false;
  for (const next of readTokens(sql, options)) {
    if (!isCode(sql, { token: next, hinted })) continue;
    hinted = next.kind === "word" && HINTED.test(sql.slice(next.start, Math.min(next.end, next.start + 8)));
    if (token !== undefined) pushToken(draft, { sql, token, previous, next });
    previous = token;
    token = next;
    if (next.kind === "unterminated" || isRest(sql, next) || items.length > MAX_DIGEST_TEXT) {
      return { items, whole: false };
    }
  }
  if (token !== undefined) pushToken(draft, { sql, token, previous, next: undefined });
  return { items, whole: !(options?.cut ?? false) };
}

function isRest(sql: string, token: Token): boolean {
  return token.end === sql.length && sql.slice(token.start) === REST;
}

/** Whether a token is no comment; a hint is none, nor is the mark of a row list in what is a digest already. */
function isCode(
  sql: string,
  { token: { kind, start, end }, hinted }: { readonly token: Token; readonly hinted: boolean },
): boolean {
  if (kind === "comment") return end - start === ROW_LIST.length && sql.startsWith(ROW_LIST, start);
  return kind === "hint" ? hinted : kind !== "version";
}
