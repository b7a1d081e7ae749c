import { assertEquals } from "@std/assert";
import { statementError } from "../../src/connection/error.ts";

function wordsOf(errno: number, message: string): string {
  return statementError({ errno, message }).message;
}

Deno.test("statementError() does not repeat what can be data", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [1525, "Incorrect DATETIME value: 'it's secret'", `"Incorrect DATETIME value: '…'"`],
    [1690, "BIGINT value is out of range in '(secret - 5)'", `"BIGINT value is out of range in '…'"`],
    [1062, "Duplicate entry 'secret' for key 't.PRIMARY'", `"Duplicate entry '…'"`],
    [3141, 'Invalid JSON text: "secret" at position 0', `"Invalid JSON text: \\"…\\" at position 0"`],
    [1205, "Lock wait timeout exceeded", `"Lock wait timeout exceeded"`],
  ];
  for (const [errno, message, words] of cases) assertEquals(wordsOf(errno, message), words);
});

Deno.test("statementError() keeps what names things: privileges, tables, columns", () => {
  const cases: readonly (readonly [number, string])[] = [
    [1142, "SELECT command denied to user 'sniper'@'localhost' for table 'queue'"],
    [1146, "Table 'app.queue' doesn't exist"],
    [1054, "Unknown column 'x' in 'field list'"],
  ];
  for (const [errno, message] of cases) assertEquals(wordsOf(errno, message), `"${message}"`);
});
