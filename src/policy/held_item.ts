import type { Policy } from "./policy.ts";
import { isUnknown, type Readings, type Unknown } from "../language/mod.ts";
import type { Domain } from "./domain.ts";
import type { Session } from "./snapshot.ts";

/** Something an idle connection holds, or may hold. */
export interface HeldItem {
  /** By its name in the policy language. */
  readonly hold: string;
  readonly value: true | Unknown;
}

/**
 * What an idle connection holds, or may hold, that the policy does not name. If the server does not show such locks
 * at all, the result is nothing, and the connection is treated as if it held nothing. A policy that selects by who
 * is kept waiting implicitly names whatever keeps them waiting.
 */
export function heldBy(
  session: Session,
  { where: { needs } }: { readonly where: Pick<Policy["where"], "needs"> },
  { holds }: Pick<Domain, "holds">,
): readonly HeldItem[] {
  if (session.holds_shown === false || isNamedBlocker(session, needs)) return [];
  const readings: Readings = session;
  return holds.flatMap((hold) => {
    const value = readings[hold];
    if (value === false || (value === true && needs.includes(hold))) return [];
    return [{ hold, value: value === true || isUnknown(value) ? value : { unknown: "not read" } }];
  });
}

function isNamedBlocker({ blocking = 0, blocks_replication }: Session, needs: readonly string[]): boolean {
  return needs.includes("blocking") && typeof blocking === "number" && blocking > 0 ||
    needs.includes("blocks_replication") && blocks_replication === true;
}
