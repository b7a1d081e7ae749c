import { quoted } from "../text/nearest.ts";
import { messageOf } from "../text/message.ts";

/** The journal cannot be read or written, in words. Where it cannot be written there is no kill. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** Why a journal cannot be used: this program's own words, or those of SQLite or the system in quotes. */
export function failureOf(error: unknown): string {
  if (error instanceof JournalError) return error.message;
  return quoted(messageOf(error));
}

/** Whether another program is writing, which passes: the connection is as good as before. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && /^database (table )?is locked/.test(error.message);
}
