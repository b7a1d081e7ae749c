import { isAnyWord, isWord, type Item } from "./item.ts";

/**
 * Where the text is in lists of GROUP BY, ORDER BY and PARTITION BY: for each open parenthesis, and for what is
 * around all of them, whether such a list is open there.
 */
export type OrderLists = boolean[];

/** What may follow a list, and so the position of a column in it. */
const ENDS: ReadonlySet<string> = new Set(
  `; EXCEPT FETCH FOR GROUPS HAVING INTERSECT INTO LIMIT LOCK OFFSET ON ORDER PROCEDURE QUALIFY RANGE RETURNING ROWS
  SELECT SEPARATOR UNION WINDOW WITH`.split(/\s+/),
);

/** What may follow an element of a list. */
const ELEMENT_ENDS: ReadonlySet<string> = new Set([",", ")", "ASC", "DESC"]);

/**
 * The highest position that is shown. MySQL shows all; but no literal may be in a digest, and a longer one,
 * which can hardly be a position, is one.
 */
const MAX_POSITION = 999;

/** Notes an operator or keyword, before it becomes a piece. */
export function noteWord(lists: OrderLists, word: string, items: readonly Item[]): void {
  if (word === "(") lists.push(isRollup(items));
  else if (word === ")") {
    if (lists.length > 1) lists.pop();
  } else if (word === "BY" && isAnyWord(items.at(-1), ["GROUP", "ORDER", "PARTITION"])) {
    lists[lists.length - 1] = true;
  } else if (ENDS.has(word)) lists[lists.length - 1] = false;
}

/**
 * Appends a number that is the position of a column, such as the 2 of ORDER BY 2: it is no value, and MySQL shows
 * it. False for all other numbers.
 * @param next what follows, in upper case; "" at the end of the text, undefined where it is not known
 */
export function pushPosition(
  items: Item[],
  number: string,
  options: { readonly lists: OrderLists; readonly next: string | undefined },
): boolean {
  const { lists, next } = options;
  if (!lists.at(-1) || next === undefined) return false;
  if (next !== "" && !ELEMENT_ENDS.has(next) && !ENDS.has(next)) return false;
  if (!/^[0-9]{1,10}$/.test(number) || Number(number) < 1 || Number(number) > MAX_POSITION) return false;
  let end = items.length;
  while (isWord(items[end - 1], "+")) end--;
  if (!isElementStart(items.slice(Math.max(0, end - 3), end), { signed: end < items.length })) return false;
  while (items.length > end) items.pop();
  items.push({ kind: "word", text: String(Number(number)) });
  return true;
}

/** Whether an element of a list starts behind these pieces. As in MySQL, a sign behind BY is not dropped. */
function isElementStart(items: readonly Item[], options: { readonly signed: boolean }): boolean {
  const last = items.at(-1);
  if (isWord(last, "BY")) return !options.signed;
  if (isWord(last, "(")) return isRollup(items.slice(0, -1));
  const before = items.at(-2)?.kind;
  // After a value it is lost in the list of values, also in MySQL.
  return isWord(last, ",") && before !== "value" && before !== "values";
}

/** GROUP BY ROLLUP and CUBE, whose lists are in parentheses. */
function isRollup(items: readonly Item[]): boolean {
  return isAnyWord(items.at(-1), ["ROLLUP", "CUBE"]) && isWord(items.at(-2), "BY");
}
