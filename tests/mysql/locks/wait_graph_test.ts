import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { NO_SESSION, NO_WAITS, waitGraph, type Waits } from "../../../src/mysql/locks/wait_graph.ts";

function waits(text: string, more: Partial<Waits> = {}): Waits {
  const edges = text.split(" ").filter((pair) => pair !== "").map((pair) => {
    const [waiter, blocker] = pair.split(">").map(Number);
    return { waiter: waiter!, blocker: blocker! };
  });
  return { ...NO_WAITS, edges, ...more };
}

function placesOf(...reads: readonly Waits[]): Record<number, string> {
  const { places } = waitGraph(reads);
  return Object.fromEntries([...places].map(([id, { waiting, blocking, blocks_replication }]) => [
    id,
    `${waiting ? "waits, " : ""}${blocking}${blocks_replication ? " and replication" : ""}`,
  ]));
}

Deno.test("waitGraph() counts who waits, also indirectly and by several ways, once", () => {
  assertEquals(placesOf(waits("2>1 3>1 4>2 4>3 5>4")), {
    1: "4",
    2: "waits, 2",
    3: "waits, 2",
    4: "waits, 1",
    5: "waits, 0",
  });
  assertEquals(waitGraph([waits("2>1 3>1 4>2 4>3 5>4 7>6")]).roots, [1, 6]);
  assertEquals(waitGraph([]), { places: new Map(), blockers: new Map(), roots: [], gap: undefined });
});

Deno.test("waitGraph() goes through row locks and metadata locks in one chain", () => {
  assertEquals(placesOf(waits("2>1"), waits("3>2", { gap: "why" })), {
    1: "2",
    2: "waits, 1",
    3: "waits, 0",
  });
  assertEquals(waitGraph([waits("2>1"), waits("3>2", { gap: "why" })]).gap, "why");
});

Deno.test("waitGraph() cuts circles: they have no root, and nobody blocks itself", () => {
  assertEquals(placesOf(waits("1>2 2>1 3>1")), { 1: "waits, 2", 2: "waits, 2", 3: "waits, 0" });
  assertEquals(waitGraph([waits("1>2 2>1 3>1")]).roots, []);
  assertEquals(waitGraph([waits("1>2 2>1 2>4")]).roots, [4]);
  assertEquals(placesOf(waits("1>1", { waiting: [1] })), { 1: "waits, 0" });
});

Deno.test("waitGraph() knows who blocks replication, and who only waits beside it", () => {
  const graph = placesOf(waits("9>2 2>1 3>1 5>4", { waiting: [9, 2, 3, 5], appliers: [9] }));
  assertEquals(graph, {
    9: "waits, 0",
    2: "waits, 1 and replication",
    3: "waits, 0",
    5: "waits, 0",
    1: "3 and replication",
    4: "1",
  });
});

Deno.test("waitGraph() has a place for who waits for somebody unknown, and for nobody's transaction", () => {
  assertEquals(placesOf(waits("", { waiting: [7] })), { 7: "waits, 0" });
  assertEquals(waitGraph([waits(`3>${NO_SESSION}`)]).roots, [NO_SESSION]);
});

Deno.test("waitGraph() ends, and counts no more than there are, whatever waits for what", () => {
  const id = fc.integer({ min: 0, max: 8 });
  const edges = fc.array(fc.record({ waiter: id, blocker: id }), { maxLength: 40 });
  fc.assert(fc.property(edges, (edges) => {
    const { places, roots } = waitGraph([{ ...NO_WAITS, edges }]);
    const others = [...places.values()].filter(({ blocking }) => blocking >= places.size);
    assertEquals([others, roots.filter((root) => places.get(root)!.waiting)], [[], []]);
  }));
});
