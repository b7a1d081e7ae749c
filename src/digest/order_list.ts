import { codeOf, codeSet } from "./code.ts";
import { isValue, type Items, lastOf, push } from "./item.ts";

/**
 * Where the text is in lists of GROUP BY, ORDER BY and PARTITION BY: for each open parenthesis, and for what is
 * around all of them, whether such a list is open there.
 */
export type OrderLists = boolean[];

/** What may follow a list, and so the position of a column in it. */
const END_WORDS =
  `; EXCEPT FETCH FOR GROUPS HAVING INTERSECT INTO LIMIT LOCK OFFSET ON ORDER PROCEDURE QUALIFY RANGE RETURNING ROWS
SELECT SEPARATOR UNION WINDOW WITH`;
const ENDS = codeSet(END_WORDS);

/** What may follow an element of a list; "" is the end of the text. */
const ELEMENT_ENDS: ReadonlySet<string> = new Set([...END_WORDS.split(/\s+/), "", ",", ")", "ASC", "DESC"]);

/**
 * The highest position that is shown. MySQL shows all; but no literal may be in a digest, and a longer one,
 * which can hardly be a position, is one.
 */
const MAX_POSITION = 999;

const [BY, OPEN, CLOSE, COMMA, PLUS] = ["BY", "(", ")", ",", "+"].map(codeOf);
const LISTED = codeSet("GROUP ORDER PARTITION");
const ROLLUPS = codeSet("ROLLUP CUBE");

/** Notes an operator or keyword, before it becomes a piece. */
export function noteWord(lists: OrderLists, word: number, items: Items): void {
  if (word === OPEN) lists.push(isRollup(items, 0));
  else if (word === CLOSE) {
    if (lists.length > 1) lists.pop();
  } else if (word === BY && LISTED[lastOf(items)] === 1) lists[lists.length - 1] = true;
  else if (ENDS[word] === 1) lists[lists.length - 1] = false;
}

/**
 * Appends a number that is the position of a column, such as the 2 of ORDER BY 2: it is no value, and MySQL shows
 * it. False for all other numbers.
 * @param next what follows, in upper case; "" at the end of the text, undefined where it is not known
 */
export function pushPosition(items: Items, number: string, next: string | undefined): boolean {
  if (next === undefined || !ELEMENT_ENDS.has(next)) return false;
  if (!/^[0-9]{1,10}$/.test(number) || Number(number) < 1 || Number(number) > MAX_POSITION) return false;
  let signs = 0;
  while (lastOf(items, signs) === PLUS) signs++;
  if (!isElementStart(items, signs)) return false;
  items.length -= signs;
  push(items, codeOf(String(Number(number))));
  return true;
}

/** Whether an element of a list starts behind the pieces before so many signs. */
function isElementStart(items: Items, signs: number): boolean {
  const last = lastOf(items, signs);
  // As in MySQL, a sign behind BY is not dropped.
  if (last === BY) return signs === 0;
  if (last === OPEN) return isRollup(items, signs + 1);
  // After a value it is lost in the list of values, also in MySQL.
  return last === COMMA && !isValue(lastOf(items, signs + 1));
}

/** GROUP BY ROLLUP and CUBE, whose lists are in parentheses: whether so many pieces before the end there is one. */
function isRollup(items: Items, before: number): boolean {
  return ROLLUPS[lastOf(items, before)] === 1 && lastOf(items, before + 1) === BY;
}
