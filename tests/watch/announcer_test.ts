import { assertEquals } from "@std/assert";
import { type Event, levelOf, redact } from "../../src/events/mod.ts";
import { WatchCounters } from "../../src/watch/watch_counters.ts";
import { Announcer } from "../../src/watch/announcer.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { rules } from "../policy/fixture.ts";

Deno.test("a heartbeat is a warning while kills are paused, and says why", () => {
  const events: Event[] = [];
  const database = { name: "orders", rules: rules([]) } as unknown as WatchedDatabase;
  const announcer = new Announcer(
    database,
    { emit: (event) => events.push(event), entries: new Map() },
    new WatchCounters(0),
  );
  announcer.heartbeat(59_000, { reason: "paused", note: "restore" });
  assertEquals(events, [], "it is not time yet");
  announcer.heartbeat(60_000, { reason: "paused", note: "restore" });
  announcer.heartbeat(120_000, { reason: "journal" });
  announcer.heartbeat(180_000, undefined);
  assertEquals(
    events.map((event) => [levelOf(redact(event, "digest")), "paused" in event ? event.paused : undefined]),
    [["warning", "restore"], ["info", undefined], ["info", undefined]],
  );
});
