import { assertEquals, assertThrows } from "@std/assert";
import { kindOf } from "../../src/cli/commands/shards/order.ts";
import type { Change } from "../../src/shards/coordinator/mod.ts";
import type { MoveStatus } from "../../src/shards/move/mod.ts";
import { MoveError } from "../../src/shards/move/mod.ts";

function move(id: string, state: MoveStatus["state"], cause = "asked"): MoveStatus {
  return { id, state, cause } as MoveStatus;
}

function change(outcome?: Change["outcome"]): Change {
  return { id: "3", ...outcome !== undefined && { outcome } } as Change;
}

Deno.test("a number to abort is that of the move or the change that is under way", () => {
  const rows: readonly (readonly [readonly MoveStatus[], Change | undefined, "move" | "change"])[] = [
    [[], undefined, "move"],
    [[move("3", "running")], undefined, "move"],
    [[], change(), "change"],
    [[move("3", "done")], change(), "change"],
    // The change is what moves.
    [[move("3", "running", "change 3.0: asked")], change(), "move"],
    // Between two of its moves.
    [[move("3", "done", "change 3.0: asked")], change(), "change"],
    [[move("3", "done", "change 3.0: asked"), move("4", "running", "change 3.1: asked")], change(), "move"],
    [[move("3", "running", "change 33.0: asked")], change("done"), "move"],
    [[move("3", "done")], change("done"), "move"],
    [[], change("done"), "change"],
    // Ordered again.
    [[move("3", "done")], change("cancelled"), "change"],
    [[move("3", "paused")], change("cancelled"), "move"],
  ];
  for (const [moves, found, kind] of rows) assertEquals(kindOf("3", moves, found), kind);
  const error = assertThrows(() => kindOf("3", [move("3", "paused")], change()), MoveError) as MoveError;
  assertEquals(error.advice, "say which: shards abort move-3, or shards abort change-3");
});
