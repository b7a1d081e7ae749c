import { type Clock, systemClock } from "../../src/clock.ts";
import type { TimedEvent } from "../../src/events/mod.ts";
import { levelOf, type PublicEvent } from "../../src/events/mod.ts";
import { type Notice, NoticeReader } from "../../src/notify/notice.ts";
import { Bundle } from "../../src/notify/bundle.ts";

export const AT = Date.UTC(2026, 10, 20, 10);

/** A clock that is this many times faster than the machine's. */
export function fastClock(speed: number): Clock {
  return {
    now: () => systemClock.now() * speed,
    wall: () => AT + systemClock.now() * speed,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
  };
}

export function timed(event: PublicEvent, at = AT): TimedEvent {
  return { at, level: levelOf(event), event };
}

/** The event of a kill; `changes` replace its keys. */
export function killed(changes: Partial<Extract<PublicEvent, { event: "kill" }>> = {}): PublicEvent {
  return {
    event: "kill",
    database: "orders",
    policy: "impacted",
    mode: "enforce",
    action: "kill query",
    outcome: "killed",
    took_ms: 3,
    because: [{ expression: "lag > 30s", left: "42s", right: "30s" }],
    session: { id: 812, user: "app", host: "10.0.0.5", db: "orders", command: "Query", time_ms: 12_873 },
    statement: {
      digest: "v2:9f86d081884c7d65",
      digest_text: "SELECT * FROM `t` WHERE `id` = ?",
      verb: "select",
      tables: ["t"],
      tags: {},
    },
    ...changes,
  };
}

export function gate(state: "open" | "closed" | "unknown", database = "orders"): PublicEvent {
  const because = [{ expression: "lag > 30s", left: "42s", right: "30s" }];
  return { event: "gate", database, policy: "impacted", state, because };
}

/** The notices of events, each a second after the one before. */
export function noticesOf(...events: readonly PublicEvent[]): readonly Notice[] {
  const reader = new NoticeReader();
  return events.flatMap((event, index) => reader.read(timed(event, AT + index * 1000)) ?? []);
}

export function bundleOf(...events: readonly PublicEvent[]): Bundle {
  const bundle = new Bundle();
  for (const notice of noticesOf(...events)) bundle.add(notice);
  return bundle;
}
