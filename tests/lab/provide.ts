// deno run --allow-all tests/lab/provide.ts: makes sure that there is a server for tests and demonstrations.

import { fileURLToPath } from "node:url";
import { findPrograms, NoServerError } from "./discover.ts";

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

if (import.meta.main) {
  try {
    await provide();
  } catch (error) {
    if (!(error instanceof NoServerError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(1);
  }
}
