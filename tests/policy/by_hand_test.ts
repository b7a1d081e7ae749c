// What a person may not kill either, and what a person is told first.

import { assertEquals } from "@std/assert";
import { costsOf, objectionTo, REFUSED } from "../../src/policy/mod.ts";
import { expression, rules, session } from "./fixture.ts";

type Rest = Parameters<typeof session>[0];

function objection(rest: Rest, protect: readonly string[] = []) {
  const snapshot = {
    own: { user: "sniper", program: "query-sniper" },
    health: {},
    shielded: [{ user: "boss", host: "%" }],
  };
  return objectionTo(
    session(rest),
    snapshot,
    rules([], { protect: protect.map((text) => expression(text, "session")) }),
  );
}

Deno.test("a person may kill a client's statement, whatever its verb, and an idle client", () => {
  assertEquals(objection({}), undefined);
  assertEquals(objection({ sql: "ALTER TABLE t ADD c INT" }), undefined);
  assertEquals(objection({ running: false }), undefined);
});

Deno.test("what is never selected is killed by nobody", () => {
  const rows: readonly (readonly [Rest, string])[] = [
    [{ user: "sniper" }, "it is of this program's account"],
    [{ program: "query-sniper" }, "it is another one of this program"],
    [{ user: "system user" }, "it is of the server or its provider"],
    [{ command: "Binlog Dump" }, "it is no client at work or at rest"],
    [{ sql: "COMMIT" }, "it ends a transaction, or administers the server"],
    [{ state: "Rolling back" }, "its state is one in which a kill is useless or harmful"],
    [{ execution: "" }, "what it runs cannot be told from what it runs next"],
  ];
  for (const [rest, why] of rows) {
    assertEquals(objection(rest), { text: `it is never selected: ${why}`, because: [] });
  }
});

Deno.test("what is protected, or may be, is killed by nobody", () => {
  assertEquals(objection({ user: "backup" }, ["user in ('backup', 'etl')"]), {
    text: "a condition of `protect` holds",
    because: [{ expression: "user in ('backup', 'etl')", left: "'backup'", right: "('backup', 'etl')" }],
  });
  const unknown = objection({ user: { unknown: "within a routine" }, definer: "svc" }, ["user = 'backup'"]);
  assertEquals(unknown?.text, "a condition of `protect` may hold: what it asks for could not be read");
  assertEquals(objection({}, ["user = 'backup'"]), undefined);
});

Deno.test("a transaction that is, or may be, prepared outlives its session, and is left alone", () => {
  const { prepared: _, ...unread } = session();
  assertEquals(
    objection({ prepared: { unknown: "access denied" } })?.text,
    "something that every kill depends on could not be read",
  );
  const snapshot = { own: { user: "sniper", program: "query-sniper" }, health: {} };
  assertEquals(objectionTo(unread, snapshot, rules([]))?.because, [
    { expression: "its transaction is prepared by XA", left: "unknown: not read" },
  ]);
});

Deno.test("what the server would refuse is not tried", () => {
  assertEquals(objection({ user: "boss" }), { text: REFUSED, because: [] });
});

Deno.test("a person is told what would be undone, and what an idle connection holds", () => {
  const { rows_modified: _, ...unread } = session();
  assertEquals(costsOf(session(), rules([])), []);
  assertEquals(costsOf(session({ rows_modified: 200_000 }), rules([])), [
    { expression: "rows_modified > limits.rollback_rows", left: "200000", right: "100000" },
  ]);
  assertEquals(costsOf(unread, rules([]))[0]!.left, "unknown: not read");
  const idle = session({
    running: false,
    holds_user_lock: true,
    holds_handler: { unknown: "access denied" },
  });
  assertEquals(costsOf(idle, rules([])), [
    { expression: "holds_user_lock", left: "true" },
    { expression: "holds_handler", left: "unknown: access denied" },
  ]);
});
