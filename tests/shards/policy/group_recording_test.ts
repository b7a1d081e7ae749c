import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { GroupReplay, headerOf, lookOf, type RecordedGroupLook } from "../../../src/shards/policy/mod.ts";
import { cold, hot, MINUTE, rules, shard, snapshot, told } from "./fixture.ts";

function look(at: number, rows: number, wall = at): RecordedGroupLook {
  return { wall, snapshot: snapshot(at, [shard("s1", { rows, cpu: { unknown: "no source", atLeast: 2 } })]) };
}

Deno.test("a recorded look is read as it was written", () => {
  const written = look(5, 150);
  assertEquals(lookOf(JSON.stringify(written)), written);
  const header = {
    group_recording: 1,
    version: "0.1.0",
    at: "2026-11-27T19:00:00.000Z",
    schema: "shop",
  } as const;
  assertEquals(headerOf(JSON.stringify(header)), header);
});

Deno.test("what is no recording of a group, or a broken one, is refused with the reason", () => {
  assertEquals(headerOf('{"recording":1}'), "this is no recording of a group of shards");
  assertEquals(headerOf("\u001f\u008b"), "this is no recording of a group of shards");
  assertEquals(
    headerOf('{"group_recording":2}'),
    "this recording has a format that this version does not read",
  );
  const whole = JSON.parse(JSON.stringify(look(5, 150)));
  const broken = (edit: (value: typeof whole) => void) => {
    const copy = structuredClone(whole);
    edit(copy);
    return lookOf(JSON.stringify(copy));
  };
  assertEquals(lookOf("[]"), "expected a look: it is no JSON object");
  assertEquals(lookOf('{"wall":1,"snap'), "expected a look: it is no JSON object");
  assertEquals(broken((value) => delete value.wall), "expected a look, with wall and snapshot");
  assertEquals(
    broken((value) => delete value.snapshot.map),
    "expected a look, with at, shards, map and moving",
  );
  assertEquals(
    broken((value) => value.snapshot.shards = {}),
    "expected a look, with at, shards, map and moving",
  );
  for (
    const edit of [
      (shard: Record<string, unknown>) => delete shard["shard"],
      (shard: Record<string, unknown>) => shard["values"] = { rows: null },
      (shard: Record<string, unknown>) => shard["values"] = { rows: { unknown: 5 } },
      (shard: Record<string, unknown>) => shard["reachable"] = "yes",
      (shard: Record<string, unknown>) => shard["report"] = {},
      (shard: Record<string, unknown>) => shard["hot_key"] = 5,
    ]
  ) {
    assertEquals(broken((value) => edit(value.snapshot.shards[0])), "this shard is not whole: shards[0]");
  }
});

Deno.test("no line of a recording makes a replay fail", () => {
  const replay = new GroupReplay(rules([hot(), cold()]));
  const line = JSON.stringify(look(5, 150));
  fc.assert(
    fc.property(
      fc.nat(line.length),
      fc.nat(line.length),
      fc.constantFrom("", "null", "5", '"x"', "{}"),
      (at, cut, put) => {
        const found = lookOf(line.slice(0, Math.min(at, cut)) + put + line.slice(Math.max(at, cut)));
        if (typeof found !== "string") replay.next(found);
      },
    ),
  );
});

Deno.test("a replay asks its policies in recorded time, and never twice for one cause", () => {
  const replay = new GroupReplay(rules([hot({ for: MINUTE }), cold({ when: "sum(rows) > 120" })]));
  const at = (time: number, rows: number) => told(replay.next(look(time, rows, time)).decisions);
  assertEquals(at(0, 150), ["cold add shard"]);
  assertEquals(at(30_000, 150), ["cold add shard: not-seen"]);
  assertEquals(at(MINUTE, 150), ["hot split s1", "cold add shard: changing"]);
  assertEquals(at(2 * MINUTE, 150), ["hot split s1: not-seen"]);
  assertEquals(at(3 * MINUTE, 150), ["hot split s1: settle", "cold add shard: acted"]);
  assertEquals(at(40 * MINUTE, 150), ["hot split s1: gave-up"]);
});
