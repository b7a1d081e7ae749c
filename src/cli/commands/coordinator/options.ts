import type { Clock } from "../../../clock.ts";
import type { CoordinatorNews, CoordinatorOptions } from "../../../shards/coordinator/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import { type MoveNews, prepareShard } from "../../../shards/move/mod.ts";
import { provisionerOf } from "../../../shards/provision/mod.ts";
import { mover } from "../shards/mover.ts";

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
