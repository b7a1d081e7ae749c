import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type LineSink, writeLines } from "../../src/events/log.ts";
import { Queue } from "../../src/events/queue.ts";

/** Lines on their way to a sink, as those of the log are. */
function linesTo(sink: LineSink): Queue<string> {
  return new Queue({ capacity: 10_000, drain: (lines) => writeLines(sink, lines) });
}

/** A sink that keeps what it is given, a few bytes at a time, and that can be held up. */
class Sink implements LineSink {
  readonly writes: string[] = [];
  readonly #chunk: number;
  #held: PromiseWithResolvers<void> | undefined;
  #bytes: number[] = [];

  constructor(chunk = Infinity) {
    this.#chunk = chunk;
  }

  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.#bytes));
  }

  hold(): void {
    this.#held = Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#held?.promise;
    const taken = bytes.subarray(0, this.#chunk);
    this.#bytes.push(...taken);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}

Deno.test("Queue writes lines in order, and those of one moment at once", async () => {
  const sink = new Sink();
  const writer = linesTo(sink);
  for (const line of ["a", "b", "c"]) writer.push(line);
  assertEquals(sink.writes, [], "push() writes nothing itself");
  await writer.flush(1000);
  assertEquals(sink.writes, ["a\nb\nc\n"]);
  writer.push("d");
  await writer.flush(1000);
  assertEquals(sink.text, "a\nb\nc\nd\n");
  assertEquals([writer.dropped, writer.failure], [0, undefined]);
});

Deno.test("Queue writes everything to a sink that takes a few bytes at a time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.integer({ min: 1, max: 7 }),
      async (lines, chunk) => {
        const sink = new Sink(chunk);
        const writer = linesTo(sink);
        for (const line of lines) writer.push(line);
        await writer.flush(1000);
        assertEquals(sink.text, lines.map((line) => `${line}\n`).join(""));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("Queue never makes the caller wait, and drops and counts what is beyond its bound", async () => {
  const sink = new Sink();
  sink.hold();
  const writer = linesTo(sink);
  writer.push("first");
  await Promise.resolve();
  await Promise.resolve(); // now "first" is being written
  for (let line = 0; line < 10_007; line++) writer.push(String(line));
  assertEquals(writer.dropped, 7);
  sink.release();
  await writer.flush(1000);
  const lines = sink.text.trimEnd().split("\n");
  assertEquals([lines.length, lines[0], lines[1], lines.at(-1)], [10_001, "first", "0", "9999"]);
  writer.push("later");
  await writer.flush(1000);
  assert(sink.text.endsWith("\nlater\n"));
  assertEquals(writer.dropped, 7);
});

Deno.test("Queue.flush() waits no longer than it is told", async () => {
  const sink = new Sink();
  sink.hold();
  const writer = linesTo(sink);
  writer.push("a");
  const start = performance.now();
  await writer.flush(20);
  const took = performance.now() - start;
  assert(took >= 15 && took < 1000, `${took} ms`);
  assertEquals(sink.text, "");
  sink.release();
  await writer.flush(1000);
  assertEquals(sink.text, "a\n");
});

Deno.test("Queue.flush() with nothing to write returns at once", async () => {
  await linesTo(new Sink()).flush(60_000);
});

Deno.test("Queue keeps the failure of its sink, and counts what is pushed after it", async () => {
  const failure = new Deno.errors.BrokenPipe("the reader has gone");
  const writer = linesTo({ write: () => Promise.reject(failure) });
  writer.push("a");
  assertEquals(writer.failure, undefined);
  await writer.flush(1000);
  assertEquals(writer.failure, failure);
  assertEquals(writer.dropped, 1);
  for (const line of ["b", "c"]) writer.push(line);
  await writer.flush(1000);
  assertEquals(writer.dropped, 3);
});

Deno.test("Queue counts what was being written and what waited when its sink failed, and tries no more", async () => {
  const held = Promise.withResolvers<number>();
  let writes = 0;
  const writer = linesTo({ write: () => (writes++, held.promise) });
  for (const line of ["a", "b"]) writer.push(line);
  while (writes === 0) await Promise.resolve();
  for (const line of ["c", "d", "e"]) writer.push(line);
  assertEquals(writer.dropped, 0);
  held.reject(new Deno.errors.BrokenPipe("the reader has gone"));
  await writer.flush(1000);
  assertEquals([writer.dropped, writes], [5, 1]);
  writer.push("f");
  await writer.flush(1000);
  assertEquals([writer.dropped, writes], [6, 1]);
});
