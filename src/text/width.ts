/** Characters that are drawn over the one before. */
const NARROW = /^(?:[\p{Mn}\p{Me}\u1161-\u11ff\ud7b0-\ud7fb])$/u;

/** Characters that take two columns: East Asian ones that are wide or full-width, and emoji. */
const WIDE =
  /^(?:[\p{Emoji_Presentation}\u1100-\u115e\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}])$/u;

const PLAIN = /^[ -~]*$/;

/** How many columns of a terminal a printable text takes, as the terminals of today reckon. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The beginning of a printable text that has room on so many columns. */
export function headOf(text: string, columns: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, columns));
  let [head, left] = ["", columns];
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    head += character;
  }
  return head;
}
