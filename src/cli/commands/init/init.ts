import { join } from "node:path";
import { ioReason } from "../../../yaml/mod.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import { EXAMPLES } from "./example.ts";
import type { Run } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper init`. */
export const init: Run = async ({ arguments: [folder = ".", ...rest] }, terminal) => {
  if (rest.length > 0) throw new UsageError(`init takes one folder: ${quoted(rest[0]!)}`);
  const files = EXAMPLES.map((example) => ({ ...example, file: join(folder, example.name) }));
  const there = (await Promise.all(files.map(async ({ file }) => await exists(file) ? [file] : []))).flat();
  if (there.length > 0) {
    terminal.warn(
      `query-sniper: nothing was written, this is there already: ${there.map(quoted).join(", ")}`,
    );
    return 1;
  }
  const written: string[] = [];
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { file, text, mode } of files) {
      await writeNew(file, text, mode);
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await Deno.remove(file);
    terminal.warn(`query-sniper: nothing was written, cannot write to ${quoted(folder)}: ${ioReason(error)}`);
    return 1;
  }
  terminal.print(...nextSteps(files.map(({ file }) => file)));
  return 0;
};

/** Writes a new file, never over an existing one. Its mode, less the umask, holds from the moment it exists. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  // Deno.writeTextFile() would set the mode afterwards and ignore the umask.
  using opened = await Deno.open(file, { write: true, createNew: true, mode });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await opened.write(bytes.subarray(at));
}

/** Whether anything has this name, even a broken link. */
async function exists(file: string): Promise<boolean> {
  try {
    await Deno.lstat(file);
    return true;
  } catch {
    return false;
  }
}

/** A path, quoted if the shell needs it. */
function shellWord(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${printable(path).replaceAll("'", "'\\''")}'`;
}

function nextSteps(files: readonly string[]): readonly string[] {
  const [config, credentials, tests] = files.map(shellWord) as [string, string, string];
  const steps = [
    [`query-sniper validate-config ${config}`, "is it right?"],
    [`query-sniper test ${tests}`, "do the policies kill what they should?"],
    [`query-sniper grants -c ${config}`, "what the account needs on the server"],
    [`query-sniper check -c ${config}`, "what could and could not be done there"],
    [`query-sniper explain -c ${config}`, "what they would kill now, and why"],
    [`query-sniper run -c ${config}`, "a dry run: nothing is killed yet"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    `Wrote ${config}, ${tests}, and ${credentials}, which only you may read.`,
    "Put the address of a server into the first, the password of an account into the last. Then type:",
    "",
    ...steps.map(([command, why]) => `  ${command.padEnd(width)}   # ${why}`),
  ];
}
