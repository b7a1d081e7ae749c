// What the router's server keeps of clients that are slow, ask too much at once, or send what can be read in two ways.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import { serve } from "../../src/cli/commands/router/serve.ts";
import { systemClock } from "../../src/clock.ts";
import type { Limits } from "../../src/http/server/mod.ts";
import { type QueryRequest, routerApp } from "../../src/shards/mod.ts";
import { request, sendRaw } from "../http/server/fixture.ts";
import { waitFor } from "../lab/wait_for.ts";

const TYPE = "Content-Type: application/json";

type Query = (sql: string, client: { readonly signal: AbortSignal }) => Promise<void>;

/** A router whose statements are done by `query`. */
async function served(
  { limits = {}, query = () => Promise.resolve() }: {
    readonly limits?: Partial<Limits>;
    readonly query?: Query;
  } = {},
) {
  const router = {
    async query({ queries }: QueryRequest, client: Parameters<Query>[1]) {
      await query(queries[0]!.query, client);
      return { data: [], columns: [], shard: "a", took_ms: 1 };
    },
    explain: () => Promise.resolve([]),
    mapVersion: () => Promise.resolve(7),
  } as never;
  const app = routerApp({ router, pools: new Map(), tokens: [], clock: systemClock, failed: () => {} });
  const serving = await serve(app, "127.0.0.1:0", { timeout: 1_000, limits });
  return {
    port: Number(serving.address.split(":")[1]),
    [Symbol.asyncDispose]: () => serving.end(100),
  };
}

function post(sql: string, headers: readonly string[] = []): string {
  const body = JSON.stringify({ query: sql });
  return request("POST /query", [TYPE, `Content-Length: ${body.length}`, ...headers], body);
}

const SHORT = { head: 600, rest: 600, bodyTime: 600 };
const DRIPS = 40;

const SLOW:
  readonly (readonly [what: string, status: number | "closed", parts: string | readonly string[]])[] = [
    ["says nothing", "closed", ""],
    ["sends half of its headers", "closed", "POST /query HTTP/1.1\r\nHost: localhost\r\n"],
    ["sends a header now and then", "closed", [
      "GET /health HTTP/1.1\r\nHost: localhost\r\n",
      ...Array.from({ length: DRIPS }, (_, index) => `X-${index}: 1\r\n`),
    ]],
    ["sends half of a body", 400, request("POST /query", [TYPE, "Content-Length: 20"], '{"a":')],
    ["sends a body little by little", 400, [
      request("POST /query", [TYPE, "Content-Length: 100"]),
      ..."x".repeat(DRIPS),
    ]],
    ["sends chunks little by little", 400, [
      request("POST /query", [TYPE, "Transfer-Encoding: chunked"]),
      ...Array.from({ length: DRIPS }, () => "1\r\nx\r\n"),
    ]],
    ["sends a body that nobody asks for", 200, [
      request("GET /health", ["Content-Length: 500000"]),
      ..."x".repeat(DRIPS),
    ]],
    ["is refused, and goes on to send", 400, [
      request("POST /query", ["Content-Length: 500000"]),
      ..."x".repeat(DRIPS),
    ]],
    ["has nothing more to ask", 200, request("GET /health")],
  ];

for (const [what, status, parts] of SLOW) {
  Deno.test(`the router ends a client that ${what}`, async () => {
    await using server = await served({ limits: SHORT });
    const answer = await sendRaw(server.port, parts, { patience: 10_000, pause: 100, settle: 10_000 });
    assert(answer.status === status || (status === "closed" && answer.status === 408), answer.text);
    assert(answer.closedAfter !== undefined, answer.text);
  });
}

Deno.test("the router ends a client that rests, and then sends half of its next headers", async () => {
  await using server = await served({ limits: { ...SHORT, rest: 60_000 } });
  const half = "GET /health HTTP/1.1\r\n";
  const answer = await sendRaw(server.port, [request("GET /health"), half], {
    ...{ patience: 10_000, settle: 10_000 },
  });
  assert(answer.closedAfter !== undefined, answer.text);
});

Deno.test("statements of one connection are run one after the other, in their order", async () => {
  const told: string[] = [];
  await using server = await served({
    async query(sql) {
      told.push(`begins ${sql}`);
      if (sql.startsWith("INSERT")) await systemClock.sleep(50);
      told.push(`ends ${sql}`);
    },
  });
  const { answers } = await sendRaw(server.port, post("INSERT") + post("SELECT") + post("UPDATE"), {
    settle: 500,
  });
  assertEquals(answers, 3);
  const order = ["INSERT", "SELECT", "UPDATE"].flatMap((sql) => [`begins ${sql}`, `ends ${sql}`]);
  assertEquals(told, order);
});

Deno.test("a connection with more requests than may wait is ended, and nothing of them is begun", async () => {
  const told: string[] = [];
  await using server = await served({
    async query(sql) {
      told.push(sql);
      await systemClock.sleep(200);
    },
  });
  const answer = await sendRaw(server.port, post("INSERT").repeat(500));
  assertEquals([answer.status, told.length], ["closed", 1]);
});

Deno.test("a statement whose client has hung up is told so", async () => {
  const signals: AbortSignal[] = [];
  await using server = await served({
    async query(_sql, { signal }) {
      signals.push(signal);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(post("INSERT"));
  await waitFor("the statement", () => Promise.resolve(signals.length === 1));
  assertEquals(signals[0]!.aborted, false);
  socket.destroy();
  await waitFor("the news", () => Promise.resolve(signals[0]!.aborted));
});

const TWOFOLD: readonly (readonly [what: string, bytes: string])[] = [
  [
    "a length and chunks",
    request(
      "POST /query",
      [TYPE, "Content-Length: 5", "Transfer-Encoding: chunked"],
      `0\r\n\r\n${post("X")}`,
    ),
  ],
  ["two hosts", request("GET /health", ["Host: localhost", "Host: evil.example"])],
  ["two lengths", request("POST /query", [TYPE, "Content-Length: 2", "Content-Length: 2"], "{}")],
  ["two types", request("POST /query", [TYPE, TYPE, "Content-Length: 2"], "{}")],
  ["an expectation that nobody knows", request("GET /health", ["Expect: everything"])],
  ["headers of 20 KB", request("GET /health", [`X: ${"x".repeat(20_000)}`])],
  ["no HTTP", "EHLO localhost\r\n\r\n"],
];

Deno.test("what can be read in two ways, or not at all, is refused in JSON, and the connection ends", async () => {
  await using server = await served();
  for (const [what, bytes] of TWOFOLD) {
    const answer = await sendRaw(server.port, bytes, { settle: 2_000 });
    assert(typeof answer.status === "number" && answer.status >= 400 && answer.status < 500, what);
    assertEquals([answer.answers, answer.closedAfter !== undefined], [1, true], what);
    assertMatch(answer.text, /\r\n\r\n\{"error":\{"code":"bad_request","message":".+"\}\}$/, what);
  }
});

Deno.test("who asks whether to send a body is told so only where it would be read", async () => {
  await using server = await served();
  const body = JSON.stringify({ query: "SELECT 1" });
  const head = (headers: readonly string[]) =>
    request("POST /query", ["Expect: 100-continue", `Content-Length: ${body.length}`, ...headers]);
  const refused = await sendRaw(server.port, head(["Content-Type: text/plain"]));
  assertMatch(refused.text, /^HTTP\/1\.1 400 /);
  const asked = await sendRaw(server.port, [head([TYPE]), body], { settle: 500 });
  assertMatch(asked.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});
