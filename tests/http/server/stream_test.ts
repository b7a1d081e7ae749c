// Responses that go on: as many as may be, as much as may wait, and no reader holds up anybody.

import { assert, assertEquals } from "@std/assert";
import { connect } from "node:net";
import { systemClock } from "../../../src/clock.ts";
import { BoundedStream, HttpServer, LIMITS, Streams } from "../../../src/http/server/mod.ts";
import { waitFor } from "../../lab/wait_for.ts";
import { OPEN, request, sendRaw } from "./fixture.ts";

Deno.test("a stream is read in order, and ends after what waits", async () => {
  const stream = new BoundedStream(1_000);
  assert(stream.send("a") && stream.send("ä"));
  stream.end();
  assertEquals([stream.send("b"), stream.isOpen], [false, false]);
  assertEquals(await new Response(stream.body).text(), "aä");
  await stream.ended;
});

Deno.test("a stream ends when more than its limit waits, without an error and without that much in memory", async () => {
  const stream = new BoundedStream(10);
  assertEquals(["12345", "67890", "x"].map((text) => stream.send(text)), [true, true, false]);
  await stream.ended;
  assertEquals(await new Response(stream.body).text(), "1234567890");
});

Deno.test("a stream whose reader has gone ends, and makes room for another", async () => {
  const streams = new Streams({ streams: 2, unread: 100 });
  const [one, two] = [streams.open(), streams.open()];
  assertEquals([one !== undefined, two !== undefined, streams.open()], [true, true, undefined]);
  await one!.body.cancel();
  await one!.ended;
  assertEquals([one!.send("x"), streams.size], [false, 1]);
  const three = streams.open();
  streams.end();
  await Promise.all([two!.ended, three!.ended]);
  assertEquals(streams.size, 0);
});

/** A server whose every response is a stream. */
async function streaming() {
  const streams = new Streams();
  const all: BoundedStream[] = [];
  const server = await HttpServer.listen(OPEN, {
    clock: systemClock,
    newId: () => "",
    limits: { ...LIMITS, head: 600, answer: 600, stalled: 60_000 },
    fetch() {
      const stream = streams.open();
      if (stream === undefined) return new Response("too many\n", { status: 503 });
      all.push(stream);
      stream.send(": begun\n\n");
      return new Response(stream.body, { headers: { "content-type": "text/event-stream" } });
    },
  });
  return {
    server,
    port: server.config.address.port,
    streams,
    all,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

Deno.test("a reader that does not keep up is dropped; one that does, and one that has just come, are not", async () => {
  await using service = await streaming();
  const { port, all } = service;
  const slow = connect(port, "127.0.0.1");
  slow.on("error", () => {});
  slow.pause();
  slow.write(request("GET /events"));
  await waitFor("the slow one", () => Promise.resolve(all.length === 1));
  let read = 0;
  const quick = connect(port, "127.0.0.1");
  quick.on("data", ({ length }: { readonly length: number }) => read += length);
  quick.write(request("GET /events"));
  await waitFor("the quick one", () => Promise.resolve(all.length === 2));
  const text = `data: ${"x".repeat(65_536)}\n\n`;
  let sent = 0;
  let longest = 0;
  for (; all[0]!.isOpen && sent < 600; sent++) {
    const began = performance.now();
    for (const stream of all) stream.send(text);
    longest = Math.max(longest, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert(!all[0]!.isOpen, "the slow one is still there");
  assert(all[1]!.isOpen, "the quick one has gone");
  // No more than a moment each, whatever the slow one does.
  assert(longest < 100, `${longest} ms`);
  await waitFor("what the quick one reads", () => Promise.resolve(read > sent * 65_536));
  assertEquals(service.streams.size, 1);
  slow.destroy();
  quick.destroy();
  await waitFor("the end of both", () => Promise.resolve(service.server.openConnections === 0));
});

Deno.test("a stream goes on beyond the time of an answer, and there are no more of them than may be", async () => {
  await using service = await streaming();
  const { port, streams, all } = service;
  const readers = Array.from(
    { length: 17 },
    () => sendRaw(port, request("GET /events"), { patience: 1_800, settle: 9_999 }),
  );
  const ends = await Promise.all(readers);
  assertEquals(ends.filter(({ status }) => status === 200).length, 16);
  assertEquals(ends.filter(({ status }) => status === 503).length, 1);
  assertEquals(ends.filter(({ status, closedAfter }) => status === 200 && closedAfter !== undefined), []);
  await waitFor("the end of all", () => Promise.resolve(streams.size === 0));
  assertEquals(all.length, 16);
});

Deno.test("when the server ends, its streams end at once", async () => {
  const service = await streaming();
  const reader = sendRaw(service.port, request("GET /events"), { patience: 5_000, settle: 9_999 });
  await waitFor("the stream", () => Promise.resolve(service.streams.size === 1));
  service.server.close();
  const { closedAfter } = await reader;
  assert(closedAfter! < 1_000, String(closedAfter));
  await waitFor("its end", () => Promise.resolve(service.streams.size === 0));
});
