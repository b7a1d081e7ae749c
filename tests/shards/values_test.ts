import { assertEquals, assertThrows } from "@std/assert";
import { RouterProblem } from "../../src/shards/router/problem.ts";
import { resultOf } from "../../src/shards/router/answer.ts";
import { jsonValue, literal, lossOf } from "../../src/shards/router/values.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const column = (type: number, binary = false, decimals = 31) => ({ name: "a", type, binary, decimals });

Deno.test("values become JSON without losing a digit", () => {
  assertEquals(jsonValue(bytes("9007199254740991"), column(8, true)), 9007199254740991);
  assertEquals(jsonValue(bytes("9007199254740993"), column(8, true)), "9007199254740993");
  assertEquals(jsonValue(bytes("1.10"), column(246, true)), "1.10");
  assertEquals(jsonValue(bytes("1.5"), column(5, true)), 1.5);
  assertEquals(jsonValue(bytes("2026-01-01 10:00:00"), column(12, true)), "2026-01-01 10:00:00");
  assertEquals(jsonValue(bytes("Köln"), column(253)), "Köln");
  assertEquals(jsonValue(Uint8Array.of(0, 255), column(253, true)), "AP8=");
  assertEquals(jsonValue(Uint8Array.of(5), column(16, true)), "BQ==");
  assertEquals(jsonValue(null, column(3, true)), null);
});

Deno.test("values become literals by which another server stores the same", () => {
  assertEquals(literal(bytes("-5"), column(3, true)), "-5");
  assertEquals(literal(bytes("1e-7"), column(5, true)), "1e-7");
  assertEquals(literal(bytes("it's"), column(253)), "_utf8mb4 X'69742773'");
  assertEquals(literal(Uint8Array.of(0, 255), column(252, true)), "X'00ff'");
  assertEquals(literal(bytes("2026-01-01"), column(10, true)), "_utf8mb4 X'323032362d30312d3031'");
  assertEquals(literal(bytes(""), column(253)), "''");
  assertEquals(literal(null, column(253)), "NULL");
  assertThrows(() => literal(bytes("1); DROP TABLE users"), column(3, true)), TypeError);
});

Deno.test("what another server would not store as it was is known by its type", () => {
  const loss = (type: number, decimals?: number) =>
    lossOf(column(type, true, decimals))?.problem.split(" ")[0];
  assertEquals([loss(4), loss(5, 2), loss(245)], ["FLOAT", "DOUBLE", "JSON"]);
  assertEquals(
    [loss(5), loss(246, 4), loss(253), loss(252), loss(12, 6), loss(8, 0)],
    Array(6).fill(undefined),
  );
});

Deno.test("an answer with two columns of one name is refused: JSON would lose one", () => {
  const answer = {
    columns: [column(3, true), column(3, true)],
    rows: [[bytes("1"), bytes("2")]],
    affected: 0,
    insertId: 0,
  };
  assertThrows(() => resultOf(answer), RouterProblem);
  assertEquals(resultOf(answer, ["a", "b"]), { data: [{ a: 1, b: 2 }], columns: ["a", "b"] });
  assertEquals(resultOf({ ...answer, columns: [], rows: [], affected: 3, insertId: 7 }), {
    affected_rows: 3,
    insert_id: 7,
  });
});
