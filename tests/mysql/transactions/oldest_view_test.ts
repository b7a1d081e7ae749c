import { assertEquals } from "@std/assert";
import {
  type Pins,
  pinsByAge,
  pinsByLimit,
  type ViewClue,
} from "../../../src/mysql/transactions/oldest_view.ts";

const open = (youngest: number, oldest = youngest): ViewClue => ({ kind: "open", youngest, oldest });
const perhaps = (oldest: number): ViewClue => ({ kind: "perhaps", oldest });

function answer(pins: ReadonlyMap<number, Pins>): readonly (boolean | "?")[] {
  return [...pins.values()].map((pin) => typeof pin === "boolean" ? pin : "?");
}

function byAge(...clues: readonly ViewClue[]): readonly (boolean | "?")[] {
  return answer(pinsByAge(new Map(clues.map((clue, index) => [index, clue]))));
}

Deno.test("pinsByAge() takes the oldest of those that hold a view, and no other", () => {
  assertEquals(byAge(open(5), open(9), { kind: "none" }, open(8)), [false, true, false, false]);
  assertEquals(byAge(open(9), open(9)), [true, true]);
  assertEquals(byAge({ kind: "none" }), [false]);
});

Deno.test("pinsByAge() does not know of what may hold an older view, and ends the oldest that is known", () => {
  assertEquals(byAge(perhaps(20), open(9)), ["?", true]);
  assertEquals(byAge(perhaps(9), open(9)), [false, true]);
  assertEquals(byAge(perhaps(20)), ["?"]);
  assertEquals(byAge(open(2, 20), open(9)), ["?", true]);
  assertEquals(byAge(open(2, 9), open(9)), [false, true]);
});

Deno.test("pinsByLimit() takes the smallest limit, and knows nothing of who is not listed", () => {
  const limits = new Map([[1, 0], [2, 40], [3, 33], [4, 33]]);
  assertEquals(answer(pinsByLimit([1, 2, 3, 4, 5], limits)), [false, false, true, true, "?"]);
  assertEquals(answer(pinsByLimit([1], new Map([[1, 0]]))), [false]);
});
