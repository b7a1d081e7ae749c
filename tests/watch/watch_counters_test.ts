import { assertEquals } from "@std/assert";
import { WatchCounters } from "../../src/watch/watch_counters.ts";

const MINUTE = 60_000;
const NOTHING = { looks: 0, kills: 0, errors: 0, skipped: 0, late: 0, late_ms: 0 };

Deno.test("a heartbeat is due a minute after the one before, and not sooner", () => {
  const counters = new WatchCounters(5000);
  assertEquals(counters.heartbeat(5000 + MINUTE - 1), undefined);
  assertEquals(counters.heartbeat(5000 + MINUTE), NOTHING);
  assertEquals(counters.heartbeat(5000 + 2 * MINUTE - 1), undefined);
  assertEquals(counters.heartbeat(5000 + 2 * MINUTE), NOTHING);
});

Deno.test("a heartbeat has what was done since the one before; the counts are of all", () => {
  const counters = new WatchCounters(0);
  for (const part of [{ looks: 1 }, { looks: 2, kills: 3 }, { errors: 4 }, {}]) counters.add(part);
  assertEquals(counters.heartbeat(MINUTE), { ...NOTHING, looks: 3, kills: 3, errors: 4 });
  counters.add({ looks: 5, kills: 1, errors: 2 });
  assertEquals(counters.heartbeat(2 * MINUTE), { ...NOTHING, looks: 5, kills: 1, errors: 2 });
  assertEquals(counters.counts, { looks: 8, kills: 4, errors: 6 });
});

Deno.test("a look is late that begins more than 50 ms after it was due; how late the latest was, counts all", () => {
  const counters = new WatchCounters(0);
  for (const late of [0, 50, 12.4]) counters.late(late);
  assertEquals(counters.heartbeat(MINUTE), { ...NOTHING, late: 0, late_ms: 50 });
  for (const late of [51, 200.6, 70]) counters.late(late);
  assertEquals(counters.heartbeat(2 * MINUTE), { ...NOTHING, late: 3, late_ms: 201 });
  assertEquals(counters.heartbeat(3 * MINUTE), NOTHING, "it is of that minute");
});

Deno.test("looks that were skipped are counted, of that minute", () => {
  const counters = new WatchCounters(0);
  for (const skipped of [1, 0, 3]) counters.skip(skipped);
  assertEquals(counters.heartbeat(MINUTE), { ...NOTHING, skipped: 4 });
  assertEquals(counters.heartbeat(2 * MINUTE), NOTHING);
});
