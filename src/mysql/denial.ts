import { attempt, type Connection, DatabaseError } from "../connection/mod.ts";
import type { Capabilities } from "./capabilities.ts";
import { lackOf, quotedAccount, termsOf } from "./need.ts";
import { readKillPrivilege } from "./probe_kill.ts";

/** Why a kill was refused. */
export interface Denial {
  readonly reason: string;
  /** The victim's account cannot be killed, so its next statement cannot be killed either. */
  readonly shielded: boolean;
}

/**
 * Finds out why a kill was refused from the current grants: MySQL only says `You are not owner of thread`, both if a
 * privilege is missing and if the victim's account has one. Never fails.
 */
export async function readDenial(
  connection: Connection,
  { gaps, flavor, killProcedures }: Capabilities,
): Promise<Denial> {
  const gap = gaps.find(({ need }) => need === "executions" || need === "kill");
  if (gap !== undefined) return { reason: gap.remedy, shielded: false };
  if (killProcedures !== undefined) {
    return { reason: `that is what ${killProcedures.query} came to`, shielded: false };
  }
  const word = termsOf("kill", flavor).privilege?.word ?? "the privilege";
  try {
    switch (await readKillPrivilege(connection)) {
      case "none": {
        const { remedy } = lackOf("kill", { flavor, account: await currentAccount(connection) });
        return { reason: `this account has ${word} no more: ${remedy}`, shielded: false };
      }
      case "granted":
        return flavor === "mysql"
          ? SHIELDED
          : { reason: `this account has ${word} all the same`, shielded: false };
      case "unknown":
        return { reason: `whether this account has ${word} by a role is not known`, shielded: false };
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { reason: `why is not known, ${error.message}`, shielded: false };
  }
}

/** With CONNECTION_ADMIN there is no other reason (sql_parse.cc, kill_one_thread). */
const SHIELDED: Denial = {
  reason: "the session's account has SYSTEM_USER, which protects it",
  shielded: true,
};

async function currentAccount(connection: Connection): Promise<string> {
  const rows = await attempt(connection, "SELECT CURRENT_USER() AS account");
  const account = rows instanceof DatabaseError ? "" : String(rows[0]?.["account"]);
  const at = account.lastIndexOf("@");
  return quotedAccount(account.slice(0, at), account.slice(at + 1));
}
