import { readOriginal, yamlOf } from "../../../shards/import/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Invocation, Terminal } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";

/** `shards import FILE`: prints the configuration that the file of the system before meant. Returns the exit code. */
export async function importConfig(
  { arguments: [, file, more] }: Invocation,
  terminal: Terminal,
): Promise<number> {
  if (file === undefined) throw new UsageError("shards import is told FILE: it is missing", "shards");
  if (more !== undefined) throw new UsageError(`shards import takes nothing more: ${quoted(more)}`, "shards");
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    terminal.warn(`${file}: cannot read the file: ${ioReason(error)}`);
    return 2;
  }
  const { original, findings: { wrong, left } } = readOriginal(text);
  for (const problem of left) terminal.warn(`${file}: warning: left out: ${problem}`);
  for (const problem of wrong) terminal.warn(`${file}: ${problem}`);
  if (original === undefined) return 2;
  terminal.print(...yamlOf(original).trimEnd().split("\n"));
  return 0;
}
