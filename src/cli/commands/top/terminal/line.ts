import { printable } from "../../../../text/control.ts";
import { headOf, textWidth } from "../../../../text/width.ts";

/** How a part of a line looks. Whoever sees no colors loses nothing: whatever it says is in the text, too. */
export type Style = "bold" | "dim" | "bad" | "warning" | "good" | "chosen";

/** A part of a line, of one style. */
export interface Part {
  readonly text: string;
  readonly style?: Style;
}

/** A line of the screen. */
export type Line = readonly Part[];

const SGR: Readonly<Record<Style, string>> = {
  bold: "1",
  dim: "2",
  bad: "1;31",
  warning: "33",
  good: "32",
  chosen: "7",
};

/** A line of one part. */
export function line(text: string, style?: Style): Line {
  return [style === undefined ? { text } : { text, style }];
}

/** A line with another style for all of its parts. */
export function restyled(parts: Line, style: Style): Line {
  return parts.map(({ text }) => ({ text, style }));
}

/** Its text, without styles. */
export function textOf(parts: Line): string {
  return parts.map(({ text }) => text).join("");
}

/** How many columns a text takes, once its control characters are escaped. */
export function widthOf(text: string): number {
  return textWidth(printable(text));
}

/** A text on at most `width` columns; `…` stands for what is left out. Its control characters are escaped. */
export function cut(text: string, width: number): string {
  const shown = printable(text);
  if (textWidth(shown) <= width) return shown;
  return width < 1 ? "" : `${headOf(shown, width - 1)}…`;
}

/** A text on exactly `width` columns. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = cut(text, width);
  const rest = " ".repeat(Math.max(0, width - textWidth(shown)));
  return align === "left" ? shown + rest : rest + shown;
}

/** A line for the terminal: cut to its width, with its styles as escape sequences, if it shall have any. */
export function painted(
  parts: Line,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  let [left, text] = [width, ""];
  for (const part of parts) {
    const shown = cut(part.text, left);
    left -= textWidth(shown);
    text += color && part.style !== undefined ? `\x1b[${SGR[part.style]}m${shown}\x1b[0m` : shown;
    if (left <= 0) break;
  }
  return text;
}

/** A text on lines of at most `width` columns, broken between words where that is possible. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let last = "";
  for (const word of printable(text).split(" ")) {
    const longer = last === "" ? word : `${last} ${word}`;
    if (textWidth(longer) <= width) {
      last = longer;
      continue;
    }
    if (last !== "") lines.push(last);
    last = word;
  }
  return [...lines, last];
}
