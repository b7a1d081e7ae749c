import { moveHurts } from "../../../app/move_hurts.ts";
import { type Clock, systemClock } from "../../../clock.ts";
import type { ChangeRun, CoordinatorNews, CoordinatorOptions } from "../../../shards/coordinator/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import { type MoveNews, prepareShard, readMoves, runMove } from "../../../shards/move/mod.ts";
import { provisionerOf } from "../../../shards/provision/mod.ts";

/** Who carries out changes, and who is told. */
export interface Carrying {
  /** As it is configured. */
  readonly group: Group;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
  tell(news: CoordinatorNews): void;
  tellMove(news: MoveNews): void;
}

/** What a coordinator needs, made of what the program has. */
export function coordinatorOptions(carrying: Carrying): CoordinatorOptions {
  const { provision } = carrying.group.sharding;
  return {
    ...carrying,
    ...provision && { provisioner: provisionerOf(provision) },
    newId: () => crypto.randomUUID().replaceAll("-", ""),
    prepare: prepareShard,
    move: mover(carrying),
  };
}

/** Runs a move as `shards move` does; it rests while changes are paused, too. */
function mover(
  { tellMove, signal, paused }: Pick<Carrying, "tellMove" | "signal" | "paused">,
): ChangeRun["move"] {
  return async ({ sharding, databases }, id) => {
    const move = (await readMoves({ sharding, databases })).find((each) => each.id === id);
    const shards = databases.filter(({ name }) => name === move?.from || name === move?.to);
    await using asked = moveHurts(shards, { pauseWhen: sharding.move.pauseWhen, clock: systemClock });
    return await runMove({ sharding, databases }, id, {
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
