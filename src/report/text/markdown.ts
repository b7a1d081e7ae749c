import { printable } from "../../text/control.ts";

/** What Markdown, its tables and its links are made of, and HTML within it. */
const MARKUP = /[\\`*_{}[\]()<>#+!|~:&$^"'@=]/g;

/** By entity where a backslash would not do: in a table, or where an entity of HTML begins. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["|", "&#124;"],
  ["\\", "&#92;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
  ["`", "&#96;"],
  ["@", "&#64;"],
]);

/** A text as Markdown that shows just this text, on one line. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(MARKUP, (character) => ENTITIES.get(character) ?? `\\${character}`)
    // Renderers make links of these by themselves.
    .replace(/www\./gi, (found) => `${found.slice(0, 3)}&#46;`);
}

/** A table; the cells are texts, and all but the first columns are aligned to the right. */
export function markdownTable(
  headings: readonly { readonly text: string; readonly isNumber: boolean }[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(" | ")} |`;
  return [
    line(headings.map(({ text }) => text)),
    `| ${headings.map(({ isNumber }) => isNumber ? "---:" : "---").join(" | ")} |`,
    ...rows.map(line),
  ];
}
