/**
 * Characters that are invisible but can affect a terminal or a log: control and format characters (including those
 * that reverse the writing direction), line and paragraph separators, unpaired surrogates, and characters without
 * width.
 */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Plain ASCII, which most texts are. A fast check, since nothing in it has to be escaped. */
const PLAIN = /^[ -~]*$/;

const ESCAPES: ReadonlyMap<string, string> = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

/**
 * Makes a text safe to print: on one line, with invisible characters escaped. Escapes are not escaped again, and
 * JSON keeps its meaning.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(
    CONTROL,
    (character) => ESCAPES.get(character) ?? character.split("").map(escape).join(""),
  );
}
