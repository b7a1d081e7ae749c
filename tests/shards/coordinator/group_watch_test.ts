import { assertEquals } from "@std/assert";
import { groupEvent } from "../../../src/cli/commands/coordinator/events.ts";
import { DatabaseError } from "../../../src/connection/mod.ts";
import type { Change } from "../../../src/shards/coordinator/change.ts";
import type { CoordinatorRole } from "../../../src/shards/coordinator/coordinator.ts";
import { GroupWatch } from "../../../src/shards/coordinator/group_watch.ts";
import type { Group } from "../../../src/shards/members/member.ts";
import type { GroupSnapshot } from "../../../src/shards/policy/mod.ts";
import { cold, hot, MINUTE, rules, shard, snapshot, told } from "../policy/fixture.ts";

const STANDBY: CoordinatorRole = { role: "standby", why: "another coordinator has the lease" };

const WALL = Date.parse("2026-11-27T12:00:00Z");

interface Scene {
  role: CoordinatorRole;
  readonly changes: Change[];
  rows: number;
  /** Done while it is asked whether something is paused. */
  whilePaused?: () => void;
  carryOut?: () => Promise<Change>;
}

/** What a watch decided and had carried out, at these looks, one a minute. */
async function watched(
  policies: ReturnType<typeof rules>["policies"],
  looks: readonly ((scene: Scene) => void)[],
) {
  const scene: Scene = { role: STANDBY, changes: [], rows: 150 };
  const { limits, maxShards, budget } = rules(policies);
  const growth = { limits, policies, maxShards, budget, metrics: { interval: MINUTE } };
  const group = {
    sharding: { mode: "enforce", shards: ["s1"], growth },
    databases: [],
  } as unknown as Group;
  const controller = new AbortController();
  const [seen, failures, gates]: [string[], string[], string[]] = [[], [], []];
  let at = 0;
  const watch = new GroupWatch({
    group,
    coordinator: {
      get role() {
        return scene.role;
      },
      current: undefined,
      changes: () => Promise.resolve(scene.changes),
      carryOut: () => scene.carryOut?.() ?? new Promise<Change>(() => {}),
    },
    clock: {
      now: () => at * MINUTE,
      wall: () => WALL + at * MINUTE,
      async sleep() {
        // What was begun goes on meanwhile.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        at++;
        if (at >= looks.length) controller.abort();
      },
    },
    signal: controller.signal,
    members: () => Promise.resolve([]),
    look(): Promise<GroupSnapshot> {
      looks[at]!(scene);
      return Promise.resolve(snapshot(at * MINUTE, [shard("s1", { rows: scene.rows })]));
    },
    async paused() {
      await Promise.resolve();
      scene.whilePaused?.();
      return undefined;
    },
    tell(news) {
      if (news.kind === "decision") seen.push(`${at}: ${told([news.decision])[0]}`);
      if (news.kind === "gate") gates.push(`${at}: ${JSON.stringify(groupEvent(news, "shop"))}`);
      if (news.kind === "outcome") seen.push(`${at}: ${news.outcome.outcome}`);
    },
    failed: (error) => failures.push(String(error)),
  });
  await watch.run();
  return { seen, failures, gates, standing: watch.gates };
}

const look = () => {};

function change(minute: number, rest: Partial<Change> = {}): Change {
  const began = new Date(WALL + minute * MINUTE).toISOString();
  return {
    ...{ id: "7", action: "split", source: "s1", shard: "s2", policy: "hot", cause: "hot", named: false },
    ...{ step: "ended", outcome: "done", transfers: [], began, changed: began },
    ...rest,
  };
}

const LEASE = "lease (another coordinator has the lease)";

Deno.test("a standby that takes over knows what the other one did while it looked on", async () => {
  const policies = [hot({ settle: 10 * MINUTE })];
  const takesOver = (scene: Scene) => scene.role = { role: "active" };
  const { seen } = await watched(policies, [
    look,
    (scene) => scene.changes.unshift(change(1)),
    look,
    // As it ends: the change is in the journal after the role was read.
    takesOver,
    ...Array.from({ length: 8 }, () => look),
  ]);
  assertEquals(seen, [
    `0: hot split s1: ${LEASE}`,
    "4: hot split s1: not-seen",
    "6: hot split s1: settle",
    "11: hot split s1",
  ]);
});

Deno.test("a policy without settle that another coordinator obeyed acts again only after its gate has closed", async () => {
  const policies = [cold({ when: "sum(rows) > 100" })];
  const done = change(1, { action: "add shard", policy: "cold" });
  const before = [look, (scene: Scene) => scene.changes.unshift(done)];
  const takesOver = (scene: Scene) => scene.role = { role: "active" };
  const open = await watched(policies, [...before, takesOver, look, look, look, look]);
  assertEquals(open.seen, [
    `0: cold add shard: ${LEASE}`,
    "3: cold add shard: not-seen",
    "5: cold add shard: acted",
  ]);
  const closes = (scene: Scene) => scene.rows = 50;
  const opens = (scene: Scene) => scene.rows = 150;
  const closed = await watched(policies, [...before, look, closes, opens, takesOver, look, look, look, look]);
  assertEquals(closed.seen.includes("8: cold add shard"), true, closed.seen.join("\n"));
});

Deno.test("nothing is decided by a look that began before the lease changed hands", async () => {
  const { seen } = await watched([hot()], [
    (scene) => scene.role = { role: "active" },
    (scene) => scene.whilePaused = () => scene.role = { role: "active" },
    look,
  ]);
  assertEquals(
    seen,
    [
      `0: hot split s1: ${LEASE}`,
      "1: hot split s1: lease (it has just changed hands)",
    ].slice(0, seen.length),
  );
  // Told once.
  assertEquals(seen, [`0: hot split s1: ${LEASE}`]);
});

Deno.test("an outcome that comes while a look asks about a pause is not lost", async () => {
  let end = (_: Change) => {};
  const { seen } = await watched([hot({ settle: 2 * MINUTE })], [
    (scene) => scene.role = { role: "active" },
    (scene) => {
      const { promise, resolve } = Promise.withResolvers<Change>();
      end = resolve;
      scene.carryOut = () => promise;
    },
    (scene) => scene.whilePaused = () => end(change(2)),
    ...Array.from({ length: 6 }, () => look),
  ]);
  assertEquals(seen.slice(1, 4), ["1: hot split s1", "2: done", "2: hot split s1: not-seen"]);
});

Deno.test("a change that is cancelled is told as that, and not asked for again while its gate is open", async () => {
  const cancelled = change(1, { action: "add shard", policy: "cold", outcome: "cancelled" });
  const { seen } = await watched([cold({ when: "sum(rows) > 100" })], [
    (scene) => scene.role = { role: "active" },
    (scene) => scene.carryOut = () => Promise.resolve(cancelled),
    ...Array.from({ length: 5 }, () => look),
    (scene) => scene.rows = 50,
    (scene) => scene.rows = 150,
    look,
  ]);
  assertEquals(seen, [
    `0: cold add shard: ${LEASE}`,
    "1: cold add shard",
    "1: cancelled",
    "2: cold add shard: not-seen",
    "3: cold add shard: acted",
    "8: cold add shard",
    "8: cancelled",
    "9: cold add shard: not-seen",
  ]);
});

Deno.test("an error that nobody knows is told of, and nothing more is begun", async () => {
  const { seen, failures } = await watched([hot({ settle: MINUTE })], [
    (scene) => scene.role = { role: "active" },
    (scene) => scene.carryOut = () => Promise.reject(new RangeError("a bug")),
    ...Array.from({ length: 6 }, () => look),
  ]);
  assertEquals(failures, ["RangeError: a bug"]);
  assertEquals(seen.filter((line) => line.endsWith("hot split s1")).length, 1);
  const refused = await watched([hot({ settle: MINUTE })], [
    (scene) => scene.role = { role: "active" },
    (scene) => scene.carryOut = () => Promise.reject(new DatabaseError("lost", "gone")),
    look,
  ]);
  assertEquals([refused.failures, refused.seen.includes("1: refused")], [[], true]);
});

Deno.test("a gate that opens or closes is told once, with its values", async () => {
  const policies = [hot({}), cold({ when: "sum(rows) > 900" })];
  const rows = (count: number) => (scene: Scene) => void (scene.rows = count);
  const { gates } = await watched(policies, [look, look, rows(50), look, rows(150), rows(950)]);
  const event = (policy: string, state: string, left: number, right: number) =>
    `{"event":"shard-gate","schema":"shop","policy":"${policy}"${policy === "hot" ? ',"shard":"s1"' : ""},` +
    `"state":"${state}","because":[{"expression":"${policy === "hot" ? "rows" : "sum(rows)"} > ${right}",` +
    `"left":"${left}","right":"${right}"}]}`;
  assertEquals(gates, [
    `0: ${event("hot", "open", 150, 100)}`,
    `2: ${event("hot", "closed", 50, 100)}`,
    `4: ${event("hot", "open", 150, 100)}`,
    `5: ${event("cold", "open", 950, 900)}`,
  ]);
});

Deno.test("the gates of the last look tell what is done about them, also what was told before", async () => {
  const { seen, standing } = await watched([hot(), cold({ when: "sum(rows) > 900" })], [look, look, look]);
  assertEquals(seen, [`0: hot split s1: ${LEASE}`]);
  assertEquals(
    standing.map(({ policy, shard, gate, decision }) => [
      ...[policy.name, shard, gate.state, decision?.outcome?.skipped],
    ]),
    [["hot", "s1", "open", "lease"], ["cold", undefined, "closed", undefined]],
  );
});
