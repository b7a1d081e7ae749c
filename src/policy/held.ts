import type { Policy } from "./policy.ts";
import type { Unknown } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";

/** What an idle connection may hold, by the names of the policy language. */
const HOLDS = ["holds_table_lock", "holds_backup_lock", "holds_user_lock", "holds_handler"] as const;

/** What an idle connection holds, or may hold. */
export interface Held {
  readonly hold: typeof HOLDS[number];
  readonly value: true | Unknown;
}

/**
 * What an idle connection holds, or may hold for all that is known, and a policy does not name. Where the server does
 * not show that at all, nothing: it is ended then as if it held nothing. Whoever selects by whom a session keeps
 * waiting names whatever does that.
 */
export function heldBy(session: Session, { where: { needs } }: Policy): readonly Held[] {
  if (session.holds_shown === false || isNamedBlocker(session, needs)) return [];
  return HOLDS.flatMap((hold) => {
    const value = session[hold] ?? { unknown: "not read" };
    return value === false || (value === true && needs.includes(hold)) ? [] : [{ hold, value }];
  });
}

function isNamedBlocker({ blocking = 0, blocks_replication }: Session, needs: readonly string[]): boolean {
  return needs.includes("blocking") && typeof blocking === "number" && blocking > 0 ||
    needs.includes("blocks_replication") && blocks_replication === true;
}
