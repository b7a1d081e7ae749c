import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Client } from "../lab/mod.ts";
import { placesOf, run, SETTLE, sleep, started, type Step } from "./causes_stage.ts";

const LONG = "SELECT name, SLEEP(10) FROM config";

/** Who waits for whom. */
export const LOCK_STEPS: readonly Step[] = [
  ["four sessions in the queue for a row behind an idle transaction", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => stage.open()));
    await run(clients[0]!, ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 30"]);
    for (const client of clients.slice(1)) await started(client, "UPDATE item SET stock = 2 WHERE id = 30");
    const graph = await stage.graph();
    const waits = [true, 0, false];
    assertEquals(placesOf(graph, clients), [[false, 4, false], waits, waits, waits, waits]);
    assertEquals([graph.roots, graph.gap], [[clients[0]!.id], undefined]);
  }],

  ["a chain: each waits for a row of the one before", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => stage.open()));
    for (const [index, client] of clients.entries()) {
      await run(client, ["BEGIN", `UPDATE item SET stock = 1 WHERE id = ${40 + index}`]);
    }
    for (const [index, client] of clients.slice(1).entries()) {
      await started(client, `UPDATE item SET stock = 2 WHERE id = ${40 + index}`);
    }
    const graph = await stage.graph();
    assertEquals(placesOf(graph, clients), [[false, 3, false], [true, 2, false], [true, 1, false], [
      true,
      0,
      false,
    ]]);
    assertEquals(graph.roots, [clients[0]!.id]);
  }],

  ["a reader that holds a row lock, and one beside it that holds none", async (stage) => {
    const [holder, other, waiter] = await Promise.all(Array.from({ length: 3 }, () => stage.open()));
    await run(other!, ["BEGIN", "SELECT * FROM config"]);
    await run(holder!, ["BEGIN", "SELECT * FROM item WHERE id = 61 LOCK IN SHARE MODE"]);
    await started(waiter!, "UPDATE item SET stock = 1 WHERE id = 61");
    assertEquals((await stage.graph()).roots, [holder!.id]);
    await run(other!, ["SELECT * FROM item WHERE id = 62 LOCK IN SHARE MODE"]);
    await sleep(SETTLE);
    const { roots, gap } = await stage.graph();
    if (stage.capabilities.rowLocks === "data_lock_waits") return assertEquals(roots, [holder!.id]);
    assertEquals([roots, gap], [[], "the server does not show which of several readers holds a row lock"]);
  }],

  ["an ALTER behind a long SELECT, and queries behind it", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => stage.open()));
    const [long, alter, ...queries] = clients as [Client, Client, ...Client[]];
    await started(long, LONG);
    await started(alter, "ALTER TABLE config COMMENT 'x', FORCE");
    for (const query of queries) await started(query, "SELECT * FROM test.`config`");
    const graph = await stage.graph();
    const waits = [true, 0, false];
    assertEquals(placesOf(graph, clients), [[false, 4, false], [true, 3, false], waits, waits, waits]);
    assertEquals([graph.roots, graph.gap], [[long.id], undefined]);
  }],

  ["who has locked a table, and who waits for it", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => stage.open()));
    const [owner, reader, writer, other] = clients as [Client, Client, Client, Client];
    await run(other, ["BEGIN", "SELECT * FROM item WHERE id = 1"]);
    await run(owner, ["LOCK TABLES config WRITE"]);
    await started(reader, "SELECT * FROM config");
    await started(writer, "INSERT INTO config VALUES ('one', 'more')");
    const graph = await stage.graph();
    const waits = [true, 0, false];
    assertEquals(placesOf(graph, clients), [[false, 2, false], waits, waits, [false, 0, false]]);
    assertEquals([graph.roots, graph.gap], [[owner.id], undefined]);
  }],

  ["who has locked a table to read, and the writers that wait for it", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => stage.open()));
    const [owner, reader, opened, writer, second] = clients as [Client, Client, Client, Client, Client];
    await run(reader, ["BEGIN", "SELECT * FROM config"]);
    await run(opened, ["HANDLER config OPEN"]);
    await run(owner, ["LOCK TABLES config READ"]);
    await started(writer, "INSERT INTO config VALUES ('one', 'more')");
    await started(second, "INSERT INTO config VALUES ('two', 'more')");
    const graph = await stage.graph();
    const [none, waits] = [[false, 0, false], [true, 0, false]];
    assertEquals(placesOf(graph, clients), [[false, 2, false], none, none, waits, waits]);
    assertEquals([graph.roots, graph.gap], [[owner.id], undefined]);
  }],

  ["who has locked a table to read, and runs a statement", async (stage) => {
    const [owner, writer] = [await stage.open(), await stage.open()];
    await run(owner, ["LOCK TABLES config READ"]);
    await started(owner, LONG);
    await started(writer, "INSERT INTO config VALUES ('one', 'more')");
    const { roots, gap } = await stage.graph();
    const { readOnlyLocks, metadataLocks } = stage.capabilities;
    if (readOnlyLocks || metadataLocks === "metadata_lock_info") {
      return assertEquals([roots, gap], [[owner.id], undefined]);
    }
    assertEquals(roots, []);
    assertStringIncludes(gap!, "the server does not tell LOCK TABLES … READ from other reads");
  }],

  ["who holds the global read lock, and who waits for it", async (stage) => {
    const [owner, writer, second] = await Promise.all(Array.from({ length: 3 }, () => stage.open()));
    await run(owner!, ["FLUSH TABLES WITH READ LOCK"]);
    await started(writer!, "UPDATE item SET stock = 1 WHERE id = 70");
    await started(second!, "UPDATE item SET stock = 1 WHERE id = 71");
    const graph = await stage.graph();
    assertEquals(placesOf(graph, [owner!, writer!, second!]), [[false, 2, false], [true, 0, false], [
      true,
      0,
      false,
    ]]);
    assertEquals([graph.roots, graph.gap], [[owner!.id], undefined]);
  }],

  ["FLUSH TABLES WITH READ LOCK behind a running UPDATE", async (stage) => {
    const [update, flush, writer] = await Promise.all(Array.from({ length: 3 }, () => stage.open()));
    await started(update!, "UPDATE item SET stock = stock + SLEEP(1) WHERE id < 15");
    await started(flush!, "FLUSH TABLES WITH READ LOCK");
    await started(writer!, "UPDATE item SET stock = 1 WHERE id = 71");
    const graph = await stage.graph();
    assertEquals(placesOf(graph, [update!, flush!, writer!]), [[false, 2, false], [true, 1, false], [
      true,
      0,
      false,
    ]]);
    assertEquals([graph.roots, graph.gap], [[update!.id], undefined]);
  }],

  ["who holds a user lock", async (stage) => {
    const [owner, waiter] = [await stage.open(), await stage.open()];
    await run(owner, ["SELECT GET_LOCK('a job', 1)"]);
    await started(waiter, "SELECT GET_LOCK('a job', 10)");
    assertEquals((await stage.graph()).roots, [owner.id]);
  }],

  ["FLUSH TABLES behind a long SELECT", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => stage.open()));
    const [long, elsewhere, flush, reader, later] = clients as [Client, Client, Client, Client, Client];
    await started(long, LONG);
    await started(elsewhere, "SELECT id, SLEEP(10) FROM item LIMIT 1");
    await started(flush, "FLUSH TABLES config");
    await started(reader, "SELECT * FROM config");
    await started(later, "SELECT id, SLEEP(10) FROM item LIMIT 1");
    const graph = await stage.graph();
    const none = [false, 0, false];
    // MariaDB's FLUSH asks for a metadata lock, and the reader waits for the FLUSH.
    const [blocking, flushBlocking] = [2, stage.lab.flavor === "mariadb" ? 1 : 0];
    assertEquals(placesOf(graph, clients), [
      [false, blocking, false],
      none,
      [true, flushBlocking, false],
      [true, 0, false],
      none,
    ]);
    assertEquals([graph.roots, graph.gap], [[long.id], undefined]);
  }],

  ["FLUSH TABLES WITH READ LOCK behind a long SELECT", async (stage) => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => stage.open()));
    const [long, flush, reader, writer] = clients as [Client, Client, Client, Client];
    await started(long, LONG);
    await started(flush, "FLUSH TABLES WITH READ LOCK");
    await started(reader, "SELECT * FROM config");
    await started(writer, "UPDATE item SET stock = 1 WHERE id = 72");
    const graph = await stage.graph();
    assertEquals(placesOf(graph, clients), [[false, 3, false], [true, 1, false], [true, 0, false], [
      true,
      0,
      false,
    ]]);
    assertEquals(graph.roots, [long.id]);
    // MariaDB grants it at once.
  }, "mysql"],
];
