import { codeOf, codeSet } from "./code.ts";

/**
 * The pieces of a digest text, in columns. Before the first there are some that are none, so that a look behind it needs
 * no check.
 */
export interface Items {
  /** What each of them is (code.ts). */
  readonly codes: Uint16Array;
  /** Of a name that stands in the statement, where: without quotes. It has printable ASCII characters only. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Of a piece with a text of its own, that. */
  readonly texts: string[];
  /** Where the next one goes. */
  length: number;
}

/** Where the first piece goes. */
export const FIRST = 4;

// Codes are not imported, nor is what they are compared with: see scan.ts.
const [NAME, OTHER_NAME, VALUE, VALUES, ROW, ROWS, ROW_LIST, ROWS_LIST, HINT] = [
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  11,
] as const;
const [OPEN, CLOSE, COMMA, PLUS, MINUS] = [
  codeOf("("),
  codeOf(")"),
  codeOf(","),
  codeOf("+"),
  codeOf("-"),
] as const;
const [IN, IN_LIST] = [codeOf("IN"), codeOf("IN (...)")] as const;

/**
 * What an operand may follow, so that a sign there belongs to the number: `= -1` becomes `= ?`, and `a - 1`
 * becomes `a - ?`. As MySQL 9.7.4 has it: not after WHERE, HAVING, ON, BY, DISTINCT, `:=` and `~`.
 */
const BEFORE_OPERAND = codeSet(
  `( , = < > <= >= != <=> + - * / % ^ | & << >> || && AND OR XOR NOT LIKE RLIKE BETWEEN DIV MOD INTERVAL CASE
  WHEN THEN ELSE IF ELSEIF WHILE UNTIL RETURN SELECT DEFAULT EVERY AT STARTS ENDS`,
);

/** Room for this many pieces. */
export function newItems(count: number): Items {
  const size = FIRST + count;
  return {
    codes: new Uint16Array(size),
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    texts: [],
    length: FIRST,
  };
}

/** The code of the last piece, or of the one so many before it; 0 where there is none. */
export function lastOf({ codes, length }: Items, before = 0): number {
  return codes[length - 1 - before]!;
}

/** Appends a word. */
export function push(items: Items, code: number): void {
  items.codes[items.length++] = code;
}

/** Appends a name that stands in the statement. */
export function pushName(items: Items, start: number, end: number): void {
  const { length } = items;
  items.codes[length] = NAME;
  items.starts[length] = start;
  items.ends[length] = end;
  items.length = length + 1;
}

/** Appends a name in quotes. */
export function pushOtherName(items: Items, text: string): void {
  pushText(items, OTHER_NAME, text);
}

/** Appends an optimizer hint. */
export function pushHint(items: Items, text: string): void {
  pushText(items, HINT, text);
}

function pushText(items: Items, code: number, text: string): void {
  items.texts[items.length] = text;
  items.codes[items.length++] = code;
}

/** Whether an operand ends with this piece: a name, a value, a row, or ")". */
export function isOperandEnd(code: number): boolean {
  return (code > 0 && code <= ROWS_LIST) || code === CLOSE || code === IN_LIST;
}

/** Appends a literal; one with a sign swallows that, and one after "value ," joins the list. */
export function pushValue(items: Items, options?: { readonly signed?: boolean }): void {
  const { codes } = items;
  if (options?.signed) {
    while (isSign(lastOf(items)) && BEFORE_OPERAND[lastOf(items, 1)] === 1) items.length--;
  }
  const { length } = items;
  if (codes[length - 1] === COMMA && isValue(codes[length - 2]!)) {
    codes[length - 2] = VALUES;
    items.length = length - 1;
  } else {
    codes[length] = VALUE;
    items.length = length + 1;
  }
}

function isSign(code: number): boolean {
  return code === MINUS || code === PLUS;
}

/** Whether a piece is a literal, or a list of them. */
export function isValue(code: number): boolean {
  return code === VALUE || code === VALUES;
}

/** Appends the "?" that stands for a name, and joins no list. */
export function pushHidden(items: Items): void {
  push(items, VALUE);
}

/** Appends the "..." of a text that is a digest already. */
export function pushEllipsis(items: Items): void {
  pushValue(items);
  items.codes[items.length - 1] = VALUES;
}

/** Appends ")": closes a row of values, which joins the rows before it, or is the list of an IN. */
export function pushClose(items: Items): void {
  const { codes } = items;
  const inside = lastOf(items);
  if (!isValue(inside) || lastOf(items, 1) !== OPEN) return push(items, CLOSE);
  items.length -= 2;
  const row = inside === VALUE ? ROW : ROWS;
  const list = inside === VALUE ? ROW_LIST : ROWS_LIST;
  const before = lastOf(items, 1);
  if (lastOf(items) === IN) codes[items.length - 1] = IN_LIST;
  else if (lastOf(items) === COMMA && (before === row || before === list)) {
    items.length--;
    codes[items.length - 1] = list;
  } else push(items, row);
}

/** Turns the row at the end into a list of rows: for a text that is a digest already. */
export function pushRowList(items: Items): void {
  const row = lastOf(items);
  if (row === ROW) items.codes[items.length - 1] = ROW_LIST;
  else if (row === ROWS) items.codes[items.length - 1] = ROWS_LIST;
}
