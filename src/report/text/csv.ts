import { printable } from "../../text/control.ts";

/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A line of CSV (RFC 4180, without its end). A text that a spreadsheet would calculate begins with a quotation mark there. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return cells.map(cell).join(",");
}

function cell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = printable(FORMULA.test(value) ? `'${value}` : value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
