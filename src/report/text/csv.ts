import { printable } from "../../text/control.ts";

/**
 * What makes a spreadsheet take a text for a formula: also in full width, and behind a semicolon, where that parts cells as in
 * half of Europe.
 */
const FORMULA = /(^|;\s*)(?=[=+\-@\t\r\n＝＋－＠])/g;

/** A line of CSV (RFC 4180, without its end). What a spreadsheet would calculate begins with a quotation mark. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return cells.map(cell).join(",");
}

function cell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = printable(value.replace(FORMULA, "$1'"));
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
