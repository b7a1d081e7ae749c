import { type Group, groupWith } from "../members/member.ts";
import { withMetadata } from "../move/group.ts";
import { readMap } from "../router/open_router.ts";
import { addsShard, ChangeError, type ChangeRequest } from "./change.ts";
import { checkChange } from "./change_check.ts";
import { type Candidate, chooseServer } from "./claim.ts";
import { FailedError, plannedTransfers } from "./planned.ts";
import type { SlotTransfer } from "./slot_choice.ts";

/** What a change would do now. */
export interface RehearsedChange {
  /** Absent: no server is added. */
  readonly server?: Candidate;
  readonly transfers: readonly SlotTransfer[];
}

/**
 * Says what a change would do now, and writes nothing.
 * @throws {ChangeError} It would be refused.
 * @throws {RouterProblem} The map cannot be read.
 * @throws {DatabaseError}
 */
export async function rehearseChange(configured: Group, request: ChangeRequest): Promise<RehearsedChange> {
  const { sharding, databases } = configured;
  await withMetadata(configured, (metadata) => checkChange(metadata, request, configured));
  const map = await readMap(sharding, databases.find(({ name }) => name === sharding.metadata)!);
  const { members } = map;
  const names = databases.map(({ name }) => name);
  const server = addsShard(request.action)
    ? chooseServer({ sharding, databases: names, members, owners: [...new Set(map.owners)] }, request.shard)
    : undefined;
  const asked = { ...request, ...server && { shard: server.shard } };
  try {
    const transfers = await plannedTransfers(asked, { group: groupWith(members, configured), map, members });
    return { ...server && { server }, transfers };
  } catch (error) {
    if (error instanceof FailedError) throw new ChangeError("refused", error.message);
    throw error;
  }
}
