import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isUnknown } from "../../../src/language/mod.ts";
import { filePosition, gtidListPosition, type Position } from "../../../src/snapshot/replication/position.ts";
import {
  lagBehind,
  recordPosition,
  recordPositions,
  type Ring,
} from "../../../src/snapshot/replication/ring.ts";

const at = (sequence: number): Position => gtidListPosition(`0-1-${sequence}`)!;

/** A ring of looks, each a time and a position. */
function ringOf(looks: readonly (readonly [at: number, sequence: number])[], server = "s"): Ring {
  const ring = looks.reduce<Ring | undefined>(
    (ring, [time, sequence]) => recordPosition(ring, { server, position: at(sequence), at: time }),
    undefined,
  );
  return ring ?? { server, samples: [] };
}

Deno.test("lagBehind() counts from when the source is known to have had what is missing", () => {
  const ring = ringOf([[1000, 1], [2000, 2], [3000, 3], [4000, 4]]);
  assertEquals(lagBehind(ring, at(4), 4100), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(9), 4100), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(3), 4100), { ms: 100, atLeast: false });
  assertEquals(lagBehind(ring, at(1), 4100), { ms: 2100, atLeast: false });
  assertEquals(lagBehind(ring, gtidListPosition("0-1-0")!, 4100), { ms: 3100, atLeast: true });
});

Deno.test("an idle source gives 0, and its first transaction after that is no lag of its idle time", () => {
  const idle = ringOf([[1000, 1], [2000, 1], [600_000, 1]]);
  assertEquals(idle.samples.length, 1);
  assertEquals(lagBehind(idle, at(1), 600_100), { ms: 0, atLeast: false });
  const woken = recordPosition(idle, { server: "s", position: at(2), at: 601_000 });
  assertEquals(lagBehind(woken, at(1), 601_010), { ms: 10, atLeast: false });
});

Deno.test("lagBehind() is unknown without a fresh look at the source, and with what cannot be compared", () => {
  const ring = ringOf([[1000, 1], [2000, 2]]);
  assertEquals(lagBehind({ server: "s", samples: [] }, at(1), 1000), {
    unknown: "its source has not been looked at",
  });
  assertEquals(lagBehind(ring, at(2), 7001), { unknown: "its source has not been looked at for a while" });
  assertEquals(lagBehind(ring, at(2), 7001, 10_000), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(1), 9000), { ms: 7000, atLeast: false }, "this much is sure");
  const unknown = { unknown: "its position and its source's cannot be compared" };
  assertEquals(lagBehind(ring, filePosition("bin.1", 4)!, 2000), unknown);
  assertEquals(lagBehind(ring, gtidListPosition("7-1-1")!, 2000), unknown);
});

Deno.test("a ring forgets everything of another server, and of one that went back", () => {
  const ring = ringOf([[1000, 1], [2000, 20]]);
  const other = recordPosition(ring, { server: "t", position: at(30), at: 3000 });
  assertEquals([other.server, other.samples.length], ["t", 1]);
  assertEquals(recordPosition(ring, { server: "s", position: at(3), at: 3000 }).samples.length, 1);
  assertEquals(recordPosition(ring, { server: "s", position: at(30), at: 3000 }).samples.length, 3);
  assertEquals(recordPosition(ring, { server: "s", position: at(30), at: 1500 }).samples.length, 1);
});

Deno.test("recordPositions() keeps a ring for each kind of position", () => {
  const positions = [at(5), filePosition("bin.000001", 4)!];
  const rings = recordPositions({}, { server: "s", positions, at: 1000 });
  assertEquals(Object.keys(rings), ["gtid_list", "file"]);
  assertEquals(recordPositions(rings, { server: "s", positions: [], at: 2000 }), rings);
});

Deno.test("a ring stays small for hours, and misses at most 2% of a lag and the time between two looks", () => {
  const interval = 100;
  let ring = ringOf([[0, 1]]);
  let most = 0;
  const end = 3 * 3_600_000;
  for (let now = interval; now <= end; now += interval) {
    ring = recordPosition(ring, { server: "s", position: at(1 + now / interval), at: now });
    most = Math.max(most, ring.samples.length);
  }
  assert(most < 600, `${most} samples`);
  fc.assert(fc.property(fc.integer({ min: 1, max: 3_600_000 / interval }), (looks) => {
    const lag = lagBehind(ring, at(1 + end / interval - looks), end);
    assert(!isUnknown(lag) && !lag.atLeast);
    const truth = looks * interval;
    assert(lag.ms <= truth && lag.ms >= truth * 0.98 - 2 * interval, `${lag.ms} of ${truth}`);
  }));
});

Deno.test("lagBehind() never says more than the truth, whatever the looks and however old the samples", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(fc.property(steps, fc.nat(), (steps, choice) => {
    /** When each transaction was committed: right after the look before the one that first saw it. */
    const committed: number[] = [0];
    let now = 0;
    let ring: Ring | undefined;
    for (const [pause, count] of steps) {
      for (let index = 0; index < count; index++) committed.push(now);
      now += pause;
      ring = recordPosition(ring, { server: "s", position: at(committed.length), at: now });
    }
    const has = 1 + choice % committed.length;
    const lag = lagBehind(ring!, at(has), now);
    assert(!isUnknown(lag));
    const missing = committed[has];
    const truth = missing === undefined ? 0 : now - missing;
    assert(lag.ms <= truth, `${lag.ms} of ${truth}`);
    const plain = JSON.parse(JSON.stringify(ring)) as Ring;
    assertEquals(lagBehind(plain, at(has), now), lag);
  }));
});
