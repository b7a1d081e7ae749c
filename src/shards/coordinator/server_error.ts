import { DatabaseError } from "../../connection/mod.ts";
import type { Group } from "../members/member.ts";
import { openSession } from "../move/group.ts";
import { PlacedError } from "../move/session.ts";

/** Whether it makes no sense to ask again: the server refuses what it is asked, and says so. */
export function isFinal({ kind, errno }: DatabaseError): boolean {
  return kind === "denied" || (kind === "statement" && !PASSING.has(errno));
}

/** Lock wait timeout, deadlock, and a statement that took too long, of MySQL and of MariaDB. */
const PASSING: ReadonlySet<number> = new Set([0, 1040, 1203, 1205, 1213, 1317, 1969, 3024]);

/** Whether an error is of this server: preparing one asks others, too. */
export async function isOf(shard: string, error: DatabaseError, group: Group): Promise<boolean> {
  if (error instanceof PlacedError) return error.where === shard;
  try {
    await (await openSession(group, shard)).close();
    return false;
  } catch (failure) {
    // It answers where its schema is not made yet.
    if (failure instanceof DatabaseError) return failure.kind !== "statement" && failure.kind !== "denied";
    throw failure;
  }
}
