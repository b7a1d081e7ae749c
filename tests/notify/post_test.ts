import { assert, assertEquals } from "@std/assert";
import { post, retryAfterOf } from "../../src/notify/post.ts";
import { PostError } from "../../src/notify/post_error.ts";
import type { Secret } from "../../src/text/secret.ts";
import { RawReceiver, Receiver } from "./receiver.ts";

const NEVER = new AbortController().signal;

function send(url: Secret, deadline?: number) {
  return post({ url, headers: { "content-type": "application/json" }, body: "{}" }, NEVER, deadline);
}

async function refused(url: Secret, deadline?: number): Promise<PostError> {
  const error = await send(url, deadline).catch((error) => error);
  assert(error instanceof PostError, String(error));
  assert(!/hidden-path|127\.0\.0\.1/.test(`${error.message} ${error.stack}`), error.stack);
  return error;
}

Deno.test("post() returns the answer, or says why there is none that takes the letter", async () => {
  const rows: readonly (readonly [Response, string, boolean, number | undefined])[] = [
    [new Response("rate", { status: 429, headers: { "retry-after": "30" } }), "429: rate", false, 30_000],
    [new Response("", { status: 500 }), "500", false, undefined],
    [new Response("no_service", { status: 404 }), "404: no_service", true, undefined],
    [new Response("for /services/hidden-path-4711", { status: 403 }), "403: for ***", true, undefined],
    [new Response("", { status: 302, headers: { location: "http://127.0.0.1:1/" } }), "302", true, undefined],
    [new Response("x".repeat(1e6), { status: 503 }), `503: ${"x".repeat(200)}`, false, undefined],
  ];
  await using receiver = new Receiver((count) => rows[count]?.[0] ?? new Response("ok"));
  for (const [, message, isFinal, retryAfter] of rows) {
    const error = await refused(receiver.secretUrl);
    assertEquals([error.message, error.isFinal, error.retryAfter], [
      `answered with ${message}`,
      isFinal,
      retryAfter,
    ]);
  }
  assertEquals(await send(receiver.secretUrl), { status: 200, text: "ok" });
});

Deno.test("post() waits no longer than its deadline, for the answer and for its end", async () => {
  await using silent = new Receiver(() => undefined);
  await using endless = new Receiver(() => new Response(new ReadableStream({ start() {} }), { status: 200 }));
  for (const { secretUrl } of [silent, endless]) {
    const before = performance.now();
    assertEquals((await refused(secretUrl, 200)).message, "no answer within 0.2s");
    assert(performance.now() - before < 2000);
  }
});

Deno.test("post() survives garbage, a connection that is dropped, and one that is refused", async () => {
  const urls: Secret[] = [];
  {
    await using garbage = new RawReceiver("\u0000garbage\r\n\r\n");
    await using dropped = new RawReceiver("");
    for (const { secretUrl } of [garbage, dropped]) {
      urls.push(secretUrl);
      const { message, isFinal } = await refused(secretUrl);
      assertEquals([message, isFinal], ["no answer: the connection failed", false]);
    }
  }
  assertEquals((await refused(urls[0]!)).message, "no answer: the connection was refused");
});

Deno.test("Retry-After is a number of seconds, or a date", () => {
  const now = Date.UTC(2026, 10, 20, 10);
  assertEquals(retryAfterOf("120", now), 120_000);
  assertEquals(retryAfterOf("Fri, 20 Nov 2026 10:00:30 GMT", now), 30_000);
  assertEquals(retryAfterOf("Fri, 20 Nov 2026 09:00:00 GMT", now), 0);
  assertEquals([retryAfterOf("soon", now), retryAfterOf(null, now)], [undefined, undefined]);
});
