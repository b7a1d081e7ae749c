/**
 * Characters that are not seen but act on whoever prints them: control and format characters (those that
 * turn the direction of writing included), line and paragraph separators, halves of surrogate pairs, and what
 * has no width.
 */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** What most texts are made of: nothing of it is escaped, and that is found out sooner. */
const PLAIN = /^[ -~]*$/;

const ESCAPES: ReadonlyMap<string, string> = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

/**
 * A text as it may be shown: on one line, and what would not be seen is escaped. Nothing is escaped twice,
 * and JSON stays what it says.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(
    CONTROL,
    (character) => ESCAPES.get(character) ?? character.split("").map(escape).join(""),
  );
}
