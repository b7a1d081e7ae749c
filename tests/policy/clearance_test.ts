import { assertEquals } from "@std/assert";
import type { Decision } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session } from "./fixture.ts";

type Rest = Parameters<typeof session>[0];

/** What becomes of one session by a policy that ends connections. */
function decided(rest: Rest, where = "always"): readonly Decision[] {
  const text = { where, then: "kill connection", rollback: "any" } as const;
  return look(rules([policy(text)]), { sessions: [session(rest)] }).decisions;
}

function verdict(rest: Rest, where?: string): string {
  return brief(decided(rest, where)).join();
}

Deno.test("who may be prepared by XA, for all that is known, is spared", () => {
  const { prepared: _, ...unread } = session({ running: false });
  const refused = { running: false, prepared: { unknown: "access denied" } };
  assertEquals(verdict({ running: false }), "long act 1");
  assertEquals(
    brief(
      look(rules([policy({ where: "idle", then: "kill connection" })]), { sessions: [unread] }).decisions,
    ),
    [
      "long unknown 1",
    ],
  );
  assertEquals(verdict(refused), "long unknown 1");
  assertEquals(decided(refused)[0]!.because.at(-1), {
    expression: "its transaction is prepared by XA",
    left: "unknown: access denied",
  });
});

Deno.test("what an idle connection holds spares it, unless the policy names all of that", () => {
  const both = { running: false, holds_user_lock: true, holds_table_lock: true };
  assertEquals(verdict(both), "long holds 1");
  assertEquals(verdict(both, "idle and holds_user_lock"), "long holds 1");
  assertEquals(verdict(both, "holds_user_lock and holds_table_lock"), "long act 1");
  assertEquals(decided(both).flatMap(({ because }) => because.slice(1)), [
    { expression: "holds_table_lock", left: "true" },
    { expression: "holds_user_lock", left: "true" },
  ]);
});

Deno.test("what an idle connection may hold spares it, unless the server shows nothing of that", () => {
  const unread = { running: false, holds_handler: { unknown: "access denied" } };
  assertEquals(verdict(unread), "long unknown 1");
  assertEquals(verdict(unread, "idle or holds_handler"), "long unknown 1");
  assertEquals(verdict({ ...unread, holds_shown: false }), "long act 1");
});

Deno.test("what holds up others is named by blocking and blocks_replication, where it does hold them up", () => {
  const held = { running: false, holds_table_lock: true, blocking: 3, blocks_replication: true };
  assertEquals(verdict(held, "blocking > 0"), "long act 1");
  assertEquals(verdict(held, "blocks_replication"), "long act 1");
  assertEquals(verdict({ ...held, blocking: 0 }, "blocking = 0"), "long holds 1");
  assertEquals(verdict({ ...held, blocking: { unknown: "x" } }, "idle or blocking > 0"), "long holds 1");
  assertEquals(verdict({ ...held, blocks_replication: false }, "not blocks_replication"), "long holds 1");
});

Deno.test("a running statement's own locks spare nobody", () => {
  assertEquals(verdict({ holds_table_lock: true }), "long act 1");
});

Deno.test("a dump's connections are a dump, whatever they do", () => {
  for (const program of ["mydumper", "mysqldump", "/usr/bin/mariadb-dump", "XtraBackup"]) {
    assertEquals(verdict({ running: false, program }), "long needs-verb 1", program);
    assertEquals(verdict({ sql: "SHOW TABLES", program }), "long needs-verb 1", program);
    assertEquals(verdict({ sql: "SHOW TABLES", program }, "verb = 'show'"), "long needs-verb 1", program);
    assertEquals(
      verdict({ running: false, program, blocking: 9 }, "blocking > 0"),
      "long needs-verb 1",
      program,
    );
    assertEquals(verdict({ running: false, program }, `program = '${program}'`), "long act 1", program);
    assertEquals(verdict({ sql: "SHOW TABLES", program }, "verb in ('dump', 'show')"), "long act 1", program);
  }
  assertEquals(verdict({ running: false, program: "mydumper" }, "program != 'batch'"), "long needs-verb 1");
  assertEquals(
    verdict({ running: false, program: "mydumper" }, "program = 'x' or idle"),
    "long needs-verb 1",
  );
  assertEquals(verdict({ running: false, program: { unknown: "x" } }), "long act 1");
  // A shell's statements are a person's; a connection that it keeps open may be a dump's.
  assertEquals(verdict({ program: "mysqlsh" }), "long act 1");
  assertEquals(verdict({ running: false, program: "mysqlsh" }), "long needs-verb 1");
});

Deno.test("what is held is told once of an execution, and not asked about again", () => {
  const asked = rules([policy({ where: "always", then: "kill connection" })]);
  const sessions = [session({ running: false, holds_user_lock: true })];
  const { memory } = look(asked, { sessions });
  const { holds_user_lock: _, ...unread } = sessions[0]!;
  assertEquals(look(asked, { sessions: [unread], memory }).decisions, []);
});

Deno.test("of what is held and what may be, what is held decides", () => {
  const both = { running: false, holds_user_lock: true, holds_table_lock: { unknown: "access denied" } };
  assertEquals(verdict(both), "long holds 1");
  assertEquals(decided(both)[0]!.because.slice(1), [
    { expression: "holds_table_lock", left: "unknown: access denied" },
    { expression: "holds_user_lock", left: "true" },
  ]);
});

Deno.test("what was not read is said to be so, and spares", () => {
  const { holds_handler: _, ...idle } = session({ running: false });
  const asked = rules([policy({ where: "always", then: "kill connection", rollback: "any" })]);
  const [first] = look(asked, { sessions: [idle] }).decisions;
  assertEquals([brief([first!]), first!.because.at(-1)], [
    ["long unknown 1"],
    { expression: "holds_handler", left: "unknown: not read" },
  ]);
  const { rows_modified: __, ...unread } = session();
  const [second] = look(rules([policy()]), { sessions: [unread] }).decisions;
  assertEquals([brief([second!]), second!.because.at(-1)?.left], [
    ["long rollback-cost 1"],
    "unknown: not read",
  ]);
});

Deno.test("whoever keeps one session waiting is named by blocking, and whoever may, is not", () => {
  const held = { running: false, holds_table_lock: true };
  assertEquals(verdict({ ...held, blocking: 1 }, "blocking > 0"), "long act 1");
  assertEquals(verdict(held, "idle or blocking > 0"), "long holds 1", "it was not read");
});
