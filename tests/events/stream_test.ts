import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  decisionEvent,
  EventStream,
  logSubscriber,
  type PublicEvent,
  statementReading,
  type TimedEvent,
} from "../../src/events/mod.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";
import type { Level } from "../../src/policy/mod.ts";

const AT = Date.UTC(2026, 10, 20, 10, 0, 0, 123);
const CLOCK = { wall: () => AT };

/** One event of each level but debug, which none has. */
const EVENTS = {
  info: { event: "stop", reason: "done", looks: 1, kills: 0, errors: 0 },
  warning: { event: "same-server", database: "a", other: "b" },
  error: { event: "unreachable", database: "a", reason: "nothing listens there" },
} as const satisfies Partial<Record<Level, PublicEvent>>;

/** What a log writes of some events. */
async function written(
  options: { readonly format?: "json" | "pretty"; readonly level?: Level; readonly fails?: Error },
  events: readonly PublicEvent[] = Object.values(EVENTS),
) {
  const texts: string[] = [];
  const { fails, format = "json", level = "debug" } = options;
  const stream = new EventStream({ clock: CLOCK, sql: "digest" });
  const log = stream.subscribe(logSubscriber({
    sink: {
      write(bytes) {
        if (fails !== undefined) return Promise.reject(fails);
        texts.push(new TextDecoder().decode(bytes));
        return Promise.resolve(bytes.length);
      },
    },
    format,
    color: false,
    level,
    describe: ({ event }) => `it is ${event}`,
  }));
  for (const event of events) stream.emit(event as Parameters<EventStream["emit"]>[0]);
  await log.flush(1000);
  return { lines: texts.join("").split("\n").slice(0, -1), dropped: log.dropped, failure: log.failure };
}

Deno.test("the log writes events as JSON Lines with their time and level first", async () => {
  const { lines, dropped, failure } = await written({}, [EVENTS.info, EVENTS.warning]);
  assertEquals(lines, [
    '{"at":"2026-11-20T10:00:00.123Z","level":"info","event":"stop","reason":"done","looks":1,"kills":0,"errors":0}',
    '{"at":"2026-11-20T10:00:00.123Z","level":"warning","event":"same-server","database":"a","other":"b"}',
  ]);
  assertEquals([dropped, failure], [0, undefined]);
});

Deno.test("the log writes events in words for people", async () => {
  assertEquals((await written({ format: "pretty" }, [EVENTS.info])).lines, [
    "10:00:00.123 info    stop        it is stop",
  ]);
});

Deno.test("the log writes what matters as much as its level, or more", async () => {
  const written3 = async (level: Level) =>
    (await written({ level })).lines.map((line) => JSON.parse(line).level);
  assertEquals(await written3("debug"), ["info", "warning", "error"]);
  assertEquals(await written3("info"), ["info", "warning", "error"]);
  assertEquals(await written3("warning"), ["warning", "error"]);
  assertEquals(await written3("error"), ["error"]);
});

Deno.test("the log counts what it could not write, and says why", async () => {
  const fails = new Error("no space left");
  const { lines, dropped, failure } = await written({ fails });
  assertEquals([lines, dropped, failure], [[], 3, fails]);
});

Deno.test("no subscriber waits for another, and each loses what it cannot take", async () => {
  const stream = new EventStream({ clock: CLOCK, sql: "digest" });
  const [slow, broken, quick]: [TimedEvent[], TimedEvent[], TimedEvent[]] = [[], [], []];
  const held = Promise.withResolvers<void>();
  const ofSlow = stream.subscribe({
    capacity: 2,
    receive: async (events) => {
      await held.promise;
      slow.push(...events);
    },
  });
  const ofBroken = stream.subscribe({
    capacity: 9,
    receive: () => Promise.reject(new Error("it is broken")),
  });
  const ofQuick = stream.subscribe({
    capacity: 9,
    receive: (events) => {
      quick.push(...events);
      return Promise.resolve();
    },
  });
  for (let count = 0; count < 5; count++) stream.emit(EVENTS.info);
  await ofQuick.flush(1000);
  assertEquals([quick.length, slow.length, broken.length], [5, 0, 0]);
  assertEquals([ofQuick.dropped, ofSlow.dropped, ofBroken.dropped], [0, 3, 5]);
  assertStringIncludes(String(ofBroken.failure), "it is broken");
  held.resolve();
  await ofSlow.flush(1000);
  assertEquals(slow.length, 2);
  ofQuick.end();
  stream.emit(EVENTS.info);
  await ofQuick.flush(1000);
  assertEquals(quick.length, 5, "after its end it is told of nothing");
});

Deno.test("subscribers get statements without their literals, redacted once", () => {
  const { decisions: [decision] } = look(rules([policy({ then: "log" })]), {
    sessions: [session({ sql: "SELECT 'sesame' FROM t" })],
  });
  const event = decisionEvent("orders", decision!);
  assert(
    "statement" in event && event.statement !== undefined &&
      statementReading(decision!.session) !== undefined,
  );
  const got: TimedEvent[] = [];
  const stream = new EventStream({ clock: CLOCK, sql: "digest" });
  for (let count = 0; count < 2; count++) {
    stream.subscribe({
      capacity: 1,
      wants: (timed) => {
        got.push(timed);
        return false;
      },
      receive: () => Promise.resolve(),
    });
  }
  stream.emit(event);
  assert(got[0] === got[1], "it is the same object");
  assert(!JSON.stringify(got).includes("sesame"));
  stream.sql = "raw";
  stream.emit(event);
  assertStringIncludes(JSON.stringify(got[2]), "sesame");
});
