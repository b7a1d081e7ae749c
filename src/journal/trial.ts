import { dirname } from "node:path";
import { ioReason } from "../yaml/mod.ts";
import { Journal } from "./store.ts";

/**
 * Why a journal could not be written by this process, in words of the system or of SQLite; undefined where it could. A file
 * that is not there yet is not made: whoever tries may be another user than the one who is to write it.
 */
export async function journalProblem(file: string): Promise<string | undefined> {
  if (!await exists(file)) return await folderProblem(dirname(file));
  let failure: string | undefined;
  const journal = new Journal(file, (told) => failure = told);
  try {
    return journal.isUsable() ? undefined : failure;
  } finally {
    journal.close();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await Deno.stat(file);
    return true;
  } catch (error) {
    // One that cannot be seen is tried, which tells why.
    return !(error instanceof Deno.errors.NotFound);
  }
}

async function folderProblem(folder: string): Promise<string | undefined> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".query-sniper-" }));
  } catch (error) {
    return `its folder cannot be written to: ${ioReason(error)}`;
  }
}
