// What serves the router's routes, over real sockets of this host.

import { assertEquals, assertMatch } from "@std/assert";
import { serve, type Serving } from "../../src/cli/commands/router/serve.ts";
import { systemClock } from "../../src/clock.ts";
import { type QueryRequest, routerApp } from "../../src/shards/mod.ts";
import { waitFor } from "../lab/wait_for.ts";

interface Stage extends AsyncDisposable {
  readonly serving: Serving;
  readonly asked: QueryRequest[];
  readonly failures: unknown[];
}

/** A router that answers every statement alike. */
async function startStage(limits?: Parameters<typeof serve>[2]): Promise<Stage> {
  const asked: QueryRequest[] = [];
  const failures: unknown[] = [];
  const router = {
    query(request: QueryRequest) {
      asked.push(request);
      return Promise.resolve({ data: [{ name: "Köln" }], columns: ["name"], shard: "a", took_ms: 1 });
    },
    explain: () => Promise.resolve([]),
    mapVersion: () => Promise.resolve(7),
  };
  const options = { router, pools: new Map(), tokens: [], clock: systemClock };
  const serving = await serve(
    routerApp({ ...options, failed: (error) => failures.push(error) }),
    "127.0.0.1:0",
    limits,
  );
  return { serving, asked, failures, [Symbol.asyncDispose]: () => serving.end(100) };
}

/** Sends a text over one connection, and reads until the answers have so many bodies, or the server hangs up. */
async function exchanged(address: string, text: string, answers = 1): Promise<string> {
  const [hostname, port] = address.split(":");
  using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  const writing = (async () => {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  })().catch(() => {});
  let all = "";
  const buffer = new Uint8Array(65_536);
  while (all.split("\r\n\r\n{").length <= answers || !all.endsWith("}")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    all += new TextDecoder().decode(buffer.subarray(0, count));
  }
  await writing;
  return all;
}

function post(body: string, headers: readonly string[] = []): string {
  return [
    "POST /query?x=1 HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json; charset=utf-8",
    ...headers,
    "",
    body,
  ].join("\r\n");
}

const ONE = JSON.stringify({ query: "SELECT 1" });
const told = (body: string) => `Content-Length: ${body.length}`;

Deno.test("a request is answered with its length, its type, and no leave to keep it", async () => {
  await using stage = await startStage();
  const answer = await exchanged(stage.serving.address, post(ONE, [told(ONE)]));
  assertMatch(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(answer, /\r\ncache-control: no-store\r\n/i);
  assertMatch(answer, /\r\nx-content-type-options: nosniff\r\n/i);
  assertMatch(answer, /\r\ncontent-type: application\/json\r\n/i);
  const body = answer.split("\r\n\r\n")[1]!;
  assertMatch(
    answer,
    new RegExp(`\\r\\ncontent-length: ${new TextEncoder().encode(body).length}\\r\\n`, "i"),
  );
  assertEquals(JSON.parse(body).data, [{ name: "Köln" }]);
  assertEquals(stage.asked.map(({ queries }) => queries[0]!.query), ["SELECT 1"]);
});

Deno.test("one connection may ask again, and send a body in pieces", async () => {
  await using stage = await startStage();
  const pieces = `5\r\n${ONE.slice(0, 5)}\r\n${(ONE.length - 5).toString(16)}\r\n${
    ONE.slice(5)
  }\r\n0\r\n\r\n`;
  const answers = await exchanged(
    stage.serving.address,
    post(ONE, [told(ONE)]) + post(pieces, ["Transfer-Encoding: chunked"]),
    2,
  );
  assertEquals(answers.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assertEquals(/connection: close/i.test(answers), false);
  assertEquals(stage.asked.length, 2);
});

Deno.test("whoever is refused while they still send sees why, and what they sent is no next request", async () => {
  await using stage = await startStage();
  const long = "x".repeat(2 ** 21);
  const tooLong = await exchanged(stage.serving.address, post(long, [told(long)]));
  assertMatch(tooLong, /^HTTP\/1\.1 400 [^]*a request has at most 1048576 bytes/);
  const elsewhere = post(ONE, [told(ONE)]).replace("localhost", "evil.example");
  const answers = await exchanged(stage.serving.address, elsewhere + post(ONE, [told(ONE)]), 2);
  assertMatch(answers, /^HTTP\/1\.1 400 [^]*names no address of this host[^]*HTTP\/1\.1 200 OK/);
  assertEquals([stage.asked.length, stage.failures], [1, []]);
});

Deno.test("more than anybody sends by mistake is not read to its end, and ends the connection", async () => {
  await using stage = await startStage();
  const answer = await exchanged(
    stage.serving.address,
    post("x".repeat(2 ** 23 + 2 ** 20), [`Content-Length: ${2 ** 30}`]),
  );
  assertMatch(answer, /^HTTP\/1\.1 400 [^]*\r\nconnection: close\r\n[^]*at most 1048576 bytes/i);
});

Deno.test("a client that hangs up in its body is no failure of the router", async () => {
  await using stage = await startStage();
  const [hostname, port] = stage.serving.address.split(":");
  for (const header of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
    await connection.write(new TextEncoder().encode(post("5\r\n{", [header])));
  }
  // Both were seen to be gone before this one is answered.
  await exchanged(stage.serving.address, post(ONE, [told(ONE)]));
  assertEquals([stage.asked.length, stage.failures], [1, []]);
});

Deno.test("the health is told, to HEAD without its words", async () => {
  await using stage = await startStage();
  const { address } = stage.serving;
  const response = await fetch(`http://${address}/health`);
  assertEquals([response.status, await response.json()], [200, { status: "ok", map_version: 7, shards: {} }]);
  const head = await fetch(`http://${address}/health`, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const nothing = await fetch(`http://${address}/nothing`);
  assertEquals([nothing.status, (await nothing.json()).error.code], [404, "bad_request"]);
});

Deno.test("a request without a body is no JSON, and is not waited for", async () => {
  await using stage = await startStage();
  for (const headers of [["Content-Length: 0"], []]) {
    assertMatch(await exchanged(stage.serving.address, post("", headers)), /^HTTP\/1\.1 400 [^]*is not JSON/);
  }
});

Deno.test("whoever takes too long to send a head or a body is hung up on", async () => {
  await using stage = await startStage({ head: 50, request: 100, rest: 60_000, check: 20 });
  for (const text of ["POST /query HTTP/1.1\r\nHost: loc", post("{}", ["Content-Length: 100"])]) {
    const [answer] = await waitFor("the end", async () => [await exchanged(stage.serving.address, text)]);
    assertMatch(answer!, /^(HTTP\/1.1 408 [^{]*)?$/);
  }
  assertEquals(stage.asked, []);
});
