import { STATEMENTS } from "../../proxysql/mod.ts";

/**
 * Whether the record of acts says that ProxySQL was paused, or was about to be.
 * @param since In milliseconds since 1970.
 * @throws {Error} The record cannot be read.
 */
export async function wasPausedSince(acts: string, since: number): Promise<boolean> {
  // A record that has become long was put aside.
  for (const file of [acts, `${acts}.1`]) {
    if ((await textOf(file)).split("\n").some((line) => isPause(line, since))) return true;
  }
  return false;
}

async function textOf(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function isPause(line: string, since: number): boolean {
  const statement: string = STATEMENTS.pause();
  if (!line.includes(statement)) return false;
  const at = Date.parse(/"at":"([^"]{10,30})"/.exec(line)?.[1] ?? "");
  // A line whose time cannot be read may be of any time.
  return Number.isNaN(at) || at >= since;
}
