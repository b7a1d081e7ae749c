import type { Group, Member } from "../members/member.ts";
import type { SlotMap } from "../slots/slot_map.ts";
import type { Change } from "./change.ts";
import { readLoads } from "./loads.ts";
import {
  drainTransfers,
  evenTransfers,
  joinTransfers,
  type SlotTransfer,
  splitTransfers,
} from "./slot_choice.ts";

/** A change that cannot be carried out; the journal tells why. */
export class FailedError extends Error {
  override readonly name = "FailedError";
}

/**
 * The moves that a change is made of, by the rows that are counted now.
 * @throws {FailedError} It is not possible.
 * @throws {DatabaseError} Rows cannot be counted: then it is not known what to move.
 */
export async function plannedTransfers(
  { action, source, shard }: Pick<Change, "action" | "source" | "shard">,
  { group, map, members }: {
    readonly group: Group;
    readonly map: SlotMap;
    readonly members: readonly Member[];
  },
): Promise<readonly SlotTransfer[]> {
  const isDrained = (name: string) =>
    members.some((member) => member.shard === name && member.state === "drained");
  const shards = group.sharding.shards.filter((name) => !isDrained(name));
  const loads = await readLoads(group, map, action === "split" ? [source!] : [...new Set(map.owners)]);
  if (action === "split") return splitTransfers(source!, shard!, loads);
  if (action === "add shard") return joinTransfers(shard!, shards, loads);
  if (action === "rebalance") return evenTransfers(shards, loads);
  const others = shards.filter((name) => name !== source);
  if (others.length === 0) throw new FailedError(`no other shard can take the slots of ${source}`);
  return drainTransfers(source!, others, loads);
}
