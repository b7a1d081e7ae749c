import { assertEquals, assertRejects } from "@std/assert";
import { GroupBoard } from "../../../src/shards/coordinator/group_board.ts";
import type { GroupRecord } from "../../../src/shards/coordinator/group_state.ts";

const record = (version: number) => ({ map: { version } }) as unknown as GroupRecord;

/** A board whose clock a test moves; whoever waits has waited long enough once `due` is true. */
function stage() {
  const scene = {
    now: 0,
    reads: 0,
    read: (): Promise<GroupRecord> => Promise.resolve(record(scene.reads)),
  };
  const board = new GroupBoard({
    clock: {
      now: () => scene.now,
      wall: () => scene.now,
      sleep: () => new Promise((resolve) => setTimeout(resolve, 0)),
    },
    read() {
      scene.reads++;
      return scene.read();
    },
    reasonOf: (error) => error instanceof TypeError ? undefined : (error as Error).message,
  });
  return { scene, board };
}

Deno.test("the metadata are read once for all who ask within a second", async () => {
  const { scene, board } = stage();
  const entries = await Promise.all([board.entry(), board.entry(), board.entry()]);
  assertEquals([scene.reads, entries.map(({ record }) => record?.map.version)], [1, [1, 1, 1]]);
  scene.now = 999;
  assertEquals((await board.entry()).at, 0);
  scene.now = 1_000;
  assertEquals([(await board.entry()).at, scene.reads], [1_000, 2]);
});

Deno.test("what was read stays, with its age, while the metadata cannot be read or do not answer", async () => {
  const { scene, board } = stage();
  assertEquals((await board.entry()).record?.map.version, 1);
  scene.now = 5_000;
  scene.read = () => Promise.reject(new Error("refused"));
  assertEquals(await board.entry(), { record: record(1), at: 0, problem: "refused" });
  scene.now = 9_000;
  const { promise, resolve } = Promise.withResolvers<GroupRecord>();
  scene.read = () => promise;
  assertEquals(await board.entry(), { record: record(1), at: 0, problem: "refused" });
  // Nobody asks a second time meanwhile.
  assertEquals([(await board.entry()).at, scene.reads], [0, 3]);
  resolve(record(7));
  await promise;
  assertEquals(await board.entry(), { record: record(7), at: 9_000, problem: undefined });
});

Deno.test("what should never happen is thrown once, and told until it is over", async () => {
  const { scene, board } = stage();
  scene.read = () => Promise.reject(new TypeError("a fault"));
  await assertRejects(() => board.entry(), TypeError, "a fault");
  assertEquals((await board.entry()).problem, "the coordinator failed: its log says how");
  scene.now = 1_000;
  scene.read = () => Promise.resolve(record(2));
  assertEquals((await board.entry()).problem, undefined);
});
