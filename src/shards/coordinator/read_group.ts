import type { Clock } from "../../clock.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { type Group, groupWith } from "../members/member.ts";
import { withMetadata } from "../move/group.ts";
import { movesIn } from "../move/mod.ts";
import { readMap } from "../router/open_router.ts";
import { RouterProblem } from "../router/problem.ts";
import { lastChanges } from "./change_journal.ts";
import type { Coordinator } from "./coordinator.ts";
import { GroupBoard } from "./group_board.ts";
import { type GroupRecord, type GroupState, groupState } from "./group_state.ts";
import type { GroupWatch } from "./group_watch.ts";

/** How many moves and changes are read: the one that is under way, and some that have ended. */
const READ = 20;

/** What the state of a group is made of. */
export interface GroupReaderOptions {
  /** As it is configured. */
  readonly group: Group;
  readonly coordinator: Pick<Coordinator, "role" | "current" | "waitsFor">;
  readonly watch: Pick<GroupWatch, "snapshot" | "gates" | "problem">;
  readonly clock: Clock;
  /** Of this program: a page of another one loads itself anew. */
  readonly version: string;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
}

/** What reads the state of a group for its page. It answers also while the metadata do not. */
export function groupReader(options: GroupReaderOptions): () => Promise<GroupState> {
  const { clock, coordinator, watch, group, version, paused } = options;
  const { schema, mode, growth, shards } = group.sharding;
  const board = new GroupBoard({ clock, read: () => recordOf(options), reasonOf });
  return async () => {
    const { record, at: recordAt, problem: recordProblem } = await board.entry();
    const reason = await paused();
    return groupState({
      ...{ version, schema, mode, shards, policies: growth.policies.length },
      ...{ record, recordAt, recordProblem, interval: growth.metrics.interval, paused: reason },
      ...{ role: coordinator.role, current: coordinator.current, waitsFor: coordinator.waitsFor },
      ...{ snapshot: watch.snapshot, gates: watch.gates, lookProblem: watch.problem },
      ...{ now: clock.now(), wall: clock.wall() },
    });
  };
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof RouterProblem || error instanceof DatabaseError ? error.message : undefined;
}

async function recordOf({ group }: GroupReaderOptions): Promise<GroupRecord> {
  const { sharding, databases } = group;
  const map = await readMap(sharding, databases.find(({ name }) => name === sharding.metadata)!);
  return await withMetadata(group, async (metadata) => ({
    ...{ map, members: map.members, shards: groupWith(map.members, group).sharding.shards },
    moves: await movesIn(metadata, { limit: READ }),
    changes: await lastChanges(metadata, READ),
  }));
}
