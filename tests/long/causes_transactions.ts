import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isUnknown } from "../../src/language/mod.ts";
import { type Transactions, transactionValues } from "../../src/mysql/transactions/transactions.ts";
import { NO_SESSION } from "../../src/mysql/locks/wait_graph.ts";
import type { Client } from "../lab/mod.ts";
import { run, SETTLE, sleep, type Step } from "./causes_stage.ts";
import { errorOf } from "../integration/fixture.ts";

/** The read views that InnoDB has open, the truth that only an idle server shows. */
async function openViews(root: Client): Promise<number> {
  const [row] = await root.query("SHOW ENGINE INNODB STATUS");
  return Number(/^(\d+) read views open/m.exec(String(row?.["Status"]))?.[1]);
}

/** A reason, where it is unknown. */
type Expected = boolean | string;

const NOT_SHOWN = "the server does not show whether it holds a read view";

/** Where MariaDB's innodb_snapshot_isolation is on, as it is by default from 11.6 on. */
const WITH_ISOLATION = "with snapshot isolation";

/** Session by session: what it does, what runs at the end, and whether it pins purge on MariaDB and on MySQL. */
const PINS:
  readonly (readonly [name: string, setup: readonly string[], running: string, ...pins: Expected[]])[] = [
    ["a consistent snapshot", ["START TRANSACTION WITH CONSISTENT SNAPSHOT"], "", true],
    ["BEGIN, SELECT", ["BEGIN", "SELECT * FROM config"], "", true],
    ["BEGIN, SELECT, much else", ["BEGIN", "SELECT * FROM config", ...Array(15).fill("SELECT 1")], "", true],
    ["autocommit=0, SELECT", ["SET autocommit=0", "SELECT * FROM config"], "", true],
    ["BEGIN alone", ["BEGIN"], "", false],
    ["BEGIN, SELECT 1", ["BEGIN", "SELECT 1"], "", false],
    // MySQL's dictionary is in InnoDB: looking things up there opens a view.
    ["BEGIN, SHOW TABLES", ["BEGIN", "SHOW TABLES"], "", false, true],
    ["BEGIN, UPDATE", ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 11"], "", false],
    ["BEGIN, SELECT FOR UPDATE", ["BEGIN", "SELECT * FROM item WHERE id = 12 FOR UPDATE"], "", false],
    [
      "BEGIN, INSERT SELECT",
      ["BEGIN", "INSERT INTO item (category, name) SELECT 1, name FROM config"],
      "",
      false,
    ],
    [
      "BEGIN, UPDATE, SELECT",
      ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 13", "SELECT * FROM config"],
      "",
      true,
    ],
    [
      "BEGIN, SELECT, UPDATE",
      ["BEGIN", "SELECT * FROM config", "UPDATE item SET stock = 1 WHERE id = 13"],
      "",
      true,
    ],
    [
      "BEGIN, SELECT FOR SHARE",
      ["BEGIN", "SELECT * FROM item WHERE id = 12 LOCK IN SHARE MODE"],
      "",
      false,
      NOT_SHOWN,
    ],
    [
      "BEGIN, SELECT FOR SHARE, SELECT",
      ["BEGIN", "SELECT * FROM item WHERE id = 12 LOCK IN SHARE MODE", "SELECT * FROM config"],
      "",
      true,
      NOT_SHOWN,
    ],
    ["READ COMMITTED, idle", [...beginIn("READ COMMITTED"), "SELECT * FROM config"], "", false],
    [
      "READ COMMITTED, a running SELECT",
      beginIn("READ COMMITTED"),
      "SELECT name, SLEEP(2) FROM config",
      true,
    ],
    [
      "READ COMMITTED, a running SLEEP",
      [...beginIn("READ COMMITTED"), "SELECT * FROM config"],
      "SELECT SLEEP(5)",
      false,
    ],
    [
      "READ COMMITTED, UPDATE, a running SELECT",
      [...beginIn("READ COMMITTED"), "UPDATE item SET stock = 1 WHERE id = 13"],
      "SELECT name, SLEEP(2) FROM config",
      true,
    ],
    ["READ UNCOMMITTED, idle", [...beginIn("READ UNCOMMITTED"), "SELECT * FROM config"], "", false],
    [
      "READ UNCOMMITTED, a running SELECT",
      beginIn("READ UNCOMMITTED"),
      "SELECT name, SLEEP(2) FROM config",
      true,
    ],
    ["an autocommitted SELECT", [], "SELECT name, SLEEP(2) FROM config", true],
    ["an autocommitted UPDATE", [], "UPDATE item SET stock = stock + SLEEP(0.2) WHERE id < 40", false],
    ["SERIALIZABLE, idle", [...beginIn("SERIALIZABLE"), "SELECT * FROM config"], "", WITH_ISOLATION, false],
    [
      "SERIALIZABLE, an autocommitted SELECT",
      isolation("SERIALIZABLE"),
      "SELECT name, SLEEP(2) FROM config",
      true,
    ],
  ];

function isolation(level: string): readonly string[] {
  return [`SET SESSION TRANSACTION ISOLATION LEVEL ${level}`];
}

function beginIn(level: string): readonly string[] {
  return [...isolation(level), "BEGIN"];
}

function pinsOf(transactions: Transactions, id: number): Expected {
  const { pins_purge: pins } = transactionValues(transactions, id);
  return isUnknown(pins) ? pins.unknown : pins;
}

/** MariaDB before 10.6.18 does not know it. */
async function hasSnapshotIsolation(root: Client): Promise<boolean> {
  const [variable] = await root.query("SHOW GLOBAL VARIABLES LIKE 'innodb_snapshot_isolation'");
  return variable?.["Value"] === "ON";
}

/** Whether each kind of session pins purge. */
export const PIN_STEPS = PINS.map(([name, setup, running, mariadb, mysql]): Step => [
  `pins_purge of ${name}`,
  async (stage) => {
    const client = await stage.open();
    await run(client, setup, running);
    await sleep(SETTLE);
    const transactions = await stage.transactions("pins_purge");
    const views = await openViews(stage.root);
    const listed = stage.lab.flavor === "mysql" ? mysql ?? mariadb : mariadb;
    const expected = listed === WITH_ISOLATION ? await hasSnapshotIsolation(stage.root) : listed;
    assertEquals(pinsOf(transactions, client.id), expected);
    if (expected !== NOT_SHOWN) assertEquals(views, expected ? 1 : 0, "the table is right");
  },
]);

const COUNT = "SELECT COUNT(*) FROM information_schema.INNODB_TRX";

/** What is read of transactions. */
export const TRANSACTION_STEPS: readonly Step[] = [
  ...PIN_STEPS,

  [
    "what InnoDB shows of some time ago is not taken for the present, and is read again a moment later",
    async (stage) => {
      const [writer, poller] = [await stage.open(), await stage.open()];
      const own = async () => {
        const transactions = await stage.transactions("rows_modified");
        return transactionValues(transactions, writer.id).rows_modified;
      };
      await run(writer, ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 50"]);
      await sleep(SETTLE);
      await poller.query(COUNT);
      await run(writer, ["UPDATE item SET stock = stock + 2 WHERE id BETWEEN 51 AND 60"]);
      assertEquals(await own(), 11, "another client has just asked");
      assertEquals(await own(), 11, "and so have we");
      let isOver = false;
      const polling = (async () => {
        for (; !isOver; await sleep(20)) await poller.query(COUNT);
      })();
      await sleep(SETTLE);
      await run(writer, ["UPDATE item SET stock = stock + 2 WHERE id BETWEEN 61 AND 70"]);
      const found = await own().catch(({ message }: Error) => ({ unknown: message }));
      isOver = true;
      await polling;
      assertStringIncludes(isUnknown(found) ? found.unknown : String(found), "as they were some time ago");
      assertEquals(await own(), 21);
    },
  ],

  ["only the oldest read view pins purge, whatever else is old", async (stage) => {
    const [writer, first, second, reader, worker] = await Promise.all(
      Array.from({ length: 5 }, () => stage.open()),
    );
    await run(writer!, ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 50"]);
    await run(first!, ["BEGIN", "SELECT * FROM config"]);
    // MySQL may answer before it takes a statement for ended: who is older is so by more than that may last.
    await sleep(200);
    await run(worker!, ["UPDATE item SET stock = stock + 1 WHERE id = 1000"]);
    await run(second!, ["START TRANSACTION WITH CONSISTENT SNAPSHOT"]);
    await sleep(200);
    await run(worker!, ["UPDATE item SET stock = stock + 1 WHERE id = 1000"]);
    await run(reader!, [], "SELECT name, SLEEP(3) FROM config");
    await sleep(SETTLE);
    const pins = (transactions: Transactions) =>
      [writer, first, second, reader].map((client) => pinsOf(transactions, client!.id));
    assertEquals(pins(await stage.transactions("pins_purge")), [false, true, false, false]);
    await run(first!, ["COMMIT"]);
    await sleep(SETTLE);
    assertEquals(pins(await stage.transactions("pins_purge")), [false, false, true, false]);
  }],

  ["a transaction that has written holds the oldest read view, if it has one", async (stage) => {
    const [writer, snapshot] = [await stage.open(), await stage.open()];
    await run(writer, ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 50", "SELECT * FROM config"]);
    await sleep(50);
    // Two views between which nobody has written are equally old.
    await run(await stage.open(), ["UPDATE item SET stock = stock + 1 WHERE id = 1000"]);
    await run(snapshot, ["START TRANSACTION WITH CONSISTENT SNAPSHOT"]);
    await sleep(SETTLE);
    const transactions = await stage.transactions("pins_purge");
    assertEquals([writer, snapshot].map(({ id }) => pinsOf(transactions, id)), [true, false]);
  }],

  ["a transaction's time, rows, state and identity", async (stage) => {
    const [writer, waiter, nobody] = await Promise.all(Array.from({ length: 3 }, () => stage.open()));
    await run(writer!, ["BEGIN", "UPDATE item SET stock = stock + 1 WHERE id BETWEEN 20 AND 24"]);
    await run(waiter!, ["BEGIN"], "UPDATE item SET stock = 1 WHERE id = 22");
    await sleep(2100);
    const needs = ["transaction_time", "rows_modified", "rows_locked"];
    const [first, second] = [await stage.transactions(...needs), await stage.transactions(...needs)];
    const [own, other] = [writer!, waiter!].map(({ id }) => first.open.find((each) => each.id === id)!);
    assertEquals([own!.rows_modified, own!.state, other!.state], [5, "running", "lock wait"]);
    assert(Number(own!.rows_locked) >= 5 && Number(own!.transaction_time) >= 1000, JSON.stringify(own));
    assert(Number(own!.transaction_time) < 60_000, JSON.stringify(own));
    assertEquals(first.oldest_transaction, own!.transaction_time);
    assertEquals(second.open.find(({ id }) => id === writer!.id)!.identity, own!.identity);
    assertEquals(own!.autocommit_select, false);
    const none = {
      transaction_time: 0,
      rows_modified: 0,
      rows_locked: 0,
      pins_purge: false,
    };
    assertEquals(transactionValues(first, nobody!.id), none);
    await run(writer!, ["COMMIT", "BEGIN", "UPDATE item SET stock = 1 WHERE id = 21"]);
    await sleep(SETTLE);
    assert((await stage.transactions()).open.find(({ id }) => id === writer!.id)!.identity !== own!.identity);
  }],

  ["a prepared XA transaction without a session is named, also as who blocks", async (stage) => {
    const [client, waiter] = [await stage.open(), await stage.open()];
    await run(client, ["XA START 'gone'", "UPDATE item SET stock = 1 WHERE id = 15", "XA END 'gone'"]);
    await run(client, ["XA PREPARE 'gone'"]);
    await client.close();
    try {
      errorOf(waiter.query("UPDATE item SET stock = 1 WHERE id = 15"));
      await sleep(SETTLE);
      const { sessionless, open } = await stage.transactions("rows_modified");
      assertEquals(sessionless.map(({ rows_modified }) => rows_modified), [1]);
      assertEquals(open.map(({ id }) => id), [waiter.id]);
      const { roots, places } = await stage.graph();
      assertEquals([roots, places.get(NO_SESSION)?.blocking], [[NO_SESSION], 1]);
    } finally {
      await stage.root.query("XA ROLLBACK 'gone'");
    }
  }],
];
