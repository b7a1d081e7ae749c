import { helpText } from "./help.ts";
import type { Terminal } from "./invocation.ts";
import { parseCommandLine } from "./parse.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Runs the program. Returns its exit code; whatever is wrong is told on standard error in words. */
export async function main(args: readonly string[]): Promise<number> {
  let command = "";
  try {
    const parsed = parseCommandLine(args);
    if (parsed.kind === "command") {
      command = parsed.command.name;
      const run = await parsed.command.load();
      return await run(parsed.invocation, terminal);
    }
    terminal.print(parsed.kind === "version" ? `query-sniper ${VERSION}` : helpText(parsed.command));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const helped = `query-sniper ${error.command ?? command}`.trimEnd();
    terminal.warn(`query-sniper: ${error.message}\nRun ${helped} --help for more.`);
    return 2;
  }
}

const terminal: Terminal = {
  environment: (name) => Deno.env.get(name),
  print: (text) => writeAll(Deno.stdout, text),
  warn: (text) => writeAll(Deno.stderr, text),
};

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}
