import { assertEquals } from "@std/assert";
import { isUnknown } from "../../../src/language/mod.ts";
import { parseReadViews } from "../../../src/mysql/transactions/read_views.ts";

function block(
  id: number,
  { view, text = "" }: { readonly view?: number; readonly text?: string } = {},
): string {
  return `---TRANSACTION (0x7f212111a680), ACTIVE 1 sec
0 lock struct(s), heap size 1128, 0 row lock(s)
MariaDB thread id ${id}, OS thread handle 130984023803584, query id 21170 127.0.0.1 root 
${text === "" ? "" : `${text}\n`}${
    view === undefined ? "" : `Trx read view will not see trx with id >= ${view}, sees < 7\n`
  }`;
}

function status(...blocks: readonly string[]): string {
  return `
------------
TRANSACTIONS
------------
Trx id counter 833
LIST OF TRANSACTIONS FOR EACH SESSION:
${blocks.join("")}---TRANSACTION (0x7f2121119b80), not started
0 lock struct(s), heap size 1128, 0 row lock(s)
--------
FILE I/O
--------
`;
}

function limitsOf(text: string): readonly (readonly [number, number])[] | string {
  const views = parseReadViews(text);
  return isUnknown(views) ? views.unknown : [...views.limits];
}

Deno.test("parseReadViews() reads what each view does not see, not what all of them do", () => {
  assertEquals(limitsOf(status(block(5, { view: 40 }), block(6), block(7, { view: 33, text: "SELECT 1" }))), [
    [5, 40],
    [6, 0],
    [7, 33],
  ]);
  assertEquals(limitsOf(status()), []);
  assertEquals(limitsOf(status(block(5, { view: 40 }).replace("MariaDB", "MySQL"))), [[5, 40]]);
});

Deno.test("parseReadViews() tells whose transaction is prepared by XA, also where it has only read", () => {
  const reader = block(6).replace("ACTIVE", "ACTIVE (PREPARED)");
  const writer = block(7).replace("(0x7f212111a680), ACTIVE", "42, ACTIVE (PREPARED)");
  const views = parseReadViews(status(block(5), reader, writer));
  assertEquals(isUnknown(views) ? views : [...views.prepared], [6, 7]);
});

Deno.test("parseReadViews() does not count a transaction that has no session", () => {
  const prepared =
    "---TRANSACTION 40108, ACTIVE (PREPARED) 0 sec recovered trx\n2 lock struct(s), heap size 1128\n";
  assertEquals(limitsOf(status(prepared, block(5, { view: 40 }))), [[5, 40]]);
});

Deno.test("parseReadViews() believes nothing of a text that quotes InnoDB's status", () => {
  const forged = "a statement's text looks like a part of InnoDB's status";
  const quoted = `SELECT '\n${block(5, { view: 1 })}'`;
  assertEquals(limitsOf(status(block(5), block(6, { text: quoted }))), forged);
  assertEquals(limitsOf(status(block(6, { text: quoted }), block(5, { view: 40 }))), forged);
  const line = "SELECT '\nTrx read view will not see trx with id >= 1, sees < 1\n'";
  assertEquals(limitsOf(status(block(6, { view: 40, text: line }))), forged);
});

Deno.test("parseReadViews() does not take a part for the whole", () => {
  const cut = status(block(5, { view: 40 })).replace("---TRANSACTION (0x7f2121119b80)", "... truncated...\n");
  assertEquals(limitsOf(cut), "InnoDB's status is too long, and was cut");
  assertEquals(limitsOf(""), "InnoDB's status lists no transactions");
});
