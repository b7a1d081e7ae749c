import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";
import { OutputError } from "./output.ts";
import { parseCommandLine } from "./parse.ts";
import { terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Runs the program. Returns its exit code; errors are printed to standard error in words. */
export async function main(args: readonly string[]): Promise<number> {
  let command = "";
  try {
    const parsed = parseCommandLine(args);
    if (parsed.kind === "command") {
      command = parsed.command.name;
      const run = await parsed.command.load();
      return await run(parsed.invocation, terminal);
    }
    terminal.print(...parsed.kind === "version" ? [`query-sniper ${VERSION}`] : helpText(parsed.command));
    return 0;
  } catch (error) {
    if (error instanceof OutputError) return await outputFailed(error);
    if (!(error instanceof UsageError)) throw error;
    const helped = `query-sniper ${error.command ?? command}`.trimEnd();
    terminal.warn(`query-sniper: ${error.message}`, `Run ${helped} --help for more.`);
    return 2;
  }
}

function helpText(command: Command | undefined): readonly string[] {
  return command === undefined ? programHelp(COMMANDS) : commandHelp(command);
}

/** Whoever reads may have read enough, like `head`: that is no failure. */
async function outputFailed({ message, cause }: OutputError): Promise<number> {
  if (cause instanceof Deno.errors.BrokenPipe) return 0;
  const { ioReason } = await import("../yaml/mod.ts");
  try {
    terminal.warn(`query-sniper: ${message}: ${ioReason(cause)}`);
  } catch (error) {
    // It was standard error that cannot be written to, too.
    if (!(error instanceof OutputError)) throw error;
  }
  return 1;
}
