import { printable } from "../text/control.ts";
import type { Terminal } from "./invocation.ts";
import { OutputError } from "./output.ts";

/** The process's own. */
export const terminal: Terminal = {
  environment: (name) => Deno.env.get(name),
  print: (...lines) => write(Deno.stdout, lines),
  warn: (...lines) => write(Deno.stderr, lines),
};

/**
 * Prints lines. All texts go out through here, since they contain names chosen by clients and servers. Control
 * characters are escaped, so that a line stays one line and cannot control the terminal.
 */
export function textOf(lines: readonly string[]): string {
  return `${lines.map(printable).join("\n")}\n`;
}

function write(stream: { writeSync(bytes: Uint8Array): number }, lines: readonly string[]): void {
  const bytes = new TextEncoder().encode(textOf(lines));
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (cause) {
    throw new OutputError("the output cannot be written", { cause });
  }
}
