// What counts as alike where the sql_mode of the sessions says what is a name.

import { assert, assertEquals } from "@std/assert";
import type { Client } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  killsOf,
  linesOf,
  onEachFlavor,
  runOnce,
  start,
} from "./fixture.ts";

/** A statement with names in double quotes that goes on until it is ended. */
function ansi(column: string, note: number): string {
  const rows = "(SELECT 1 UNION ALL SELECT 2) AS two";
  return `SELECT SLEEP(15), "two".* , ${note} AS "${column}" FROM ${rows}`;
}

const PILE_UP = `
  policies:
    - { name: pile-up, where: running and same_digest > 2, then: kill query }
`;

async function underAnsiQuotes(clients: readonly Client[]): Promise<void> {
  for (const client of clients) {
    await client.query("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')");
  }
}

await onEachFlavor("alike", [
  ["three different statements under ANSI_QUOTES are no pile-up", async ({ primary }) => {
    await using app = await appClients(primary, 3);
    await underAnsiQuotes(app.clients);
    const columns = ["one", "other", "third"];
    const running = app.clients.map((client, index) => start(client, ansi(columns[index]!, index)));
    const result = await runOnce({ rules: PILE_UP, databases: [primary] });
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)), []);
    for (const each of running) await assertSpared(primary, each);
  }],

  ["the same statement three times under ANSI_QUOTES is one, whatever its literals", async ({ primary }) => {
    await using app = await appClients(primary, 3);
    await underAnsiQuotes(app.clients);
    const running = app.clients.map((client, index) => start(client, ansi("id", index)));
    const result = await runOnce({ rules: PILE_UP, databases: [primary] });
    assertCleanEnd(result);
    const killed = killsOf(linesOf(result));
    assert(killed.length > 0, result.stdout);
    assert(killed.every((kill) => running.some(({ id }) => kill === `killed ${id}`)), result.stdout);
  }],
], { alone: true });
