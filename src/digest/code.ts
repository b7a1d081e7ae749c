/**
 * The pieces of digest texts by number, since numbers are compared, and looked up, faster than strings. Those that are
 * no words come first, and have the same place everywhere: none; a name that stands in the statement as it is shown, and
 * one with a text of its own; a literal and a list of them; a row of them, and a list of rows; what the next piece
 * follows without a space. Then come words: a hint, which has a text of its own, keywords under the name that MySQL
 * prints, and operators.
 */
const FIXED = [
  ...["", "`name`", "`other name`"],
  ...["?", "?, ..."],
  ...["(?)", "(...)", "(?) /* , ... */", "(...) /* , ... */"],
  ...["@", "@@"],
  "/*+ hint */",
];

/** There are fewer codes. */
const MAX_CODES = 4096;

/** The characters of all texts, one behind the other, in ASCII; and where that of a code begins, and the next one. */
export const LETTERS = new Uint8Array(2 ** 16);
export const OFFSETS = new Uint16Array(MAX_CODES + 1);

const WORDS: string[] = [];
const CODES = new Map<string, number>();
for (const text of FIXED) add(text);

/** The code of a piece: a new one for a new text. There must be few of those. */
export function codeOf(text: string): number {
  return CODES.get(text) ?? add(text);
}

function add(text: string): number {
  const code = CODES.size;
  const start = OFFSETS[code]!;
  for (let index = 0; index < text.length; index++) LETTERS[start + index] = text.charCodeAt(index);
  OFFSETS[code + 1] = start + text.length;
  CODES.set(text, code);
  WORDS.push(text);
  return code;
}

/** The text of a code. */
export function wordOf(code: number): string {
  return WORDS[code] ?? "";
}

/** By code: 1 for these words, which stand between white space. */
export function codeSet(words: string): Uint8Array {
  const set = new Uint8Array(MAX_CODES);
  for (const word of words.split(/\s+/)) set[codeOf(word)] = 1;
  return set;
}
