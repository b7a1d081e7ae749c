// deno run --allow-all tests/lab/provide.ts [COMMAND]: makes sure that there is a server for tests and demonstrations,
// and runs the command.

import { fileURLToPath } from "node:url";
import { findPrograms, FLAVORS, missingMessage, NoServerError } from "./discover.ts";

const FETCH = fileURLToPath(new URL("./fetch", import.meta.url));

/**
 * Gets a MariaDB where there is no server at all, and says on the standard error what it does. Throws what to install
 * where none can be had.
 */
export async function provide(): Promise<void> {
  if ((await findPrograms()).length > 0) return;
  // Its words go to the standard error: the standard output is for what was asked for.
  const script = 'exec bash "$0" mariadb >&2';
  const { success } = await new Deno.Command("sh", { args: ["-c", script, FETCH], stdin: "null" }).spawn()
    .status;
  if (!success || (await findPrograms()).length === 0) throw new NoServerError();
}

/** Runs a command, and names at its end which servers it had to do without: `deno test --quiet` drops what tests say. */
async function runWith([command = "", ...args]: readonly string[]): Promise<number> {
  const file = command === "deno" ? Deno.execPath() : command;
  const { code } = await new Deno.Command(file, { args }).spawn().status;
  const known = await findPrograms();
  for (const flavor of FLAVORS) {
    if (!known.some((program) => program.flavor === flavor)) complain(`\n*** ${missingMessage(flavor)}`);
  }
  return code;
}

function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  try {
    await provide();
    if (Deno.args.length > 0) Deno.exit(await runWith(Deno.args));
  } catch (error) {
    if (!(error instanceof NoServerError)) throw error;
    complain(error.message);
    Deno.exit(1);
  }
}
