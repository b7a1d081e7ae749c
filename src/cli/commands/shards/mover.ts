import { moveHurts } from "../../../app/move_hurts.ts";
import { systemClock } from "../../../clock.ts";
import type { Group } from "../../../shards/members/member.ts";
import { type MoveEnd, type MoveNews, readMoves, runMove } from "../../../shards/move/mod.ts";

/** How moves are run, and who is told. */
export interface MoverOptions {
  readonly signal: AbortSignal;
  /** Why nothing may be changed now; undefined: it may. */
  paused(): Promise<string | undefined>;
  tellMove(news: MoveNews): void;
}

/** Runs moves: they rest while a shard hurts, and while changes are paused. What it returns throws as `runMove`. */
export function mover(
  { tellMove, signal, paused }: MoverOptions,
): (group: Group, id: string) => Promise<MoveEnd> {
  return async (group, id) => {
    const move = (await readMoves(group, { active: true })).find((each) => each.id === id);
    const shards = group.databases.filter(({ name }) => name === move?.from || name === move?.to);
    const { pauseWhen } = group.sharding.move;
    await using asked = moveHurts(shards, { pauseWhen, clock: systemClock });
    return await runMove(group, id, {
      clock: systemClock,
      signal,
      tell: tellMove,
      hurts: async () => {
        const reason = await paused();
        return reason === undefined ? await asked.hurts() : `changes are paused: ${reason}`;
      },
    });
  };
}
