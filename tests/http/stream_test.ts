import { assert, assertEquals } from "@std/assert";
import type { Hono } from "hono";
import { type Stage, Stage as FleetStage } from "./stage.ts";
import { waitFor } from "../lab/wait_for.ts";
import { settled, StageClock } from "./stage_clock.ts";

interface Message {
  readonly event: string;
  readonly id: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** One who reads the stream; what was sent is there once `settled`. */
class Reader implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#read().catch(() => {});
  }

  static async open(app: Hono): Promise<Reader> {
    const response = await app.request("/api/v1/stream");
    assertEquals(response.status, 200);
    const reader = new Reader(response.body!);
    await settled();
    return reader;
  }

  /** What came since this was asked last. */
  taken(): readonly Message[] {
    return this.messages.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      const parts = (this.#text + decoder.decode(value, { stream: true })).split("\n\n");
      this.#text = parts.pop()!;
      this.messages.push(...parts.map(messageOf));
    }
  }
}

function messageOf(text: string): Message {
  const [event, id, data] = text.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
  return { event: event!, id: id!, data: JSON.parse(data!) };
}

/** Databases, all of them looked at once. */
async function stageOf(...names: readonly string[]): Promise<{ stage: Stage; clock: StageClock; app: Hono }> {
  const clock = new StageClock();
  const stage = new FleetStage({ names, clock });
  for (const name of names) stage.connected(name);
  await settled();
  for (const name of names) stage.look(name);
  return { stage, clock, app: stage.app() };
}

/** What changes said of databases. */
function changes(messages: readonly Message[]): readonly Readonly<Record<string, unknown>>[] {
  return messages.filter(({ event }) => event === "change").flatMap(({ data }) => data.databases);
}

Deno.test("a reader gets the whole state first, with the lines of those that are hurt alone", async () => {
  const { stage, app } = await stageOf("a", "b");
  stage.look("b", { lag: 42_000 });
  await using reader = await Reader.open(app);
  const [{ event, data }] = reader.taken() as [Message];
  assertEquals(event, "state");
  assertEquals(data.now, "2026-11-20T10:00:00.000Z");
  assertEquals(
    data.databases.map(({ name, standing }: { name: string; standing: string }) => [name, standing]),
    [
      ["a", "well"],
      ["b", "hurt"],
    ],
  );
  const [a, b] = data.databases;
  assertEquals([a.traces, b.traces.lag.length, b.traces.lag.at(-1)], [undefined, 180, 42_000]);
  assertEquals(b.gates[0].because, [{ expression: "lag > limits.lag", left: "42s", right: "30s" }]);
  assertEquals(data.summary, {
    databases: 2,
    standings: { well: 1, hurt: 1 },
    armed: 2,
    gates: { armed: 1, dry: 0 },
    held: {},
    spent: 0,
    kills: {},
    lease: { held: 2, unavailable: 0, elsewhere: {} },
    last_look_ms: 0,
  });
});

Deno.test("something comes at least each second, also where nothing changes", async () => {
  const { clock, app } = await stageOf("a");
  await using reader = await Reader.open(app);
  reader.taken();
  await clock.pass(3_000);
  const messages = reader.taken();
  assertEquals(messages.map(({ event }) => event), Array.from({ length: 3 }, () => "change"));
  assertEquals(new Set(messages.map(({ id }) => id)).size, 3);
  assertEquals(messages.at(-1)!.data.summary.last_look_ms, 3_000);
});

Deno.test("what is hurt is told within half a second, mere values of what is well at most each five", async () => {
  const { stage, clock, app } = await stageOf("a", "b");
  await using reader = await Reader.open(app);
  stage.look("a", { lag: 1_000 });
  stage.look("b", { lag: 42_000 });
  await clock.pass(500);
  const told = changes(reader.taken());
  assertEquals(told.map(({ name, standing }) => [name, standing]), [["b", "hurt"]]);
  assert("traces" in told[0]!);
  const hurt: number[] = [];
  const well: number[] = [];
  for (let second = 1; second <= 10; second++) {
    await clock.pass(500);
    stage.look("a", { lag: 1_000 + second });
    stage.look("b", { lag: 42_000 + second * 1_000 });
    await clock.pass(500);
    for (const { name } of changes(reader.taken())) (name === "a" ? well : hurt).push(second);
  }
  assertEquals(hurt, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(well, [5, 10]);
});

Deno.test("a change has only the keys that changed, and null for what is gone", async () => {
  const { stage, clock, app } = await stageOf("a");
  stage.look("a", { lag: 42_000, hold: { reason: "paused", note: "deploy" } });
  await using reader = await Reader.open(app);
  stage.look("a", { lag: 42_000 });
  await clock.pass(500);
  assertEquals(changes(reader.taken()), [{ name: "a", hold: null }]);
});

Deno.test("a database without looks is silent after three of its intervals", async () => {
  const { clock, app } = await stageOf("a");
  await using reader = await Reader.open(app);
  await clock.pass(3_000);
  assertEquals(changes(reader.taken()), []);
  await clock.pass(500);
  assertEquals(changes(reader.taken()), [
    {
      name: "a",
      standing: "silent",
      looked_at: "2026-11-20T10:00:00.000Z",
      traces: { lag: new Array(180).fill(null).with(-1, 0), hll: new Array(180).fill(null).with(-1, 1200) },
    },
  ]);
});

Deno.test("a database that has recovered is still shown for ten minutes", async () => {
  const { stage, clock, app } = await stageOf("a");
  stage.look("a", { lag: 42_000 });
  stage.look("a");
  await using reader = await Reader.open(app);
  assertEquals(reader.taken()[0]!.data.databases[0].standing, "recovering");
  const standings: unknown[] = [];
  for (let second = 0; second < 606; second += 3) {
    stage.look("a");
    await clock.pass(3_000);
    standings.push(...changes(reader.taken()).map(({ standing }) => standing).filter(Boolean));
  }
  assertEquals(standings, ["well"]);
});

Deno.test("other databases make another state", async () => {
  const { stage, clock, app } = await stageOf("a", "b");
  await using reader = await Reader.open(app);
  reader.taken();
  for (const names of [["a"], ["c"], ["c", "d"]]) {
    stage.adopt(names);
    await clock.pass(500);
    const [{ event, data }] = reader.taken() as [Message];
    assertEquals([event, data.databases.map(({ name }: { name: string }) => name)], ["state", names]);
  }
});

Deno.test("decisions come at once, each of them once, and of a flood the latest with a count", async () => {
  const { stage, clock, app } = await stageOf("a");
  stage.kill("a");
  await settled();
  await using reader = await Reader.open(app);
  assertEquals(reader.taken()[0]!.data.events.map(({ event }: { event: string }) => event), ["kill"]);
  stage.kill("a", { outcome: "survived" });
  await settled();
  await using late = await Reader.open(app);
  assertEquals(late.taken()[0]!.data.events.length, 1);
  await clock.pass(50);
  for (const messages of [reader.taken(), late.taken()]) {
    assertEquals(messages.map(({ event }) => event), ["events"]);
    const { events, left_out } = messages[0]!.data;
    assertEquals([events.length, events[0].outcome, left_out], [1, "survived", 0]);
    assertEquals(events[0].statement.digest_text.includes("%x%"), false);
  }
  for (let n = 0; n < 1_000; n++) stage.kill("a", { took_ms: n });
  await settled();
  await clock.pass(50);
  const { events, left_out } = reader.taken()[0]!.data;
  assertEquals([events.length, events.at(-1).took_ms, left_out], [50, 999, 950]);
});

Deno.test("what a fleet says when it starts is left out", async () => {
  const { stage, app } = await stageOf("a");
  stage.stream.emit({ event: "lease", database: "a", state: "elsewhere", holder: "host-b" });
  await settled();
  await using reader = await Reader.open(app);
  const { events } = reader.taken()[0]!.data;
  assertEquals(events.map(({ event, text }: { event: string; text: string }) => [event, text]), [
    ["lease", "a: nothing is killed from here, the lease is held by host-b"],
  ]);
});

Deno.test("pauses are told with who and until when", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const clock = new StageClock();
    const stage = new FleetStage({ names: ["a"], clock, folder });
    const pauses = stage.context.pauses();
    await Deno.writeTextFile(pauses.file, "by hand");
    await pauses.pause({ database: "a", reason: "restore", by: "anna" }, 3_600_000);
    await using reader = await Reader.open(stage.app());
    await waitFor("both", async () => {
      await clock.pass(1_000);
      return reader.messages.at(-1)!.data.pauses.length === 2;
    });
    assertEquals(reader.messages.at(-1)!.data.pauses, [
      { reason: "by hand" },
      { database: "a", reason: "restore", by: "anna", until: "2026-11-20T11:00:00.000Z" },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("sixteen may read; one more is told when to ask again, and comes in when another goes", async () => {
  const { clock, app } = await stageOf("a");
  const readers = await Promise.all(Array.from({ length: 16 }, () => Reader.open(app)));
  const refused = await app.request("/api/v1/stream");
  assertEquals([refused.status, refused.headers.get("retry-after"), await refused.json()], [
    503,
    "5",
    { error: "Too many read streams already" },
  ]);
  await readers[0]![Symbol.asyncDispose]();
  await using _another = await Reader.open(app);
  for (const reader of readers) await reader[Symbol.asyncDispose]();
  assertEquals(clock.sleeping, 1);
});

Deno.test("when streams are ended, for all who had shown an old token, this one ends as well", async () => {
  const { stage, clock, app } = await stageOf("a");
  const response = await app.request("/api/v1/stream");
  stage.context.streams.end();
  assert((await response.text()).startsWith("event: state\n"));
  assertEquals(clock.sleeping, 0);
});

Deno.test("nothing runs while nobody reads, and a HEAD is nobody", async () => {
  const { stage, clock, app } = await stageOf("a");
  const head = await app.request("/api/v1/stream", { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
  assertEquals(clock.sleeping, 0);
  {
    await using _reader = await Reader.open(app);
    assertEquals(clock.sleeping, 1);
  }
  stage.kill("a");
  await settled();
  assertEquals(clock.sleeping, 0);
});

Deno.test("for one that is slow nothing gathers: it misses, gets a whole state, or is dropped", async () => {
  const { stage, clock, app } = await stageOf("a");
  const response = await app.request("/api/v1/stream");
  const slow = response.body!.getReader();
  // Nobody reads: 64 KiB of messages fit, then no more.
  const busy = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      for (let n = 0; n < 40; n++) stage.kill("a");
      await settled();
      await clock.pass(1_000);
    }
  };
  await busy(9);
  const seen: string[] = [];
  let bytes = 0;
  let hasEnded = false;
  const read = async () => {
    const { done, value } = await slow.read();
    if (done) return void (hasEnded = true);
    bytes += value.byteLength;
    seen.push(
      ...new TextDecoder().decode(value).trimEnd().split("\n\n").map((text) => messageOf(text).event),
    );
  };
  const reading = (async () => {
    while (!hasEnded) await read();
  })();
  await waitFor("what waited", () => settled().then(() => bytes > 50_000));
  assert(bytes < 200_000 && !seen.slice(1).includes("state"), `${bytes} bytes: ${seen}`);
  seen.length = 0;
  await clock.pass(500);
  assertEquals(seen.slice(0, 1), ["state"]);
  // Whoever reads now gets all again.
  await clock.pass(3_000);
  assertEquals(seen.slice(1), ["change", "change", "change"]);
  stage.context.streams.end();
  await reading;

  const never = await app.request("/api/v1/stream");
  await busy(30);
  assertEquals([stage.context.streams.size, clock.sleeping], [0, 0]);
  const text = await never.text();
  assert(text.length < 200_000, `${text.length} characters`);
});
