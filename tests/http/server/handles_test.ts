// File handles: databases come first.

import { assertEquals } from "@std/assert";
import { shareOfHandles } from "../../../src/http/server/mod.ts";

Deno.test("as many clients may connect as leaves file handles for all databases", () => {
  const limits = { connections: 64 };
  const rows: readonly (readonly [free: number, connecting: number, connections: number | undefined])[] = [
    [10_000, 1_000, 64],
    [256 - 26, 100, 64],
    [48 + 10 + 64, 10, 64],
    [48 + 10 + 20, 10, 20],
    [48 + 10 + 8, 10, 8],
    [48 + 10 + 7, 10, undefined],
    [0, 0, undefined],
  ];
  for (const [free, connecting, connections] of rows) {
    const asked: number[] = [];
    const share = shareOfHandles(connecting, {
      limits,
      free(most) {
        asked.push(most);
        return Math.min(most, free);
      },
    });
    assertEquals(share.connections, connections, `${free} for ${connecting}`);
    assertEquals(share.lacking, connections === undefined ? 48 + connecting + 8 - free : 0);
    assertEquals(asked, [48 + connecting + 64]);
  }
});
