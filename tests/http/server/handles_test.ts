// File handles: databases come first.

import { assertEquals } from "@std/assert";
import { shareOfHandles } from "../../../src/http/server/mod.ts";

Deno.test("as many clients may connect as leaves file handles for all databases", () => {
  const limits = { connections: 64 };
  const rows: readonly (readonly [free: number, databases: number, connections: number | undefined])[] = [
    [10_000, 1_000, 64],
    [256 - 26, 50, 64],
    [48 + 2 * 10 + 64, 10, 64],
    [48 + 2 * 10 + 20, 10, 20],
    [48 + 2 * 10 + 8, 10, 8],
    [48 + 2 * 10 + 7, 10, undefined],
    [0, 0, undefined],
  ];
  for (const [free, databases, connections] of rows) {
    const asked: number[] = [];
    const share = shareOfHandles(databases, {
      limits,
      free(most) {
        asked.push(most);
        return Math.min(most, free);
      },
    });
    assertEquals(share.connections, connections, `${free} for ${databases}`);
    assertEquals(share.lacking, connections === undefined ? 48 + 2 * databases + 8 - free : 0);
    assertEquals(asked, [48 + 2 * databases + 64]);
  }
});
