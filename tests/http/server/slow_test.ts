// Clients that say nothing, or little by little, and those who read nothing: each is ended in time, others are served
// meanwhile, and no time of the runtime is needed for that.

import { assert, assertEquals } from "@std/assert";
import { connect } from "node:net";
import { waitFor } from "../../lab/wait_for.ts";
import { CERTIFICATE, KEY } from "./certificates.ts";
import { Secret } from "../../../src/text/secret.ts";
import { request, sendRaw, served } from "./fixture.ts";

/** Short ones, so that the tests are. */
const SHORT = { head: 600, rest: 600, bodyTime: 600, handshake: 600, stalled: 800, answer: 2_000 };

const TLS = { hasTls: true, tls: { cert: CERTIFICATE, key: new Secret(KEY) } };

const SLOW: readonly (readonly [
  what: string,
  status: number | "closed",
  parts: string | readonly string[],
])[] = [
  ["says nothing", "closed", ""],
  ["sends half a line", "closed", "GET / HT"],
  ["sends half of the headers", "closed", "GET / HTTP/1.1\r\nHost: localhost\r\nX-"],
  ["sends a header every 100 ms", "closed", [
    "GET / HTTP/1.1\r\nHost: localhost\r\n",
    ...Array.from({ length: 30 }, (_, index) => `X-${index}: 1\r\n`),
  ]],
  ["sends an empty line every 100 ms", "closed", Array.from({ length: 30 }, () => "\r\n")],
  [
    "sends half of a body",
    408,
    request("POST /api/v1/pause", ["Content-Type: application/json", "Content-Length: 20"], '{"a":'),
  ],
  [
    "is refused for its length, and sends no more",
    413,
    request("POST /api/v1/pause", ["Content-Type: application/json", "Content-Length: 100000"], '{"a":'),
  ],
  ["sends a body every 100 ms", 408, [
    request("POST /api/v1/pause", ["Content-Type: application/json", "Content-Length: 100"]),
    ..."x".repeat(30),
  ]],
];

for (const [what, status, parts] of SLOW) {
  Deno.test(`a client that ${what} is ended in time`, async () => {
    await using server = await served({}, { limits: SHORT });
    const slow = sendRaw(server.port, parts, { patience: 5_000, pause: 100, settle: 5_000 });
    const quick = await sendRaw(server.port, request("GET /"));
    assertEquals(quick.status, 200);
    const answer = await slow;
    assert(answer.status === status || (status === "closed" && answer.status === 408), answer.text);
    assert(answer.closedAfter !== undefined && answer.closedAfter < 2_500, String(answer.closedAfter));
    assert(answer.closedAfter > 400, String(answer.closedAfter));
    assertEquals(server.server.openConnections, 0);
    assertEquals(server.reached.filter((line) => line !== "GET /"), []);
  });
}

Deno.test("a connection that has nothing more to ask is ended, one that asks again is not", async () => {
  await using server = await served({}, { limits: SHORT });
  const idle = await sendRaw(server.port, request("GET /"), { patience: 5_000, settle: 5_000 });
  assertEquals(idle.status, 200);
  assert(idle.closedAfter !== undefined && idle.closedAfter < 2_000, String(idle.closedAfter));
  const busy = await sendRaw(server.port, Array.from({ length: 6 }, () => request("GET /")), {
    ...{ patience: 5_000, settle: 5_000, pause: 300 },
  });
  assertEquals(busy.answers, 6);
  assert(busy.closedAfter! > 1_500, String(busy.closedAfter));
});

Deno.test("a TLS handshake that goes no further is ended in time", async () => {
  await using server = await served(TLS, { limits: SHORT });
  const hello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
  for (const parts of ["", hello, [hello, ..."\x00".repeat(30)]]) {
    const answer = await sendRaw(server.port, parts, { patience: 5_000, pause: 100 });
    assertEquals(answer.status, "closed", answer.text);
    assert(answer.closedAfter! > 400 && answer.closedAfter! < 2_000, String(answer.closedAfter));
  }
  assertEquals(server.server.openConnections, 0);
  assertEquals((await sendRaw(server.port, request("GET /"))).status, "closed");
});

/** A client that asks, and does not read: its socket is paused from the start. */
function unreading(port: number, bytes: string) {
  const socket = connect(port, "127.0.0.1");
  let isClosed = false;
  socket.on("error", () => {});
  socket.on("close", () => isClosed = true);
  socket.on("connect", () => {
    socket.pause();
    socket.write(bytes);
  });
  return {
    get isClosed() {
      return isClosed;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

Deno.test("who reads nothing of an answer is ended, and others are served meanwhile", async () => {
  await using server = await served({}, { limits: SHORT });
  // More answers than the buffers of the system hold.
  using _client = unreading(server.port, request("GET /metrics").repeat(6));
  await waitFor("the connection", () => Promise.resolve(server.server.openConnections === 1));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals((await sendRaw(server.port, request("GET /", ["Connection: close"]))).status, 200);
  await waitFor("its end", () => Promise.resolve(server.server.openConnections === 0), { timeoutMs: 4_000 });
});

Deno.test("what waits for all slow readers together is bounded", async () => {
  const limits = { ...SHORT, stalled: 60_000, answer: 60_000, unreadOfAll: 2_097_152 };
  await using server = await served({}, { limits });
  using _one = unreading(server.port, request("GET /metrics").repeat(8));
  using _other = unreading(server.port, request("GET /metrics").repeat(8));
  await waitFor("both", () => Promise.resolve(server.server.openConnections === 2));
  await waitFor("the end of one", () => Promise.resolve(server.server.openConnections < 2), {
    timeoutMs: 4_000,
  });
});

Deno.test("no more connections than may be, and no more requests of one than may wait", async () => {
  await using server = await served({}, { limits: { ...SHORT, head: 3_000 }, connections: 8 });
  const idle = Array.from({ length: 20 }, () => sendRaw(server.port, "", { patience: 1_000 }));
  await waitFor("eight", () => Promise.resolve(server.server.openConnections === 8));
  const ends = await Promise.all(idle);
  assertEquals(ends.filter(({ status }) => status === "closed").length, 12);
  await waitFor("none", () => Promise.resolve(server.server.openConnections === 0));
  assertEquals((await sendRaw(server.port, request("GET /"))).status, 200);
});

Deno.test("who asks or connects too often is told to wait, and later served again", async () => {
  await using server = await served({}, { limits: { rate: 10 } });
  const answer = await sendRaw(server.port, Array.from({ length: 30 }, () => request("GET /")), { pause: 1 });
  assertEquals(answer.text.match(/HTTP\/1\.1 503 /g)?.length, 1);
  assertEquals(server.reached.length, 20);
  const many = await Promise.all(
    Array.from({ length: 30 }, () => sendRaw(server.port, "", { patience: 300 })),
  );
  assert(many.filter(({ status }) => status === "closed").length >= 10);
  await new Promise((resolve) => setTimeout(resolve, 400));
  assertEquals((await sendRaw(server.port, request("GET /"))).status, 200);
});
