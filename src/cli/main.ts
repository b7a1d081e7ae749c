import { helpText } from "./help.ts";
import { parseCommandLine } from "./parse.ts";
import { terminal } from "./terminal.ts";
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
    const isVersion = parsed.kind === "version";
    terminal.print(...isVersion ? [`query-sniper ${VERSION}`] : helpText(parsed.command));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const helped = `query-sniper ${error.command ?? command}`.trimEnd();
    terminal.warn(`query-sniper: ${error.message}`, `Run ${helped} --help for more.`);
    return 2;
  }
}
