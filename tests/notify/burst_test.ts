import { assert, assertEquals } from "@std/assert";
import type { Destination } from "../../src/config/mod.ts";
import { channelTo } from "../../src/notify/channels.ts";
import { Courier } from "../../src/notify/courier.ts";
import { post } from "../../src/notify/post.ts";
import { Secret } from "../../src/text/secret.ts";
import { fastClock, gate, killed, noticesOf } from "./fixture.ts";
import { Receiver } from "./receiver.ts";

const CLOCK = fastClock(50);
const KEY = new Secret("key");

type Body = Readonly<Record<string, unknown>>;

/** Each kind of channel, and how many notices the body of a request tells of. */
const KINDS: readonly (readonly [to: (url: Secret) => Destination, count: (body: string) => number])[] = [
  [(url) => ({ kind: "webhook", url, key: KEY }), (body) => JSON.parse(body).total],
  [(url) => ({ kind: "slack", url }), (body) => Number(/(\d+) in all/.exec(body)![1])],
  [
    (url) => ({ kind: "pagerduty", url, key: KEY }),
    (body) => JSON.parse(body).payload?.custom_details.notices ?? 0,
  ],
  [
    (url) => ({ kind: "alertmanager", url }),
    (body) =>
      JSON.parse(body).flatMap(({ annotations }: { readonly annotations: Body }) =>
        String(annotations.summary).split(", ").map(parseFloat)
      ).reduce((sum: number, count: number) => sum + count, 0),
  ],
];

/** Refuses at first: for a while, then by an error. */
const REFUSALS: readonly (() => Response)[] = [
  () => new Response("slow down", { status: 429, headers: { "retry-after": "5" } }),
  () => new Response("\u0000garbage", { status: 500 }),
];

for (const [to, count] of KINDS) {
  const { kind } = to(KEY);
  Deno.test(`a burst of 1,000 decisions is a handful of messages by ${kind}, also where it is refused at first`, async () => {
    await using receiver = new Receiver((at) => REFUSALS[at]?.() ?? new Response("ok"));
    const options = { clock: CLOCK, random: () => 0, post, told: () => {} };
    const courier = new Courier({ channel: channelTo("dba", to(receiver.secretUrl)), every: 1000 }, options);
    const notices = noticesOf(gate("open"), ...Array.from({ length: 999 }, () => killed()));
    for (const [index, notice] of notices.entries()) {
      courier.add(notice);
      if (index % 10 === 9) await CLOCK.sleep(100);
    }
    assertEquals(await courier.end(60_000), 0);
    const taken = receiver.received.slice(REFUSALS.length);
    assert(taken.length >= 1 && taken.length <= 12, `${taken.length} messages`);
    assertEquals(taken.map(({ body }) => count(body)).reduce((sum, each) => sum + each, 0), 1000);
    const [first, second] = receiver.received;
    assert(second!.at - first!.at >= 5000 / 50 - 5, `${second!.at - first!.at} ms`);
  });
}
