import type { HttpLetter } from "../../src/notify/channel.ts";
import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { keepPauses } from "../../src/app/keep_pauses.ts";
import { EventStream } from "../../src/events/mod.ts";
import { Chronicle, JournalReader } from "../../src/journal/mod.ts";
import { Notifier } from "../../src/notify/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import type { Pauses } from "../../src/watch/mod.ts";
import { Folder } from "../config/folder.ts";
import { waitFor } from "../lab/wait_for.ts";

/** What a program tells of its pauses while something is done. */
async function toldIn(folder: Folder, act: (pauses: Pauses) => Promise<void>): Promise<readonly string[]> {
  const closing = new AbortController();
  const stream = new EventStream({ clock: systemClock, sql: "digest" });
  const told: string[] = [];
  const subscription = stream.subscribe({
    capacity: 100,
    receive: (events) => {
      for (const { event, level } of events) {
        if (event.event !== "pause") continue;
        told.push(`${level} ${event.state} ${event.database ?? "*"} ${event.source}: ${event.reason}`);
      }
      return Promise.resolve();
    },
  });
  const chronicle = new Chronicle(folder.file("journal.db"), {
    clock: systemClock,
    version: "1",
    once: false,
    retention: { keep: 1e12, maxSize: 1e9 },
    lost: (reason) => told.push(`lost: ${reason}`),
  });
  const pauses = keepPauses(folder.file("pause"), {
    ...{ clock: systemClock, signal: closing.signal, stream, chronicle },
  });
  await pauses.state();
  await act(pauses);
  await subscription.flush(1000);
  closing.abort();
  await chronicle.end();
  return told;
}

function marksIn(folder: Folder): readonly string[] {
  const journal = JournalReader.open(folder.file("journal.db"));
  const marks = journal.all<{ readonly kind: string; readonly name: string | null; readonly text: string }>(
    "SELECT kind, name, text FROM mark LEFT JOIN database b ON b.id = mark.database ORDER BY mark.id",
  );
  journal[Symbol.dispose]();
  return marks.map(({ kind, name, text }) => `${kind} ${name ?? "*"}: ${text.replace(/, until.*/, "")}`);
}

Deno.test("pauses become events and marks at once, also when their time is over", async () => {
  await using folder = await Folder.make({});
  const told = await toldIn(folder, async (pauses) => {
    await pauses.pause({ database: "orders", reason: "restore", by: "kim" }, 800);
    await Deno.writeTextFile(folder.file("pause"), "by hand");
    await pauses.reasonNow("orders");
    await waitFor("the end of the pause", async () => {
      const { listed } = await pauses.state();
      return listed.length === 0 || undefined;
    });
  });
  assertEquals(told, [
    "warning paused orders request: restore",
    "warning paused * file: by hand",
    "info resumed orders request: its time is over",
  ]);
  const expected = [
    "paused orders: restore, by kim",
    "paused *: by hand",
    "resumed orders: kills are no longer paused",
  ];
  assertEquals(marksIn(folder), expected);
  // The next run is told what is so, and the journal what has changed meanwhile.
  assertEquals(await toldIn(folder, () => Promise.resolve()), ["warning paused * file: by hand"]);
  assertEquals(marksIn(folder), expected);
  await Deno.remove(folder.file("pause"));
  assertEquals(await toldIn(folder, () => Promise.resolve()), []);
  assertEquals(marksIn(folder), [...expected, "resumed *: kills are no longer paused"]);
});

Deno.test("a channel is told of a pause of its databases", async () => {
  await using folder = await Folder.make({});
  const stream = new EventStream({ clock: systemClock, sql: "digest" });
  const closing = new AbortController();
  const posted: string[] = [];
  const notifier = new Notifier({
    clock: systemClock,
    random: () => 0,
    stream,
    post: (letter) => {
      const { body } = letter as HttpLetter;
      posted.push(body);
      return Promise.resolve({ status: 200, text: "" });
    },
  });
  notifier.adopt([{
    ...{ name: "dba", kind: "webhook", on: ["pause"], databases: ["orders"], every: 0 },
    to: { kind: "webhook", url: new Secret("https://h.example"), key: new Secret("0123456789abcdef") },
  }]);
  const pauses = keepPauses(folder.file("pause"), {
    ...{ clock: systemClock, signal: closing.signal, stream, chronicle: undefined },
  });
  await pauses.pause({ database: "users", reason: "none of theirs", by: "kim" }, undefined);
  await pauses.pause({ database: "orders", reason: "restore", by: "kim" }, undefined);
  await waitFor("a message", () => Promise.resolve(posted.length > 0 || undefined));
  assertEquals([posted[0]!.includes("restore"), posted[0]!.includes("none of theirs")], [true, false]);
  closing.abort();
  await notifier.end(1000);
});
