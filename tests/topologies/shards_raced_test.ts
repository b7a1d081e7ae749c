// A change whose slots somebody else moves, right before it asks for that.

import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import type { Change } from "../../src/shards/coordinator/change.ts";
import type { ChangeRun } from "../../src/shards/coordinator/change_context.ts";
import { moveSlots } from "../../src/shards/coordinator/transfers.ts";
import { openSession } from "../../src/shards/move/group.ts";
import { type GroupAccess, prepareShard, readMoves, requestMove } from "../../src/shards/move/mod.ts";
import { requireFlavors, startShards } from "../lab/mod.ts";
import { startSmall } from "../shards/growing.ts";
import { groupOf, runHere } from "../shards/move_stage.ts";

const [FROM, TO] = ["shard-1", "shard-2"] as const;

/** Runs the moves of a change of these slots, while somebody moves those; what it waited for, and why it failed. */
async function raced(
  group: GroupAccess,
  { id, slots, byHand }: {
    readonly id: string;
    readonly slots: readonly number[];
    readonly byHand: readonly number[];
  },
) {
  const change: Change = {
    ...{ id, action: "rebalance", cause: "test", named: false, step: "moving" },
    ...{ transfers: [{ from: FROM, to: TO, slots }], began: "", changed: "" },
  };
  const session = await openSession(group, FROM);
  let asked: string | undefined;
  const waits: string[] = [];
  try {
    const failure = await moveSlots(
      change,
      {
        group,
        lease: {
          session,
          async verify() {
            asked ??= await requestMove(group, { from: FROM, to: TO, slots: byHand, cause: "by hand" });
          },
        },
        clock: { ...systemClock, sleep: async () => void await runHere(group, asked!) },
        signal: new AbortController().signal,
        paused: () => Promise.resolve(undefined),
        groupNow: () => Promise.resolve(group),
        move: (group: GroupAccess, id: string) => runHere(group, id),
        tell: ({ reason }: { readonly reason: string }) => waits.push(reason),
      } as unknown as ChangeRun & { groupNow(): Promise<ChangeRun["group"]> },
    );
    return { failure, waits: waits.map((why) => why.replace(/:.*/, "")) };
  } finally {
    await session.close();
  }
}

Deno.test("a change waits for a move that somebody has just ordered, and moves what is left to move", async () => {
  const [flavor] = await requireFlavors();
  await using cluster = await startShards(flavor!, 2);
  await startSmall(cluster.servers);
  const group = await groupOf(cluster.servers);
  await prepareShard(group, TO);
  const waited = { failure: undefined, waits: ["another move is under way"] };
  // The same: it is not taken for its own.
  assertEquals(await raced(group, { id: "7", slots: [1, 2], byHand: [1, 2] }), waited);
  assertEquals(await raced(group, { id: "8", slots: [3, 4], byHand: [4, 5] }), waited);
  assertEquals((await readMoves(group)).map(({ cause, state, slots }) => [cause, state, slots]), [
    ["by hand", "done", [1, 2]],
    ["by hand", "done", [4, 5]],
    ["change 8.0: test", "done", [3]],
  ]);
});
