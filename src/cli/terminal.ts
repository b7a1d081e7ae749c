import { printable } from "../text/control.ts";
import type { Terminal } from "./invocation.ts";

/** The process's own. */
export const terminal: Terminal = {
  environment: (name) => Deno.env.get(name),
  print: (...lines) => write(Deno.stdout, lines),
  warn: (...lines) => write(Deno.stderr, lines),
};

/**
 * Lines as they are written: the one way out for texts, since names in them are chosen by clients and
 * servers. Whatever is in a line stays on it, and nothing in it acts on the terminal.
 */
export function textOf(lines: readonly string[]): string {
  return `${lines.map(printable).join("\n")}\n`;
}

function write(stream: { writeSync(bytes: Uint8Array): number }, lines: readonly string[]): void {
  const bytes = new TextEncoder().encode(textOf(lines));
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}
