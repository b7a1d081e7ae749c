import { assertEquals } from "@std/assert";
import { openEventLog } from "../../src/events/mod.ts";

interface Told {
  readonly event: string;
  readonly matters: "debug" | "info" | "warning" | "error";
  readonly n: number;
}

const AT = Date.UTC(2026, 10, 20, 10, 0, 0, 123);

/** What a log writes of some events. */
async function written(
  options: { readonly format?: "json" | "pretty"; readonly level?: Told["matters"]; readonly fails?: Error },
  events: readonly Told[],
) {
  const texts: string[] = [];
  const { fails } = options;
  const log = openEventLog<Told>({
    sink: {
      write(bytes) {
        if (fails !== undefined) return Promise.reject(fails);
        texts.push(new TextDecoder().decode(bytes));
        return Promise.resolve(bytes.length);
      },
    },
    format: options.format ?? "json",
    color: false,
    level: options.level ?? "debug",
    levelOf: ({ matters }) => matters,
    describe: ({ n }) => `number ${n}`,
  });
  for (const event of events) log.emit(event, AT);
  const dropped = await log.close();
  return { lines: texts.join("").split("\n").slice(0, -1), dropped, failure: log.failure };
}

const EVENTS = (["debug", "info", "warning", "error"] as const).map((matters, n) => ({
  event: "x",
  matters,
  n,
}));

Deno.test("the log writes events as JSON Lines with their time and level first", async () => {
  const { lines, dropped, failure } = await written({}, EVENTS.slice(2));
  assertEquals(lines, [
    '{"at":"2026-11-20T10:00:00.123Z","level":"warning","event":"x","matters":"warning","n":2}',
    '{"at":"2026-11-20T10:00:00.123Z","level":"error","event":"x","matters":"error","n":3}',
  ]);
  assertEquals([dropped, failure], [0, undefined]);
});

Deno.test("the log writes events in words for people", async () => {
  assertEquals((await written({ format: "pretty" }, EVENTS.slice(1, 2))).lines, [
    "10:00:00.123 info    x           number 1",
  ]);
});

Deno.test("the log writes what matters as much as its level, or more", async () => {
  for (const [index, level] of (["debug", "info", "warning", "error"] as const).entries()) {
    const { lines } = await written({ level }, EVENTS);
    assertEquals(lines.map((line) => JSON.parse(line).n), [0, 1, 2, 3].slice(index), level);
  }
});

Deno.test("the log counts what it could not write, and says why", async () => {
  const fails = new Error("no space left");
  const { lines, dropped, failure } = await written({ fails }, EVENTS);
  assertEquals([lines, dropped, failure], [[], 4, fails]);
});

Deno.test("a log that is opened after another is as new", async () => {
  const first = await written({ level: "error" }, EVENTS);
  const second = await written({}, EVENTS);
  assertEquals([first.lines.length, second.lines.length], [1, 4]);
});
