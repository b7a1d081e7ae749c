import { DatabaseError } from "../../../connection/mod.ts";
import { type Group, groupWith, readMembers } from "../../../shards/members/member.ts";
import { withMetadata } from "../../../shards/move/group.ts";

/** The group with the servers that were added to it; as configured where that cannot be read, which tasks tell themselves. */
export async function wholeGroup(configured: Group): Promise<Group> {
  try {
    return groupWith(
      await withMetadata(configured, (metadata) => readMembers(metadata.connection)),
      configured,
    );
  } catch (error) {
    if (error instanceof DatabaseError) return configured;
    throw error;
  }
}
