import type { Command, Terminal } from "./command.ts";
import { helpText } from "./help.ts";
import { parseCommandLine, UsageError } from "./parse.ts";
import { VERSION } from "./version.ts";

/** Runs the program. Returns its exit code; whatever is wrong is told on standard error in words. */
export async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined;
  try {
    const parsed = parseCommandLine(args);
    if (parsed.kind === "command") {
      command = parsed.command;
      const run = await command.load();
      return await run(parsed.invocation, terminal);
    }
    terminal.print(parsed.kind === "version" ? `query-sniper ${VERSION}` : helpText(parsed.command));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { name } = error.command ?? command ?? { name: "" };
    terminal.warn(
      `query-sniper: ${error.message}\nRun query-sniper ${`${name} `.trimStart()}--help for more.`,
    );
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
