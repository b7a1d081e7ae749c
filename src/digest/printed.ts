/**
 * The names that MySQL prints for keywords, but that are keywords themselves only in front of "(": CURRENT_TIMESTAMP
 * is printed as NOW, and a column may have that name.
 */
export const PRINTED_NAMES: ReadonlySet<string> = new Set(["CURDATE", "CURTIME", "NOW", "SYSTEM_USER"]);

/** Names in back quotes, in a hint with their query block, and what else is not single words between single spaces. */
const MARKS = /`[^`]*`(?:@`[^`]*`)?|\(_charset\)|\?, \.\.\.|\/\* , \.\.\. \*\//g;

/** A word, an operator, a value or a row between spaces, in capital letters; "@@" stands right before what follows it. */
const PIECES = /^(?:(?:(?:@@)*(?:[A-Z0-9_]+|@?[X?]|\(\?\)|\(\.\.\.\)|…|[^\w\s'"`?@]{1,3})|(?:@@)+)(?: |$))*$/;

/** No digest text is longer, in UTF-16 units. */
const MAX_LENGTH = 8192;

/** Whether a statement is a digest text already, so that its words are those that MySQL prints. Linear time. */
export function isDigestText(sql: string): boolean {
  if (sql.length > MAX_LENGTH) return false;
  return PIECES.test(sql.replace(MARKS, (mark) => mark.startsWith("?") ? "?" : "X"));
}
