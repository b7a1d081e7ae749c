import type { Row } from "../connection/mod.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { STATEMENTS } from "./statement.ts";
import { numberOf, placeOf, textOf } from "./value.ts";

/** A client's session on a ProxySQL. */
export interface ProxySession {
  readonly id: number;
  readonly user: string;
  /** Where the client is, as `HOST:PORT`. */
  readonly client: string;
  readonly command: string;
  /** Since when it runs its statement, or is idle, in milliseconds; undefined where that is not told. */
  readonly time: number | undefined;
  /** Whether it is in a transaction; undefined where that is not known. */
  readonly transaction: boolean | undefined;
}

/** Reads all sessions, without the text of statements. @throws {AdminError} */
export async function readSessions(admin: Admin): Promise<readonly ProxySession[]> {
  try {
    return (await admin.rows(STATEMENTS.sessions())).flatMap(sessionOf);
  } catch (error) {
    if (!(error instanceof AdminError) || error.kind !== "unknown") throw error;
    return (await admin.rows(STATEMENTS.sessionsPlain())).flatMap(sessionOf);
  }
}

/** Whether a session does nothing for so long, and for sure is in no transaction. */
export function isIdle({ command, time, transaction }: ProxySession, forMs: number): boolean {
  return command === "Sleep" && time !== undefined && time >= forMs && transaction === false;
}

function sessionOf(row: Row): readonly ProxySession[] {
  const id = numberOf(row["id"]);
  if (id === undefined) return [];
  return [{
    id,
    user: textOf(row["user"]),
    client: placeOf(row["cli_host"], row["cli_port"]),
    command: textOf(row["command"]),
    time: numberOf(row["time_ms"]),
    transaction: transactionOf(row),
  }];
}

/**
 * With mysql-show_processlist_extended ProxySQL says it. Else only this is sure: who is in a transaction holds a connection
 * to a backend, so who holds none is in none.
 */
function transactionOf({ extended_info, srv_host }: Row): boolean | undefined {
  const active = activeOf(textOf(extended_info));
  if (active !== undefined) return active > 0;
  return srv_host === null || srv_host === "" ? false : undefined;
}

function activeOf(info: string): number | undefined {
  if (info === "") return undefined;
  try {
    const { active_transactions: active } = JSON.parse(info) as { readonly active_transactions?: unknown };
    return typeof active === "number" && Number.isInteger(active) && active >= 0 ? active : undefined;
  } catch {
    return undefined;
  }
}
