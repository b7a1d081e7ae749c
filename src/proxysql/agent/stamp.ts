import { type Part, PARTS, type Statement, STATEMENTS } from "../statement.ts";
import { numberOf } from "../value.ts";
import { type Send, Stop } from "./hand.ts";
import type { AgentAdmin } from "./options.ts";

const NAMES = Object.keys(PARTS) as readonly Part[];

interface StampOptions {
  readonly admin: Pick<AgentAdmin, "rows">;
  readonly send: Send;
  /** The number of the last server of before: those up to it that the file does not have are removed. Absent: none is. */
  readonly pruneUpTo: number | undefined;
  /** Called for each part that runs. */
  ran(part: Part): void;
}

/** The number of the last server; undefined where there is none. @throws {AdminError} */
export async function lastServer(admin: Pick<AgentAdmin, "rows">): Promise<number | undefined> {
  const [row] = await admin.rows(STATEMENTS.lastServer());
  return numberOf(row?.["last"]);
}

/** All that a stamp may send; parts that the file does not have are left out. */
export function stampStatements({ pruneUpTo }: Pick<StampOptions, "pruneUpTo">): readonly Statement[] {
  return [
    ...NAMES.map(STATEMENTS.loadPart),
    ...pruneUpTo === undefined ? [] : [STATEMENTS.dropServersUpTo(pruneUpTo)],
    ...NAMES.map(STATEMENTS.runPart),
  ];
}

/**
 * Loads the configuration from ProxySQL's file, and makes it run: then its versions are above 1 and its epoch is the newest,
 * so the others copy it. All of the file is loaded before anything runs, so a file that is missing or broken changes nothing
 * that is in force. A part that is not in the file is left alone.
 * @throws {AdminError} @throws {Stop}
 */
export async function stampParts({ admin, send, pruneUpTo, ran }: StampOptions): Promise<readonly Part[]> {
  const loaded: Part[] = [];
  for (const part of NAMES) {
    if ((await send(STATEMENTS.loadPart(part))).affectedRows > 0) loaded.push(part);
  }
  if (loaded.length === 0) throw new Stop("its file has no configuration", { untouched: true });
  if (pruneUpTo !== undefined && loaded.includes("mysql_servers")) {
    await pruneServers({ admin, send }, pruneUpTo);
  }
  for (const part of loaded) {
    await send(STATEMENTS.runPart(part));
    ran(part);
  }
  return loaded;
}

/** Removes the servers that were not loaded: these are numbered anew (INSERT OR REPLACE, read in ProxySQL's source). */
async function pruneServers(
  { admin, send }: Pick<StampOptions, "admin" | "send">,
  last: number,
): Promise<void> {
  const [row] = await admin.rows(STATEMENTS.countServersAfter(last));
  if ((numberOf(row?.["servers"]) ?? 0) === 0) {
    throw new Stop("its file has no servers that would be left after the others are removed");
  }
  await send(STATEMENTS.dropServersUpTo(last));
}
