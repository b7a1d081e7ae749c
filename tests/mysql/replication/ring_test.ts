import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isUnknown } from "../../../src/language/mod.ts";
import { filePosition, gtidListPosition, type Position } from "../../../src/mysql/replication/position.ts";
import {
  lagBehind,
  recordPosition,
  recordPositions,
  type Ring,
} from "../../../src/mysql/replication/ring.ts";

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
  assertEquals(lagBehind(ring, at(4), { now: 4100 }), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(9), { now: 4100 }), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(3), { now: 4100 }), { ms: 100, atLeast: false });
  assertEquals(lagBehind(ring, at(1), { now: 4100 }), { ms: 2100, atLeast: false });
  assertEquals(lagBehind(ring, gtidListPosition("0-1-0")!, { now: 4100 }), { ms: 3100, atLeast: true });
});

Deno.test("an idle source gives 0, and its first transaction after that is no lag of its idle time", () => {
  const idle = ringOf([[1000, 1], [2000, 1], [600_000, 1]]);
  assertEquals(idle.samples.length, 1);
  assertEquals(lagBehind(idle, at(1), { now: 600_100 }), { ms: 0, atLeast: false });
  const woken = recordPosition(idle, { server: "s", position: at(2), at: 601_000 });
  assertEquals(lagBehind(woken, at(1), { now: 601_010 }), { ms: 10, atLeast: false });
});

Deno.test("lagBehind() is unknown without a fresh look at the source, and with what cannot be compared", () => {
  const ring = ringOf([[1000, 1], [2000, 2]]);
  assertEquals(lagBehind({ server: "s", samples: [] }, at(1), { now: 1000 }), {
    unknown: "its source has not been looked at",
  });
  assertEquals(lagBehind(ring, at(2), { now: 7001 }), {
    unknown: "its source has not been looked at for a while",
  });
  assertEquals(lagBehind(ring, at(2), { now: 7001, fresh: 10_000 }), { ms: 0, atLeast: false });
  assertEquals(lagBehind(ring, at(1), { now: 9000 }), { ms: 7000, atLeast: false }, "this much is sure");
  const unknown = { unknown: "its position and its source's cannot be compared" };
  assertEquals(lagBehind(ring, filePosition("bin.1", 4)!, { now: 2000 }), unknown);
  assertEquals(lagBehind(ring, gtidListPosition("7-1-1")!, { now: 2000 }), unknown);
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
    const lag = lagBehind(ring, at(1 + end / interval - looks), { now: end });
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
    const lag = lagBehind(ring!, at(has), { now: now });
    assert(!isUnknown(lag));
    const missing = committed[has];
    const truth = missing === undefined ? 0 : now - missing;
    assert(lag.ms <= truth, `${lag.ms} of ${truth}`);
    const plain = JSON.parse(JSON.stringify(ring)) as Ring;
    assertEquals(lagBehind(plain, at(has), { now: now }), lag);
  }));
});

const behind = (ms: number, ...through: readonly string[]) => ({ ms, through });

Deno.test("in a chain, what the source was behind itself is added: as it was when it had what is missing", () => {
  const sightings = [[1000, 1, 500], [2000, 2, 700], [3000, 3, 0]] as const;
  const chain = sightings.reduce<Ring | undefined>(
    (ring, [time, sequence, ms]) =>
      recordPosition(ring, { server: "b", position: at(sequence), at: time, behind: behind(ms, "a") }),
    undefined,
  )!;
  assertEquals(lagBehind(chain, at(1), { now: 3500 }), { ms: 1500, atLeast: false, above: 700 });
  assertEquals(lagBehind(chain, at(2), { now: 3500 }), { ms: 500, atLeast: false });
  assertEquals(lagBehind(chain, at(3), { now: 3500 }), { ms: 0, atLeast: false });
  const stuck = recordPosition(chain, { server: "b", position: at(3), at: 4000, behind: behind(900, "a") });
  assertEquals(lagBehind(stuck, at(3), { now: 4100 }), { ms: 0, atLeast: false, above: 900 });
  assertEquals(lagBehind(stuck, at(2), { now: 4100 }), { ms: 1100, atLeast: false });
  assertEquals(lagBehind(stuck, at(3), { now: 4100, self: "c" }), { ms: 0, atLeast: false, above: 900 });
  const unknown = recordPosition(stuck, { server: "b", position: at(3), at: 5000 });
  assertEquals(
    lagBehind(unknown, at(3), { now: 5100 }),
    { ms: 0, atLeast: false },
    "as if it followed nobody",
  );
});

Deno.test("in a circle nobody is behind what it has written itself", () => {
  const ring = recordPosition(undefined, {
    server: "b",
    position: at(3),
    at: 4000,
    behind: behind(900, "x", "a"),
  });
  assertEquals(lagBehind(ring, at(3), { now: 4100, self: "a" }), { ms: 0, atLeast: false });
});

Deno.test("the lag of a chain is never more than the truth while nothing passes its middle unseen", () => {
  const steps = fc.array(
    fc.record({
      wait: fc.integer({ min: 1, max: 5000 }),
      write: fc.boolean(),
      middle: fc.nat({ max: 3 }),
      end: fc.nat({ max: 3 }),
    }),
    { minLength: 2, maxLength: 60 },
  );
  fc.assert(fc.property(steps, (steps) => {
    const committed: number[] = [0];
    let [now, middle, end] = [0, 1, 1];
    let [top, below]: [Ring | undefined, Ring | undefined] = [undefined, undefined];
    for (const step of steps) {
      now += step.wait;
      if (step.write) committed.push(now);
      middle = Math.min(committed.length, middle + step.middle);
      // Both are looked at at once: then what the last look found is so.
      top = recordPosition(top, { server: "a", position: at(committed.length), at: now });
      const own = lagBehind(top, at(middle), { now });
      assert("ms" in own);
      below = recordPosition(below, {
        server: "b",
        position: at(middle),
        at: now,
        behind: behind(own.ms, "a"),
      });
      end = Math.min(middle, end + step.end);
      const lag = lagBehind(below, at(end), { now });
      assert("ms" in lag);
      const truth = end < committed.length ? now - committed[end]! : 0;
      assert(lag.ms + (lag.above ?? 0) <= truth, JSON.stringify({ lag, truth }));
    }
  }));
});
