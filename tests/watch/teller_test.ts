import { assertEquals } from "@std/assert";
import { type Event, levelOf, redact } from "../../src/events/mod.ts";
import { Tally } from "../../src/watch/tally.ts";
import { Teller } from "../../src/watch/teller.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { rules } from "../policy/fixture.ts";

Deno.test("a heartbeat is a warning while kills are paused, and says why", () => {
  const events: Event[] = [];
  const database = { name: "orders", rules: rules([]) } as unknown as WatchedDatabase;
  const teller = new Teller(
    database,
    { emit: (event) => events.push(event), entries: new Map() },
    new Tally(0),
  );
  teller.heartbeat(59_000, { reason: "paused", note: "restore" });
  assertEquals(events, [], "it is not time yet");
  teller.heartbeat(60_000, { reason: "paused", note: "restore" });
  teller.heartbeat(120_000, { reason: "journal" });
  teller.heartbeat(180_000, undefined);
  assertEquals(
    events.map((event) => [levelOf(redact(event, "digest")), "paused" in event ? event.paused : undefined]),
    [["warning", "restore"], ["info", undefined], ["info", undefined]],
  );
});
