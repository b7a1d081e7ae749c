/** The maximum width of a line for people. */
const LINE_WIDTH = 100;
/** The first column pushes the others to the right only up to this width. */
const WIDEST = 32;

/** Formats indented lines of two or more columns. The last column is wrapped between words. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const count = Math.max(...rows.map((row) => row.length)) - 1;
  const widths = Array.from(
    { length: count },
    (_, column) => Math.min(WIDEST, Math.max(...rows.map((row) => row[column]!.length))),
  );
  const indent = widths.reduce((sum, width) => sum + width + 2, 2);
  return rows.flatMap((row) => {
    const left = row.slice(0, count).map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
    // A cell that is wider than its column takes the room of the text.
    const lines = wrap(row[count]!.split(" "), LINE_WIDTH - Math.max(indent, left.length + 4));
    return lines.map((line, at) => `${(at === 0 ? `  ${left}  ` : "").padEnd(indent)}${line}`);
  });
}

/** Wraps a text, or a list of words, into lines that begin with `prefix`. */
export function paragraph(text: string | readonly string[], prefix = ""): readonly string[] {
  const words = typeof text === "string" ? text.split(" ") : text;
  return wrap(words, LINE_WIDTH - prefix.length).map((line) => `${prefix}${line}`);
}

/** Joins words into lines no longer than `width`, unless a single word is longer. */
function wrap(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
