/**
 * A piece of digest text. `name`: an identifier; `word`: a keyword or operator; `value`, `values`: a literal, a
 * list of them; `row`: values in parentheses, or a list of such rows; `at`: "@" or "@@", which the next piece
 * follows without a space.
 */
export interface Item {
  readonly kind: "name" | "word" | "value" | "values" | "row" | "at";
  readonly text: string;
}

const VALUE: Item = { kind: "value", text: "?" };
const VALUES: Item = { kind: "values", text: "?, ..." };
const ROW_LIST = " /* , ... */";

/**
 * What an operand may follow, so that a sign there belongs to the number: `= -1` becomes `= ?`, and `a - 1`
 * becomes `a - ?`. As MySQL 9.7.4 has it: not after WHERE, HAVING, ON, BY, DISTINCT, `:=` and `~`.
 */
const BEFORE_OPERAND: ReadonlySet<string> = new Set(
  `( , = < > <= >= != <=> + - * / % ^ | & << >> || && AND OR XOR NOT LIKE RLIKE BETWEEN DIV MOD INTERVAL CASE
  WHEN THEN ELSE IF ELSEIF WHILE UNTIL RETURN SELECT DEFAULT EVERY AT STARTS ENDS`.split(/\s+/),
);

/** Whether a unary operator may follow: the last piece is an operator or keyword before an operand. */
export function isBeforeOperand(item: Item | undefined): boolean {
  return item?.kind === "word" && BEFORE_OPERAND.has(item.text);
}

/** Whether an operand ends with this piece: a name, a value, or ")". */
export function isOperandEnd(item: Item): boolean {
  return item.kind === "word" ? item.text === ")" || item.text === "IN (...)" : item.kind !== "at";
}

/** Appends a literal; one with a sign swallows that, and one after "value ," joins the list. */
export function pushValue(items: Item[], options?: { readonly signed?: boolean }): void {
  while (options?.signed && isSign(items[items.length - 1]) && isBeforeOperand(items[items.length - 2])) {
    items.pop();
  }
  const before = items[items.length - 2]?.kind;
  if ((before === "value" || before === "values") && isWord(items[items.length - 1], ",")) {
    replaceLast(items, { count: 2, item: VALUES });
  } else {
    items.push(VALUE);
  }
}

function isSign(item: Item | undefined): boolean {
  return isWord(item, "-") || isWord(item, "+");
}

/** Appends the "?" that stands for a name, and joins no list. */
export function pushHidden(items: Item[]): void {
  items.push(VALUE);
}

/** Appends the "..." of a text that is a digest already. */
export function pushEllipsis(items: Item[]): void {
  pushValue(items);
  replaceLast(items, { count: 1, item: VALUES });
}

/** Appends ")": closes a row of values, which joins the rows before it, or is the list of an IN. */
export function pushClose(items: Item[]): void {
  const inside = items.at(-1)?.kind;
  if ((inside !== "value" && inside !== "values") || !isWord(items.at(-2), "(")) {
    items.push({ kind: "word", text: ")" });
    return;
  }
  items.pop();
  items.pop();
  const row: Item = { kind: "row", text: inside === "value" ? "(?)" : "(...)" };
  const before = items.at(-2);
  if (isWord(items.at(-1), "IN")) {
    replaceLast(items, { count: 1, item: { kind: "word", text: "IN (...)" } });
  } else if (isWord(items.at(-1), ",") && before?.kind === "row" && before.text.startsWith(row.text)) {
    replaceLast(items, { count: 2, item: { kind: "row", text: row.text + ROW_LIST } });
  } else {
    items.push(row);
  }
}

/** Turns the row at the end into a list of rows: for a text that is a digest already. */
export function pushRowList(items: Item[]): void {
  const row = items.at(-1);
  if (row?.kind === "row" && !row.text.endsWith(ROW_LIST)) {
    replaceLast(items, { count: 1, item: { kind: "row", text: row.text + ROW_LIST } });
  }
}

/** The text of the pieces, as many as `limit` characters hold; `whole` says whether that is all of them. */
export function joinItems(
  items: readonly Item[],
  options: { readonly limit: number },
): { readonly text: string; readonly whole: boolean } {
  let text = "";
  let previous: Item | undefined;
  for (const item of items) {
    const space = previous !== undefined && previous.kind !== "at";
    if (text.length + item.text.length + (space ? 1 : 0) > options.limit) return { text, whole: false };
    text = space ? text + " " + item.text : text + item.text;
    previous = item;
  }
  return { text, whole: true };
}

/** Whether a piece is a keyword or operator, and no identifier of that name. */
export function isWord(item: Item | undefined, text: string): boolean {
  return item !== undefined && item.text === text && item.kind === "word";
}

/** Whether a piece is one of these keywords or operators. */
export function isAnyWord(item: Item | undefined, texts: readonly string[]): boolean {
  return item?.kind === "word" && texts.includes(item.text);
}

function replaceLast(items: Item[], options: { readonly count: number; readonly item: Item }): void {
  for (let count = options.count; count > 0; count--) items.pop();
  items.push(options.item);
}
