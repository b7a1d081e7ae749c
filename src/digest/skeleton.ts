/**
 * The skeleton of a statement: a shorter text that has the same digest, verb and tables. It is what many statements
 * have in common, and so the key under which their digest is kept.
 * - a run of white space and comments is one space;
 * - a string is an empty one, and a number, or NULL where it is a value, is 0.0, never the position of a column;
 * - of a list of literals the first two are left, of a list of rows of literals the first three.
 *
 * All else stays as it is, byte by byte. Where one of these would change the digest, the skeleton is not `plain`.
 */
export interface Skeleton {
  /** In UTF-8, like the statement. */
  readonly text: Uint8Array;
  /** How much of `text` is in use; where that is more than it holds, the skeleton is not plain. */
  length: number;
  /** Whether the digest of the skeleton is sure to be that of the statement. */
  plain: boolean;
  last: Last;
  /** How many parentheses are open. */
  depth: number;
  /** A bit for each depth: BY was read there, and a number may be the position of a column (order_list.ts). */
  ordered: number;
  /** Whether the list of literals at hand begins behind "(". */
  pure: boolean;
  /** Where the second literal of a list ends. */
  listEnd: number;
  /** How many rows, one behind the other, are of the same kind; of which kind; and where the third ends. */
  rows: number;
  rowKind: Last;
  rowsEnd: number;
}

/**
 * The token at the end: one literal or a list of more; a row of literals in parentheses; a comma behind one of these,
 * or behind something else; "(", "=", BY; or any other.
 */
export type Last =
  | ("literal" | "literals" | "row")
  | ("literal ," | "literals ," | "row ," | ",")
  | ("(" | "=" | "by" | "other");

/** The longest skeleton in bytes. Its pieces are fewer than those that a digest text can hold. */
const MAX_LENGTH = 4000;

/** Deeper parentheses have no bit in {@linkcode Skeleton.ordered}. */
const MAX_DEPTH = 30;

const [SPACE, OPEN, CLOSE, COMMA, DOT, ZERO, QUESTION_MARK] = [32, 40, 41, 44, 46, 48, 63] as const;

/** An empty skeleton. */
export function newSkeleton(): Skeleton {
  return {
    // Whole words of four bytes, and one more for padding.
    text: new Uint8Array(MAX_LENGTH + 4),
    length: 0,
    plain: true,
    last: "other",
    depth: 0,
    ordered: 0,
    pure: false,
    listEnd: 0,
    rows: 0,
    rowKind: "other",
    rowsEnd: 0,
  };
}

/** Empties a skeleton for the next statement. */
export function clear(skeleton: Skeleton): void {
  skeleton.length = 0;
  skeleton.plain = true;
  skeleton.last = "other";
  skeleton.depth = 0;
  skeleton.ordered = 0;
  skeleton.rows = 0;
}

/** Ends a skeleton: without white space at its end, and with zeros up to a multiple of four bytes. */
export function finish(skeleton: Skeleton): void {
  const { text } = skeleton;
  if (skeleton.length > MAX_LENGTH) {
    skeleton.plain = false;
    return;
  }
  if (text[skeleton.length - 1] === SPACE) skeleton.length--;
  for (let at = skeleton.length; at % 4 !== 0; at++) text[at] = 0;
}

/** Appends a byte of what is no literal. */
export function pushByte(skeleton: Skeleton, byte: number): void {
  skeleton.text[skeleton.length++] = byte;
  skeleton.last = "other";
}

/** Appends white space, or a comment. */
export function pushSpace(skeleton: Skeleton): void {
  const { text, length } = skeleton;
  if (length > 0 && text[length - 1] !== SPACE) text[skeleton.length++] = SPACE;
}

/** Appends a literal: a string by its quote, a number by 48 ("0"), a parameter by "?". */
export function pushLiteral(skeleton: Skeleton, mark: number): void {
  const { last } = skeleton;
  if (last === "literals ,") {
    skeleton.length = skeleton.listEnd;
    skeleton.last = "literals";
    return;
  }
  const { text } = skeleton;
  let { length } = skeleton;
  text[length++] = mark;
  if (mark === ZERO) {
    text[length++] = DOT;
    text[length++] = ZERO;
  } else if (mark !== QUESTION_MARK) text[length++] = mark;
  skeleton.length = length;
  skeleton.last = "literal";
  if (last === "literal ,") {
    skeleton.listEnd = length;
    skeleton.last = "literals";
  } else skeleton.pure = last === "(";
}

/** Appends ",". */
export function pushComma(skeleton: Skeleton): void {
  const { last } = skeleton;
  skeleton.text[skeleton.length++] = COMMA;
  if (last === "literal") skeleton.last = "literal ,";
  else if (last === "literals") skeleton.last = "literals ,";
  else skeleton.last = last === "row" ? "row ," : ",";
}

/** Appends "(". */
export function pushOpen(skeleton: Skeleton): void {
  skeleton.text[skeleton.length++] = OPEN;
  if (skeleton.last !== "row ,") skeleton.rows = 0;
  if (++skeleton.depth > MAX_DEPTH) skeleton.plain = false;
  skeleton.ordered &= ~(1 << skeleton.depth);
  skeleton.last = "(";
}

/** Appends ")": of rows of the same kind, one value or more than one, the first three are enough. */
export function pushClose(skeleton: Skeleton): void {
  const { last, rowKind, pure } = skeleton;
  skeleton.text[skeleton.length++] = CLOSE;
  if (skeleton.depth > 0) skeleton.depth--;
  if (!pure || (last !== "literal" && last !== "literals")) {
    skeleton.last = "other";
    return;
  }
  skeleton.last = "row";
  // The first of them may become the list of an IN, and so does not count as one.
  skeleton.rows = last === rowKind ? skeleton.rows + 1 : 1;
  skeleton.rowKind = last;
  if (skeleton.rows > 3) skeleton.length = skeleton.rowsEnd;
  else skeleton.rowsEnd = skeleton.length;
}

/** Appends the word BY: numbers in the list that it may begin are positions of columns. */
export function pushBy(skeleton: Skeleton): void {
  skeleton.ordered |= 1 << skeleton.depth;
  skeleton.last = "by";
}

/** Whether a number may be the position of a column here. */
export function isPositionPlace({ ordered, depth, last }: Skeleton): boolean {
  return ordered !== 0 && ((ordered >> depth) & 1) === 1 &&
    (last === "by" || last === "," || last === "row ,");
}

/** Whether a sign in front of a number is dropped here: behind "(" and ",". */
export function isSignPlace({ last }: Skeleton): boolean {
  return last === "(" || last === "," || last === "literal ," || last === "literals ," || last === "row ,";
}

/** Whether NULL is a value here (null.ts). */
export function isNullPlace({ last }: Skeleton): boolean {
  return last === "(" || last === "=" || last === "literal ," || last === "literals ,";
}

/**
 * What in a skeleton depends on more than the tokens: where two of them are apart by one space, an introducer is not
 * one (token.ts), "…" at the end is one (digest.ts), names may be those that MySQL prints for keywords (printed.ts);
 * "(?:" is the label of a statement (verb.ts).
 */
const SPACED = /\(_charset\)|…|\b(?:CURDATE|CURTIME|NOW|SYSTEM_USER)\b(?! ?\()|0\.0 ?(?::|\/\*)/;

/** Where a number in parentheses is a position (order_list.ts), and NULL behind "=" is no value (null.ts). */
const PLACES = /(?<!with )rollup|cube|secondary_engine|privilege_checks_user|source_tls_ciphersuites/i;

/** Whether a plain skeleton has the digest of its statement: that is checked when it is new. */
export function isFaithful(text: string): boolean {
  return !SPACED.test(text) && !PLACES.test(text);
}
