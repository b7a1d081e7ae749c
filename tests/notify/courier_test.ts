import { assert, assertEquals } from "@std/assert";
import type { Bundle } from "../../src/notify/bundle.ts";
import type { Channel } from "../../src/notify/channel.ts";
import { Courier } from "../../src/notify/courier.ts";
import type { HttpLetter } from "../../src/notify/channel.ts";
import type { Post } from "../../src/notify/post.ts";
import { PostError } from "../../src/notify/post_error.ts";
import { Secret } from "../../src/text/secret.ts";
import { waitFor } from "../lab/wait_for.ts";
import { fastClock, gate, killed, noticesOf } from "./fixture.ts";

const CLOCK = fastClock(100);
const URL = new Secret("http://127.0.0.1:1/");

/** Tells how much there is. */
const COUNTING: Channel = {
  keepsState: false,
  letters: (bundle: Bundle) => [{ url: URL, headers: {}, body: String(bundle.total) }],
};

/** A timer of the machine may end a millisecond early, which this clock makes more of; in its milliseconds. */
const EARLY = 200;

interface Sent {
  readonly at: number;
  readonly body: string;
}

/** A courier whose n-th letter fails with the n-th of these errors. */
function courierWith(failures: readonly (PostError | undefined)[], channel = COUNTING) {
  const sent: Sent[] = [];
  const told: (readonly [string | undefined, number])[] = [];
  const post: Post = (letter) => {
    const { body } = letter as HttpLetter;
    const failure = failures[sent.push({ at: CLOCK.now(), body }) - 1];
    return failure === undefined ? Promise.resolve({ status: 200, text: "" }) : Promise.reject(failure);
  };
  const courier = new Courier({ channel, every: 30_000 }, {
    ...{ clock: CLOCK, random: () => 0, post },
    told: (reason, waiting) => void told.push([reason, waiting]),
  });
  const until = (count: number) =>
    waitFor(`${count} letters`, () => Promise.resolve(sent.length >= count), { timeoutMs: 8000 });
  return { courier, sent, told, until };
}

const [NOTICE] = noticesOf(killed());

Deno.test("1,000 decisions in ten seconds become a handful of messages, and none is uncounted", async () => {
  const { courier, sent } = courierWith([]);
  for (let index = 0; index < 1000; index++) {
    courier.add(NOTICE!);
    if (index % 10 === 9) await CLOCK.sleep(100);
  }
  assertEquals(await courier.end(60_000), 0);
  assert(sent.length >= 2 && sent.length <= 4, `${sent.length} messages`);
  assertEquals(sent.reduce((sum, { body }) => sum + Number(body), 0), 1000);
});

Deno.test("there is one message within `every` at most", async () => {
  const { courier, sent, until } = courierWith([]);
  courier.add(NOTICE!);
  await until(1);
  courier.add(NOTICE!);
  await until(2);
  assert(sent[1]!.at - sent[0]!.at >= 30_000 - EARLY, `${sent[1]!.at - sent[0]!.at}`);
  await courier.end(0);
});

Deno.test("a message that is refused for now is tried again, not before Retry-After, with what came since", async () => {
  const { courier, sent, told, until } = courierWith([
    new PostError("answered with 429", { retryAfter: 90_000 }),
    new PostError("answered with 500"),
  ]);
  courier.add(NOTICE!);
  await until(1);
  courier.add(NOTICE!);
  courier.miss(5);
  await until(3);
  await CLOCK.sleep(100);
  assertEquals(sent.map(({ body }) => body), ["1", "7", "7"]);
  assert(sent[1]!.at - sent[0]!.at >= 90_000 - EARLY);
  assert(sent[2]!.at - sent[1]!.at >= 30_000 - EARLY);
  assertEquals(told, [["answered with 429", 1], [undefined, 0]]);
  assertEquals(await courier.end(0), 0);
});

Deno.test("the end of the program sends what waits at once, and says what could not be sent", async () => {
  const { courier, sent, until } = courierWith([]);
  courier.add(NOTICE!);
  await until(1);
  courier.add(NOTICE!);
  const before = performance.now();
  assertEquals(await courier.end(100_000), 0);
  assert(performance.now() - before < 250, `${performance.now() - before} ms`);
  assertEquals(sent.length, 2);
  const failing = courierWith(Array(9).fill(new PostError("answered with 403", { isFinal: true })));
  failing.courier.add(NOTICE!);
  failing.courier.add(NOTICE!);
  assertEquals(await failing.courier.end(10_000), 2);
  assertEquals(failing.sent.length, 1);
  assertEquals(await courierWith([]).courier.end(0), 0);
});

Deno.test("a channel that hangs is cut at the end, and its notices are counted as not told", async () => {
  let cut = false;
  const post: Post = (_, signal) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        cut = true;
        reject(new PostError("no answer"));
      })
    );
  const told: unknown[] = [];
  const options = { clock: CLOCK, random: () => 0, post, told: (reason?: string) => told.push(reason) };
  const courier = new Courier({ channel: COUNTING, every: 1000 }, options);
  courier.add(NOTICE!);
  await CLOCK.sleep(3000);
  courier.add(NOTICE!);
  const before = performance.now();
  assertEquals(await courier.end(20_000), 2);
  assert(cut && performance.now() - before < 1000);
  assertEquals(told, [], "the connection did not fail");
});

Deno.test("a channel that failed is tried at once where it is configured anew", async () => {
  const { courier, sent, until } = courierWith([new PostError("answered with 403", { isFinal: true })]);
  courier.add(NOTICE!);
  await until(1);
  await CLOCK.sleep(100);
  courier.adopt({ channel: COUNTING, every: 1000 });
  await until(2);
  assert(sent[1]!.at - sent[0]!.at < 60_000);
  assertEquals(sent.map(({ body }) => body), ["1", "1"]);
  await courier.end(0);
});

Deno.test("what one of several letters has told is not told again, and the last state wins", async () => {
  const bySubject: Channel = {
    keepsState: true,
    letters: ({ tallies }) =>
      tallies.map(({ subject: { key, database }, standing }) => ({
        ...{ url: URL, headers: {}, body: `${database} ${standing}`, subjects: [key] },
      })),
  };
  const { courier, sent, until } = courierWith([undefined, new PostError("answered with 500")], bySubject);
  for (const notice of noticesOf(gate("open", "a"), gate("open", "b"))) courier.add(notice);
  await until(2);
  await CLOCK.sleep(100);
  for (const notice of noticesOf(gate("closed", "b"))) courier.add(notice);
  await until(3);
  await courier.end(0);
  assertEquals(sent.map(({ body }) => body), ["a open", "b open", "b over"]);
});
