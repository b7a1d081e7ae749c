import { assertEquals } from "@std/assert";
import { flushEdges, namesTable, type TableUser } from "../../../src/mysql/locks/flush_waits.ts";
import { type MetadataLock, metadataLockEdges } from "../../../src/mysql/locks/lock_conflicts.ts";
import { lockInfoEdges, type MetadataWaiter } from "../../../src/mysql/locks/metadata_lock_info.ts";
import { perhapsReadOnly } from "../../../src/mysql/locks/metadata_locks.ts";
import { type RowLockPair, rowLockWaits } from "../../../src/mysql/locks/row_locks.ts";
import type { WaitEdge } from "../../../src/mysql/locks/wait_graph.ts";

function show(edges: readonly WaitEdge[]): string {
  return edges.map(({ waiter, blocker }) => `${waiter}>${blocker}`).join(" ");
}

/** Locks on one table, as `ID TYPE`, and `ID TYPE?` for one that is waited for. */
function edgesOf(...locks: readonly string[]): string {
  return show(metadataLockEdges(locks.map((lock) => {
    const [id, type] = lock.split(" ");
    return {
      id: Number(id),
      object: "TABLE.test.t",
      type: type!.replace("?", ""),
      granted: !type!.endsWith("?"),
    };
  })));
}

Deno.test("metadataLockEdges() names who holds what conflicts, not everybody who holds something", () => {
  const writers = ["1 SHARED_WRITE", "2 SHARED_WRITE"];
  const alter = ["3 SHARED_UPGRADABLE", "3 EXCLUSIVE?"];
  assertEquals(edgesOf(...writers, ...alter, "4 SHARED_READ?", "5 SHARED_WRITE?"), "3>1 3>2 4>3 5>3");
  assertEquals(edgesOf("1 SHARED_READ", "2 SHARED_NO_WRITE", "3 SHARED_WRITE?", "4 SHARED_READ"), "3>2");
  assertEquals(edgesOf("1 SHARED_NO_READ_WRITE", "2 EXCLUSIVE?", "3 SHARED_READ?"), "2>1 3>1");
  assertEquals(edgesOf("1 SHARED_READ", "2 SHARED_READ_ONLY?"), "");
  assertEquals(edgesOf("1 SHARED", "2 INTENTION_EXCLUSIVE?", "3 SHARED"), "2>1 2>3");
});

Deno.test("perhapsReadOnly() finds who waits for a table for no reason that shows", () => {
  const lock = (id: number, type: string, granted = true) => ({ id, object: "TABLE.test.t", type, granted });
  const isDoubtful = (...locks: readonly MetadataLock[]) => perhapsReadOnly(locks, metadataLockEdges(locks));
  assertEquals(isDoubtful(lock(1, "SHARED_READ"), lock(2, "SHARED_WRITE", false)), true);
  assertEquals(isDoubtful(lock(1, "SHARED_WRITE"), lock(2, "SHARED_READ", false)), true);
  assertEquals(isDoubtful(lock(1, "SHARED_READ_ONLY"), lock(2, "SHARED_WRITE", false)), false);
  assertEquals(
    isDoubtful(lock(1, "SHARED_READ"), lock(3, "SHARED_NO_WRITE"), lock(2, "SHARED_WRITE", false)),
    false,
  );
  assertEquals(isDoubtful(lock(1, "SHARED_READ"), lock(2, "SHARED_READ", false)), false);
  assertEquals(isDoubtful(lock(2, "SHARED_READ"), lock(2, "SHARED_WRITE", false)), false, "its own");
});

Deno.test("metadataLockEdges() knows MariaDB's backup locks", () => {
  assertEquals(edgesOf("1 BACKUP_FTWRL2", "2 BACKUP_TRANS_DML?", "3 BACKUP_DML"), "2>1");
  assertEquals(edgesOf("1 BACKUP_TRANS_DML", "2 BACKUP_FTWRL1?", "3 BACKUP_TRANS_DML?"), "2>1 3>2");
  assertEquals(edgesOf("1 BACKUP_START", "2 BACKUP_TRANS_DML?"), "");
});

Deno.test("rowLockWaits() leaves out who only stands before another in the queue", () => {
  const pair = (waiter: number, blocker: number, more: Partial<RowLockPair> = {}): RowLockPair => ({
    ...{ waiter, blocker, applier: false, queued: false, unnamed: undefined },
    ...more,
  });
  const queue = [pair(2, 1), pair(3, 1), pair(3, 2, { queued: true })];
  assertEquals(show(rowLockWaits(queue, false).edges), "2>1 3>1");
  assertEquals(show(rowLockWaits([pair(3, 2, { queued: true })], false).edges), "3>2");
  const unnamed = [pair(3, 1, { unnamed: "0:1" }), pair(3, 2, { unnamed: "0:1" })];
  const { edges, waiting, gap } = rowLockWaits(unnamed, false);
  assertEquals([edges, waiting], [[], [3]]);
  assertEquals(gap, "the server does not show which of several readers holds a row lock");
  assertEquals(show(rowLockWaits([unnamed[0]!], false).edges), "3>1");
  assertEquals(rowLockWaits([pair(9, 1, { applier: true })], true).appliers, [9]);
});

Deno.test("flushEdges() goes to the statements that were there before the FLUSH", () => {
  const user = (id: number, more: Partial<TableUser>): TableUser => ({
    ...{ id, flushing: false, began: undefined, table: undefined, kept: false, text: undefined },
    ...more,
  });
  const users = (text: string) => [
    user(1, { began: 10, table: "test.config" }),
    user(2, { began: 11, table: "test.item" }),
    user(3, { flushing: true, began: 20, text }),
    user(4, { flushing: true, began: 30, table: "test.config" }),
    user(5, { began: 40, table: "test.config" }),
    user(6, { table: "test.config" }),
    user(7, { table: "test.config", kept: true }),
  ];
  assertEquals(show(flushEdges(users("FLUSH TABLES config"))), "3>1 3>7 4>1 4>7");
  assertEquals(show(flushEdges(users("FLUSH TABLES WITH READ LOCK"))), "3>1 3>2 3>7 4>1 4>7");
  assertEquals(show(flushEdges(users("flush local tables"))), "3>1 3>2 3>7 4>1 4>7");
});

Deno.test("lockInfoEdges() makes requests of the statements that wait", () => {
  const held = (id: number, type: string, name = "config", namespace = "table") => ({
    ...{ id, type, name, namespace },
    schema: namespace === "backup" ? "" : "test",
  });
  const waiter = (id: number, text: string, namespace = "table"): MetadataWaiter => ({
    ...{ id, text, namespace },
    applier: false,
  });
  const alter = [
    waiter(3, "ALTER TABLE config FORCE"),
    waiter(4, "SELECT * FROM test.`config`"),
    waiter(5, "SELECT 1"),
  ];
  const locks = [held(1, "SHARED_READ"), held(3, "SHARED_UPGRADABLE"), held(2, "SHARED_READ", "item")];
  assertEquals(show(lockInfoEdges(locks, alter)), "3>1 4>3");
  const ftwrl = [held(1, "BACKUP_FTWRL2", "", "backup"), held(2, "BACKUP_TRANS_DML", "", "backup")];
  assertEquals(show(lockInfoEdges(ftwrl, [waiter(3, "UPDATE t SET a = 1", "backup")])), "3>1");
  assertEquals(
    show(
      lockInfoEdges([held(2, "BACKUP_DDL", "", "backup")], [
        waiter(3, "FLUSH TABLES WITH READ LOCK", "backup"),
      ]),
    ),
    "3>2",
  );
});

Deno.test("namesTable() finds a name as a word", () => {
  assertEquals(
    ["SELECT * FROM `config`", "select * from TEST.CONFIG", "config"].map((text) =>
      namesTable(text, "config")
    ),
    [
      true,
      true,
      true,
    ],
  );
  assertEquals(["SELECT * FROM config2", "my_config", "$config"].map((text) => namesTable(text, "config")), [
    false,
    false,
    false,
  ]);
  assertEquals([namesTable("SELECT * FROM `a.b`", "a.b"), namesTable("SELECT * FROM aXb", "a.b")], [
    true,
    false,
  ]);
});
