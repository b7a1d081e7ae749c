import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { narrowed, plan } from "../../src/shards/plan/mod.ts";
import { canAbort, MOVE_STEPS, type MoveStatus } from "../../src/shards/move/contract.ts";
import { keyLiteral, literal, type MovedColumn } from "../../src/shards/move/column.ts";
import { orderedState } from "../../src/shards/move/journal.ts";
import { slotsOfText, slotsText } from "../../src/shards/move/mod.ts";
import { ownersOfSlots } from "../../src/shards/move/verify_group.ts";
import { sideSql } from "../../src/shards/move/table.ts";
import { ownedSql, slotMapOf } from "../../src/shards/slots/slot_map.ts";
import { SLOT_COUNT } from "../../src/shards/slots/key.ts";
import { SHOP } from "./shop.ts";
import { generated } from "./statements.ts";

Deno.test("slots are written as ranges and read again", () => {
  assertEquals(slotsText([3, 1, 2, 7, 600]), "1-3,7,600");
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: SLOT_COUNT - 1 }), { minLength: 1 }), (slots) => {
      assertEquals(slotsOfText(slotsText(slots)), slots.toSorted((one, other) => one - other));
    }),
  );
});

Deno.test("what names no slots, or one twice, is read as none", () => {
  for (const text of ["", " ", "1024", "5-3", "1,1", "0-4,4", "-1", "1-", "x", "1;2", "1 2", "0-99999"]) {
    assertEquals(slotsOfText(text), undefined, text);
  }
});

/** What a shard is asked that has rows that are not its own. */
function narrowedText(sql: string): string {
  return narrowed(plan(sql, SHOP).scatter!.merge, "MINE");
}

Deno.test("a shard that hides rows is asked with one condition more, in the right place", () => {
  assertEquals(narrowedText("SELECT name FROM users"), "SELECT name FROM users WHERE MINE");
  assertEquals(
    narrowedText("/* who */ SELECT name FROM users u WHERE age > 3 OR age IS NULL -- end"),
    "SELECT name FROM users u WHERE MINE AND (age > 3 OR age IS NULL)",
  );
  assertEquals(
    narrowedText("SELECT COUNT(*) FROM users WHERE age = 1 OR 2"),
    "SELECT COUNT(*) AS qs_p0 FROM users WHERE MINE AND (age = 1 OR 2)",
  );
  assertEquals(
    narrowedText("SELECT name FROM users WHERE age > 1 ORDER BY name LIMIT 3"),
    "SELECT name AS qs_0 FROM users WHERE MINE AND (age > 1) ORDER BY 1 LIMIT 3",
  );
  assertEquals(
    narrowedText("SELECT country, MAX(age) FROM users GROUP BY country"),
    "SELECT country AS qs_g0, MAX(age) AS qs_p0 FROM users WHERE MINE GROUP BY 1",
  );
});

Deno.test("the condition is about the table that all others are joined to", () => {
  const seam = (sql: string) => plan(sql, SHOP).scatter!.merge.seam.slot;
  assertEquals(seam("SELECT name FROM users"), "CRC32(`users`.`user_id` + 0) % 1024");
  assertEquals(
    seam(
      "SELECT u.name FROM countries c JOIN users u ON u.country = c.code LEFT JOIN orders o ON o.customer_id = u.user_id",
    ),
    "CRC32(`u`.`user_id` + 0) % 1024",
  );
  assertEquals(
    seam("SELECT title FROM products p"),
    "CRC32(TRIM(TRAILING ' ' FROM CONVERT(`p`.`sku` USING utf8mb4))) % 1024",
  );
});

Deno.test("of every statement that is merged, the narrowed part differs by the condition only", () => {
  fc.assert(fc.property(generated, ({ sql }) => {
    let merge;
    try {
      merge = plan(sql, SHOP).scatter?.merge;
    } catch {
      return;
    }
    if (merge === undefined) return;
    const { partial, seam: { at, end } } = merge;
    const whole = narrowed(merge, "MINE");
    assert(at <= end && end <= partial.length);
    const own = at === end ? " WHERE MINE" : `MINE AND (${partial.slice(at, end)})`;
    assertEquals(whole, partial.slice(0, at) + own + partial.slice(end));
    if (at < end) assert(/\bwhere\s+$/i.test(partial.slice(0, at)), partial);
    else assert(/^(?: GROUP BY| ORDER BY| LIMIT|$)/.test(partial.slice(end)), partial);
  }));
});

function mapOf(owner: (slot: number) => string, serving: Readonly<Record<string, number>>[] = []) {
  const rows = Array.from({ length: SLOT_COUNT }, (_, slot) => ({ slot, shard: owner(slot) }));
  const served = ["a", "b"].map((shard) => ({ shard, epoch: 5, ...serving[0] }));
  return slotMapOf(rows, served, ["a", "b"]);
}

Deno.test("what a shard owns is told by the shorter list, which is never empty", () => {
  const map = mapOf((slot) => slot < 3 ? "a" : "b");
  assertEquals(ownedSql(map, "a", "s"), "s IN (0,1,2)");
  assertEquals(ownedSql(map, "b", "s"), "s NOT IN (0,1,2)");
  const whole = mapOf(() => "b");
  assertEquals(ownedSql(whole, "b", "s"), "s NOT IN (-1)");
  assertEquals(ownedSql(whole, "a", "s"), "s IN (-1)");
});

Deno.test("a map of an earlier version has one epoch a shard and hides nothing", () => {
  const map = mapOf(() => "a");
  assertEquals([map.since.get("a"), map.epochs.get("a"), map.hiding.size], ["5", "5", 0]);
  const now = mapOf(() => "a", [{ since: 4, hides: 1 }]);
  assertEquals([now.since.get("a"), now.epochs.get("a"), [...now.hiding]], ["4", "5", ["a", "b"]]);
});

const bytes = (text: string) => new TextEncoder().encode(text);
const column = (kind: MovedColumn["kind"], more: Partial<MovedColumn> = {}): MovedColumn => ({
  ...{ sql: "`c`", kind, charset: undefined, listed: false, large: false },
  ...more,
});

Deno.test("values go as bytes, in the charset of their column", () => {
  assertEquals(literal(null, column("number")), "NULL");
  assertEquals(literal(bytes("-12.50"), column("number")), "'-12.50'");
  assertEquals(literal(bytes("-838:59:59.5"), column("time")), "'-838:59:59.5'");
  assertEquals(
    literal(new Uint8Array([0xe4, 0x27]), column("text", { charset: "latin1" })),
    "_latin1 X'e427'",
  );
  assertEquals(literal(bytes(""), column("bytes")), "X''");
  assertEquals(literal(new Uint8Array([1, 0x80]), column("bit")), "b'0000000110000000'");
  assertEquals(literal(bytes("{}"), column("written")), "_utf8mb4 X'7b7d'");
});

Deno.test("a number that is none is no part of a statement", () => {
  for (const text of ["1'; DROP TABLE users; --", "x", "1,2", "NULL"]) {
    let failed = false;
    try {
      literal(bytes(text), column("number"));
    } catch {
      failed = true;
    }
    assert(failed, text);
    assertEquals(tried(() => keyLiteral(bytes(text), { ...column("number"), order: "`c`" })), "failed", text);
  }
});

function tried(act: () => unknown): unknown {
  try {
    return act();
  } catch {
    return "failed";
  }
}

Deno.test("rows behind a key and those up to it are all rows, each once", () => {
  const cell = fc.integer({ min: 0, max: 3 });
  const row = fc.tuple(cell, cell, cell);
  const table = { key: ["a", "b", "c"].map((sql) => ({ ...column("number"), sql, order: sql })) };
  const isAmong = (sql: string, [a, b, c]: readonly number[]): boolean => {
    const expression = sql.replaceAll(" = ", " === ").replaceAll("AND", "&&").replaceAll("OR", "||");
    return new Function("a", "b", "c", `return ${expression};`)(a, b, c);
  };
  fc.assert(fc.property(row, row, (key, other) => {
    const literals = key.map(String);
    const order = other.findIndex((value, index) => value !== key[index]);
    const isBehind = order >= 0 && other[order]! > key[order]!;
    const moved = table as unknown as Parameters<typeof sideSql>[0];
    assertEquals(isAmong(sideSql(moved, literals, "behind"), other), isBehind);
    assertEquals(isAmong(sideSql(moved, literals, "up to"), other), !isBehind);
  }));
});

const MOVE: MoveStatus = {
  ...{ id: "7", from: "a", to: "b", slots: [1], step: "copy", state: "running", rows_copied: 0 },
  ...{ began: "", changed: "", cause: "test" },
};

Deno.test("a move can be aborted up to its flip, and only goes forward then", () => {
  for (const step of MOVE_STEPS) {
    const found = orderedState({ ...MOVE, step }, "abort");
    assertEquals(found === "aborting", canAbort(step), step);
  }
  assertEquals(
    orderedState({ ...MOVE, step: "clean" }, "abort"),
    "move 7 only goes forward: its step is clean",
  );
});

Deno.test("what has ended takes no orders, and what is undone none but that", () => {
  assertEquals(orderedState({ ...MOVE, state: "done" }, "pause"), "move 7 has ended: it is done");
  assertEquals(orderedState({ ...MOVE, state: "aborted" }, "resume"), "move 7 has ended: it is aborted");
  assertEquals(orderedState({ ...MOVE, state: "aborting" }, "resume"), "move 7 is being aborted");
  assertEquals(orderedState({ ...MOVE, state: "aborting" }, "abort"), "aborting");
  assertEquals(orderedState({ ...MOVE, state: "paused" }, "resume"), "running");
  assertEquals(orderedState(MOVE, "pause"), "paused");
});

Deno.test("of a slot that is handed over, the one who may write to it is its owner", () => {
  const shard = (name: string, states: readonly (readonly [number, "owned" | "frozen" | "arriving"])[]) => ({
    shard: name,
    standing: { name, epoch: "1", states: new Map(states) },
  });
  const owners = ownersOfSlots([
    shard("a", [[1, "frozen"], [2, "frozen"], [3, "owned"], [4, "frozen"], [5, "owned"]]),
    shard("b", [[1, "owned"], [2, "arriving"], [3, "owned"], [4, "frozen"]]),
  ]);
  assertEquals([1, 2, 3, 4, 5, 6].map((slot) => owners.get(slot)), [["b"], ["a"], ["a", "b"], ["a", "b"], [
    "a",
  ], undefined]);
});
