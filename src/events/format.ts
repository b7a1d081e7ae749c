import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import { printable } from "../text/control.ts";

/** An event as one line of JSON: time, level and name come first. `at` is in milliseconds since 1970. */
export function jsonLine(
  { at, level, event }: { readonly at: number; readonly level: string; readonly event: object },
): string {
  return printable(JSON.stringify({ at: new Date(at).toISOString(), level, ...event }));
}

/** A line for people. */
export interface PrettyLine {
  readonly at: number;
  readonly level: string;
  readonly event: string;
  readonly text: string;
}

const NAME_WIDTH = 11;

/** `12:00:00.123 warning kill  …`, in color where the reader's terminal has it. */
export function prettyLine({ at, level, event, text }: PrettyLine, color: boolean): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const paint = color ? COLORS[level] ?? cyan : String;
  const [faint, strong] = color ? [dim, bold] : [String, String];
  return `${faint(time)} ${paint(level.padEnd(7))} ${strong(event.padEnd(NAME_WIDTH))} ${printable(text)}`;
}

const COLORS: Readonly<Record<string, (text: string) => string>> = {
  debug: dim,
  info: green,
  warning: yellow,
  error: red,
};
