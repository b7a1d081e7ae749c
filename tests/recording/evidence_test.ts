import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import type { Clock } from "../../src/clock.ts";
import type { Rules } from "../../src/policy/mod.ts";
import { newEvidence } from "../../src/recording/evidence.ts";
import { readRecording } from "../../src/recording/recording_reader.ts";
import { newReplay } from "../../src/recording/replay.ts";
import { brief, policy, rules, session } from "../policy/fixture.ts";
import { lookAt, START } from "./recording_fixture.ts";

const RULES = rules([
  policy({ name: "gated", when: "lag > 30s" }),
  policy({ name: "old", where: "time > 1s" }),
]);

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "evidence"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

class Time implements Clock {
  ms = 0;
  now = () => this.ms;
  wall = () => START + this.ms;
  sleep = () => Promise.resolve();
}

Deno.test("evidence has the last looks before a kill, once a minute, and only of kills", () =>
  inFolder(async (folder) => {
    const time = new Time();
    const evidence = newEvidence({ keep: 5000, folder, version: "0.1.0", clock: time });
    const shop = evidence.of({ name: "shop", rules: RULES });
    const lookNow = async (keeper = shop) =>
      keeper.keep(await lookAt({ now: time.ms, health: { lag: 0 }, sessions: [session()] }, RULES), 0);
    for (; time.ms < 8000; time.ms += 1000) await lookNow();
    assertEquals(await shop.settled("denied"), undefined);
    assertEquals(await shop.settled("gone"), undefined);
    const file = join(folder, "shop-20261121T100008Z.jsonl.gz");
    assertEquals(await shop.settled("killed"), { event: "evidence", database: "shop", file, looks: 6 });
    assertEquals(await shop.settled("killed"), undefined);
    assertEquals(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
    const recording = await readRecording(file);
    const looks = await Array.fromAsync(recording.looks);
    assert(recording.isWhole() && recording.header.databases[0]!.partial);
    assertEquals(looks.map(({ now }) => now), [2000, 3000, 4000, 5000, 6000, 7000]);
    time.ms += 60_000;
    await lookNow();
    const again = await shop.settled("survived");
    assertEquals(again?.event === "evidence" && again.looks, 1);
  }));

Deno.test("evidence that cannot be written is told, with the reason", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(folder, "a file");
    const shop = newEvidence({ keep: 5000, folder, version: "0.1.0", clock: new Time() })
      .of({ name: "shop", rules: RULES });
    const event = await shop.settled("killed");
    assertMatch(event?.event === "evidence" ? event.reason ?? "" : "", /\w/);
  }));

Deno.test("a policy is replayed on evidence as long as it asks for the sessions that were read", () =>
  inFolder(async (folder) => {
    const shop = newEvidence({ keep: 60_000, folder, version: "0.1.0", clock: new Time() })
      .of({ name: "shop", rules: RULES });
    for (const [index, lag] of [0, 40_000, 0].entries()) {
      shop.keep(await lookAt({ now: index * 1000, health: { lag }, sessions: [session()] }, RULES), 0);
    }
    const event = await shop.settled("killed");
    const { header, looks } = await readRecording(event?.event === "evidence" ? event.file : "");
    const recorded = await Array.fromAsync(looks);
    const replayed = async (changed: Rules) => {
      const replay = newReplay(changed, header.databases[0]!, header);
      const decisions: string[] = [];
      for (const look of recorded) decisions.push(...brief((await replay.look(look)).decisions));
      return [decisions, replay.notRecorded.map(({ policy, missing }) => `${policy}: ${missing}`)];
    };
    const gated = policy({ name: "gated", when: "lag > 30s" });
    assertEquals(await replayed(rules([gated])), [["gated would-kill 1"], []]);
    // The recorder's gate was closed at the first look: nobody knows which sessions there were.
    const open = policy({ name: "gated", when: "lag >= 0s" });
    assertEquals(await replayed(rules([open])), [
      [],
      ["gated: the sessions that it asks for, at 2026-11-21T10:00:00.000Z"],
    ]);
    assertEquals(await replayed(rules([policy({ name: "hll", when: "hll > 1" }), gated])), [
      ["gated would-kill 1"],
      ["hll: hll"],
    ]);
  }));
