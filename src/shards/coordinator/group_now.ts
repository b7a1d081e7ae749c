import { type Group, groupWith, readMembers } from "../members/member.ts";
import type { Session } from "../move/session.ts";

/** The group with the servers that were added to it. Throws DatabaseError. */
export async function groupNow(configured: Group, metadata: Session): Promise<Group> {
  return groupWith(await readMembers(metadata.connection), configured);
}
