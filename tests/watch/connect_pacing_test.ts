import { assertEquals } from "@std/assert";
import { ConnectPacing } from "../../src/watch/connect_pacing.ts";

Deno.test("ConnectPacing spreads what comes at one moment, and nothing else", () => {
  const pacing = new ConnectPacing();
  assertEquals([1000, 1000, 1000, 1001].map((now) => pacing.wait(now)), [0, 5, 10, 14]);
  assertEquals([2000, 2005].map((now) => pacing.wait(now)), [0, 0]);
});
