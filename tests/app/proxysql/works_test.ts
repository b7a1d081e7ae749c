import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Works } from "../../../src/app/proxysql/works.ts";
import { type Work, WORKS } from "../../../src/http/proxysql/mod.ts";
import { settled } from "../../http/stage_clock.ts";

function newWorks(): Works {
  let last = 0;
  return new Works({ clock: { wall: () => 0 }, newId: () => String(++last) });
}

/** Begins something that ends when it is told to. */
function begun(works: Works, work: Work) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const answer = works.begin(work, (given) => {
    signal = given;
    return promise;
  });
  return { answer, end: resolve, fail: reject, isCalledOff: () => signal?.aborted };
}

Deno.test("of each kind one thing is done at a time, and what became of the last of each is kept", async () => {
  const works = newWorks();
  const drain = begun(works, "drain");
  assertEquals(drain.answer.kind, "begun");
  assertEquals(begun(works, "drain").answer, {
    kind: "busy",
    running: {
      ...{
        id: "1",
        work: "drain",
        state: "running",
        since: "1970-01-01T00:00:00.000Z",
        ended: null,
        reason: null,
      },
    },
  });
  const dump = begun(works, "dump");
  assertEquals(works.states.map(({ work, state }) => `${work} ${state}`), ["drain running", "dump running"]);
  drain.end("nobody is left");
  await works.idle("drain");
  dump.fail(new Error("the disk is full"));
  await works.idle();
  assertEquals(works.states.map(({ work, state, reason }) => [work, state, reason]), [
    ["drain", "done", "nobody is left"],
    ["dump", "failed", "the disk is full"],
  ]);
  assertEquals(begun(works, "drain").answer.kind, "begun");
});

Deno.test("a resume calls a drain off and waits for its end; a shutdown goes on with one", async () => {
  for (const work of ["resume", "shutdown"] as const) {
    const works = newWorks();
    const drain = begun(works, "drain");
    await settled();
    const next = begun(works, work);
    assertEquals([next.answer.kind, drain.isCalledOff(), next.isCalledOff()], ["begun", true, undefined]);
    assertEquals(begun(works, work).answer.kind, "busy");
    drain.end("called off");
    await settled();
    // It runs only now.
    assertEquals(next.isCalledOff(), false);
    next.end("done");
    await works.idle(work);
    assertEquals(works.states.map(({ work, reason }) => [work, reason]), [["drain", "called off"], [
      work,
      "done",
    ]]);
  }
  const works = newWorks();
  begun(works, "shutdown");
  assertEquals(begun(works, "drain").answer.kind, "busy");
});

Deno.test("whatever is asked for in whatever order, no two of a kind run at once, and all end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...WORKS), fc.boolean()), { maxLength: 30 }),
      async (steps) => {
        const works = newWorks();
        const running = { drain: 0, dump: 0, cluster: 0 };
        const groupOf = (work: Work) =>
          work === "dump" ? "dump" : work === "resync" || work === "stamp" ? "cluster" : "drain";
        const ends: (() => void)[] = [];
        for (const [work, endsOne] of steps) {
          works.begin(work, async () => {
            assertEquals(++running[groupOf(work)], 1);
            await new Promise<void>((resolve) => ends.push(resolve));
            running[groupOf(work)]--;
            return "done";
          });
          await Promise.resolve();
          if (endsOne) ends.shift()?.();
        }
        while (works.states.some(({ state }) => state === "running")) {
          await settled();
          for (const end of ends.splice(0)) end();
          await settled();
        }
        assertEquals(running, { drain: 0, dump: 0, cluster: 0 });
        assertEquals(works.states.every(({ state }) => state === "done"), true);
      },
    ),
    { numRuns: 50 },
  );
});
