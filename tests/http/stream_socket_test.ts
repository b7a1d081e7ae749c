// The stream over real sockets: who does not read is dropped, and holds up nobody.

import { assert, assertEquals } from "@std/assert";
import { connect } from "node:net";
import { type Clock, systemClock } from "../../src/clock.ts";
import { waitFor } from "../lab/wait_for.ts";
import { request } from "./server/fixture.ts";
import { serveStage, Stage } from "./stage.ts";

const SPEED = 20;

/** The machine's clock, but that time passes faster. */
const FAST: Clock = {
  now: () => systemClock.now() * SPEED,
  wall: () => Date.UTC(2026, 10, 20) + systemClock.now() * SPEED,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
};

Deno.test("a reader of the stream that stops to read is dropped; another gets all in time", async () => {
  const stage = new Stage({ names: ["a", "b"], clock: FAST });
  for (const name of ["a", "b"]) stage.connected(name);
  const served = await serveStage(stage);
  const tell = () => {
    for (let n = 0; n < 50; n++) {
      stage.stream.emit({ event: "unreachable", database: "a", reason: `${n}${"x".repeat(1_000)}` });
    }
  };
  const timer = setInterval(tell, 10);
  const port = Number(new URL(served.url).port);
  const { streams } = stage.context;
  const open = () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(request("GET /api/v1/stream"));
    return socket;
  };
  try {
    const slow = open();
    slow.pause();
    await waitFor("the slow one", () => Promise.resolve(streams.size === 1));
    const quick = open();
    let read = 0;
    let longest = 0;
    let last = performance.now();
    quick.on("data", ({ length }: { readonly length: number }) => {
      read += length;
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    });
    await waitFor("the quick one", () => Promise.resolve(streams.size === 2));
    await waitFor("the end of the slow one", () => Promise.resolve(streams.size === 1), {
      timeoutMs: 20_000,
    });
    assert(read > 1_000_000 && longest < 1_000, `${read} bytes, ${longest} ms`);
    quick.destroy();
    await waitFor("the end of both", () => Promise.resolve(streams.size === 0));
    slow.destroy();
    assertEquals(streams.size, 0);
  } finally {
    clearInterval(timer);
    await served.end();
  }
});
