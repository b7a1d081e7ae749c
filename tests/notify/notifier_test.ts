import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import type { ChannelConfig } from "../../src/config/mod.ts";
import { EventStream, type PublicEvent } from "../../src/events/mod.ts";
import { Notifier } from "../../src/notify/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { load } from "../config/folder.ts";
import { waitFor } from "../lab/wait_for.ts";
import { fastClock, gate, killed } from "./fixture.ts";
import { Receiver } from "./receiver.ts";

const CLOCK = fastClock(20);

function channel(url: Secret, changes: Partial<ChannelConfig> = {}): ChannelConfig {
  return {
    ...{ name: "dba", kind: "webhook", on: ["kill", "gate"], databases: ["*"], every: 1000 },
    to: { kind: "webhook", url, key: new Secret("key") },
    ...changes,
  };
}

function start(...channels: readonly ChannelConfig[]) {
  const stream = new EventStream({ clock: CLOCK, sql: "raw" });
  const told: PublicEvent[] = [];
  stream.subscribe({
    capacity: 1e5,
    receive: (events) => Promise.resolve(void told.push(...events.map(({ event }) => event))),
  });
  const notifier = new Notifier({ clock: CLOCK, random: () => 0, stream });
  notifier.adopt(channels);
  return {
    ...{ notifier, stream, told },
    // Published events may be emitted too: those of these tests have no statement that is still to be redacted.
    emit: (event: PublicEvent) =>
      stream.emit(
        { ...event, statement: undefined } as unknown as Parameters<
          typeof stream.emit
        >[0],
      ),
  };
}

function totals({ bodies }: Receiver): readonly number[] {
  return bodies.map(({ total }) => total as number);
}

Deno.test("each channel is told of its routes and databases, and a burst in few messages", async () => {
  await using all = new Receiver();
  await using shop = new Receiver();
  const { notifier, emit } = start(
    channel(all.secretUrl, { on: ["kill", "gate", "journal"] }),
    channel(shop.secretUrl, { name: "shop", on: ["kill", "journal"], databases: ["shop-*", "x?"] }),
  );
  for (let index = 0; index < 1000; index++) {
    emit(killed({ database: ["shop-1", "shopping", "x1", "x12"][index % 4]! }));
  }
  emit(gate("open", "shop-1"));
  emit({ event: "journal", state: "failed", file: "j", reason: "full" });
  await notifier.end(20_000);
  assert(all.received.length <= 2 && shop.received.length <= 2);
  const sum = (receiver: Receiver) => totals(receiver).reduce((all, each) => all + each, 0);
  assertEquals([sum(all), sum(shop)], [1002, 501]);
});

Deno.test("a channel that hangs delays nothing: no event, no other channel, no end", async () => {
  await using hung = new Receiver(() => undefined);
  await using quick = new Receiver();
  const { notifier, emit, told } = start(
    channel(hung.secretUrl, { name: "hung" }),
    channel(quick.secretUrl),
  );
  emit(killed());
  await waitFor("both", () => Promise.resolve(hung.received.length > 0 && quick.received.length > 0));
  let latest = 0;
  for (let turn = 0; turn < 20; turn++) {
    const before = performance.now();
    for (let index = 0; index < 100; index++) emit(killed({ database: `db${index}` }));
    await systemClock.sleep(0);
    latest = Math.max(latest, performance.now() - before);
  }
  assert(latest < 100, `${latest} ms for 100 events and a turn of the loop`);
  const before = performance.now();
  await notifier.end(10_000);
  assert(performance.now() - before < 2000, `${performance.now() - before} ms`);
  await systemClock.sleep(0);
  assertEquals(totals(quick).reduce((all, each) => all + each, 0), 2001);
  const lost = told.filter((event) => event.event === "notify").at(-1);
  assertEquals(lost, {
    ...{ event: "notify", channel: "hung", state: "failed" },
    ...{ reason: "the program, or the channel, has ended", waiting: 2001 },
  });
});

Deno.test("a channel that fails is told as an event, without its address, and so is its recovery", async () => {
  await using receiver = new Receiver((count) =>
    count === 0 ? new Response("busy", { status: 503 }) : new Response("ok")
  );
  const { notifier, emit, told } = start(channel(receiver.secretUrl));
  emit(killed());
  await waitFor(
    "the recovery",
    () => Promise.resolve(told.filter(({ event }) => event === "notify").length > 1),
  );
  await notifier.end(1000);
  const events = told.filter(({ event }) => event === "notify");
  assertEquals<unknown>(events, [
    { event: "notify", channel: "dba", state: "failed", reason: "answered with 503: busy", waiting: 1 },
    { event: "notify", channel: "dba", state: "recovered" },
  ]);
});

Deno.test("a reload swaps channels, and what waits goes the new way", async () => {
  await using before = new Receiver();
  await using after = new Receiver();
  await using gone = new Receiver();
  const { notifier, emit } = start(channel(before.secretUrl), channel(gone.secretUrl, { name: "gone" }));
  emit(killed());
  await systemClock.sleep(5);
  notifier.adopt([channel(after.secretUrl)]);
  emit(gate("open"));
  await notifier.end(20_000);
  await waitFor("the last message", () => Promise.resolve(gone.received.length === 1));
  assertEquals([totals(before), totals(gone)], [[], [1]]);
  assertEquals(totals(after).reduce((all, each) => all + each, 0), 2);
});

Deno.test("a policy tells the channels that it names what it does, whatever else they are told of", async () => {
  await using named = new Receiver();
  await using other = new Receiver();
  const { notifier, emit } = start();
  const channels = [
    channel(named.secretUrl, { on: [], databases: ["elsewhere"] }),
    channel(other.secretUrl, { name: "other", on: ["kill"] }),
  ];
  const { databases } = await load({
    "query-sniper.yaml": `
policies:
  - { name: impacted, where: running and time > 10s, then: [kill query, notify dba] }
  - { name: watched, where: running and time > 10s, then: notify dba }
notify:
  dba: { alertmanager: { url: "http://alerts.example" }, on: [] }
databases: [{ name: orders, host: db1 }]
`,
  });
  notifier.adopt(channels, databases);
  emit(killed());
  emit(killed({ outcome: "would-kill", mode: "dry-run" }));
  emit(killed({ outcome: "skipped", reason: "budget" }));
  emit({ ...killed({ policy: "watched" }), event: "match" } as PublicEvent);
  emit(killed({ policy: "unnamed" }));
  emit(killed({ database: "unnamed" }));
  emit(gate("open"));
  await notifier.end(20_000);
  assertEquals(named.bodies.map(({ counts }) => counts), [{ killed: 1, "would-kill": 1, matched: 1 }]);
  assertEquals(other.bodies.map(({ counts }) => counts), [{ killed: 3 }]);
});
