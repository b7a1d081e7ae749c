import type { Clock } from "../../../clock.ts";
import { mysqlTarget } from "../../../mysql/mod.ts";
import type { Group, Member } from "../../../shards/members/member.ts";
import { GroupMetrics, type GroupSnapshot } from "../../../shards/policy/mod.ts";

/** Reads a group of shards, which may be another one at each look. */
export function lookAt(configured: Group, clock: Clock): {
  look(group: Group): Promise<GroupSnapshot>;
  /** The servers that were added. Throws DatabaseError. */
  members(): Promise<readonly Member[]>;
  end(): Promise<void>;
} {
  let current = configured;
  const metrics = new GroupMetrics({
    clock,
    group: () => current,
    target: (database) => mysqlTarget(database, { clock, armed: false }),
  });
  return {
    look(group) {
      current = group;
      return metrics.look();
    },
    members: () => metrics.members(),
    end: () => metrics.close(),
  };
}
