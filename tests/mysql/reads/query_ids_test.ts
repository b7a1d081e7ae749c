import { assertEquals } from "@std/assert";
import { isUnknown } from "../../../src/language/mod.ts";
import { QueryIds } from "../../../src/mysql/reads/query_ids.ts";
import type { Session } from "../../../src/policy/mod.ts";
import { runningSession } from "./session.ts";

/** What is known at 10 s of a statement, after query ids of 100 a second were given. */
function resolved(text: string, execution: number, time: Session["time"]): Session {
  const ids = new QueryIds();
  for (let second = 5; second <= 10; second++) ids.note(second * 100, second * 1000);
  const shown: Session = { ...runningSession(text), perhaps_inner: true, execution: `${execution}`, time };
  return ids.resolve([shown], 10_000)[0]!;
}

const verbOf = (execution: number, time: Session["time"]) => resolved("SELECT 1", execution, time).verb;

Deno.test("what is shown with an age that it cannot have is an inner statement", () => {
  assertEquals(verbOf(750, 2500), "select");
  assertEquals(verbOf(799, 2500), "select");
  assertEquals(verbOf(801, 2500), "call");
  assertEquals(verbOf(990, 2500), "call");
  // When the last id was given it had begun, and may not have.
  assertEquals(verbOf(1050, 30), "call");
  assertEquals(verbOf(1050, 10), "select");
  // What had begun before anybody looked.
  assertEquals(verbOf(450, 9000), "select");
  assertEquals(verbOf(550, 9000), "call");
  assertEquals(verbOf(990, { unknown: "the server shows an absurd time" }), "select");
});

Deno.test("what spares a session is not hidden behind a CALL, and no text is told as that of one", () => {
  assertEquals(resolved("ALTER TABLE t COMMENT 'x'", 990, 2500).verb, "alter");
  const { sql, shown } = resolved("SELECT 1", 990, 2500);
  assertEquals([isUnknown(sql as never), isUnknown(shown as never)], [true, false]);
});
