import { printable } from "../../text/control.ts";

/** HTML as it is printed. Made by {@linkcode markup}, or of a text of this program's own. */
export class Markup {
  readonly text: string;

  /** @param text Never a text from data: that goes through {@linkcode markup}. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. */
export type Part = Markup | string | number | readonly Part[];

/**
 * A template of HTML, SVG included. Every text in it is escaped, also in attributes, which have to be in double quotes; what
 * would not be seen is shown as an escape.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, at) => `${text}${at < parts.length ? written(parts[at]!) : ""}`).join(""),
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function written(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return printable(String(part)).replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** Parts with something between them. */
export function joined(parts: readonly Part[], between: string): Part {
  return parts.flatMap((part, at) => at === 0 ? [part] : [between, part]);
}
