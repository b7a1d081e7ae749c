import { assertEquals } from "@std/assert";
import {
  afterOutcome,
  decideGroup,
  type GroupDecision,
  type GroupMemory,
  type GroupMoment,
  type GroupOutcome,
  type GroupRules,
  type GroupSnapshot,
  isOrder,
  NO_GROUP_MEMORY,
  recalled,
  reminded,
} from "../../../src/shards/policy/mod.ts";
import { cold, hot, MINUTE, rules, shard, snapshot, told } from "./fixture.ts";

/** A group that is looked at again and again. */
class Watched {
  memory: GroupMemory = NO_GROUP_MEMORY;
  readonly #rules: GroupRules;
  #order: GroupDecision | undefined;

  constructor(rules: GroupRules) {
    this.#rules = rules;
  }

  look(snapshot: GroupSnapshot, moment: Partial<GroupMoment> = {}): readonly string[] {
    const { decisions, memory } = decideGroup(snapshot, this.#rules, this.memory, {
      now: snapshot.at,
      wall: snapshot.at,
      ...moment,
    });
    // The memory is kept in files, too.
    this.memory = JSON.parse(JSON.stringify(memory));
    this.#order = decisions.find(isOrder) ?? this.#order;
    return told(decisions);
  }

  ended(now: number, outcome: GroupOutcome = { outcome: "done" }): void {
    const decision = this.#order!;
    this.memory = afterOutcome(this.memory, { decision, outcome }, { ...this.#rules, now });
  }
}

const FULL = [shard("s1", { rows: 150 }), shard("s2", { rows: 20 })];

Deno.test("a policy about each shard acts on the one whose `when` holds, with the values that led to it", () => {
  const { decisions, memory } = decideGroup(snapshot(5, FULL), rules([hot()]), NO_GROUP_MEMORY, {
    now: 5,
    wall: 0,
  });
  assertEquals(decisions, [{
    policy: "hot",
    action: "split",
    shard: "s1",
    mode: "enforce",
    because: [{ expression: "rows > 100", left: "150", right: "100" }],
    decided: 5,
  }]);
  assertEquals(memory.change?.decision, { policy: "hot", action: "split", shard: "s1", decided: 5 });
});

Deno.test("a policy about the group acts on what is known of all shards", () => {
  const group = new Watched(rules([cold(), cold({ name: "warm", when: "max(cpu) > 60%", then: "log" })]));
  const shards = (last: number) => [
    shard("s1", { rows: 150, cpu: 10 }),
    shard("s2", { rows: 100, cpu: { unknown: "no source" } }),
    shard("s3", { rows: last, cpu: 99 }),
  ];
  assertEquals(group.look(snapshot(0, shards(50))), ["warm log"]);
  assertEquals(group.look(snapshot(1, shards(51))), ["cold add shard"]);
});

Deno.test("what is unknown moves nothing", () => {
  const group = new Watched(rules([hot(), cold(), hot({ name: "busy", when: "cpu > 70% or qps > 1" })]));
  const unknown = { unknown: "it was not counted" };
  assertEquals(
    group.look(snapshot(0, [shard("s1", { rows: unknown, cpu: unknown }), shard("s2", { rows: 90 })])),
    [],
  );
  const partly = { unknown: "the rest was not counted", atLeast: 101 };
  assertEquals(group.look(snapshot(1, [shard("s1", { rows: partly }), shard("s2", { rows: 90 })])), [
    "hot split s1",
  ]);
});

Deno.test("a gate has to be open for `for`, at every look; what is unknown meanwhile counts as not open", () => {
  const group = new Watched(rules([hot({ for: MINUTE })]));
  const look = (at: number, rows: number | undefined) =>
    group.look(snapshot(at, [shard("s1", rows === undefined ? {} : { rows })]));
  assertEquals(look(0, 150), []);
  assertEquals(look(59_999, 150), []);
  assertEquals(look(60_000, undefined), []);
  assertEquals(look(60_001, 150), []);
  assertEquals(look(120_000, 150), []);
  assertEquals(look(120_001, 150), ["hot split s1"]);
});

Deno.test("one change at a time, the fullest shard first, and the next one after two fresh looks", () => {
  const group = new Watched(rules([hot()]));
  const full = [shard("s1", { rows: 150 }), shard("s2", { rows: 170 })];
  assertEquals(group.look(snapshot(0, full)), ["hot split s2", "hot split s1: changing"]);
  assertEquals(group.look(snapshot(10, full)), ["hot split s2: changing"]);
  group.ended(20);
  const after = [...full, shard("s3", { rows: 85 })];
  assertEquals(group.look(snapshot(20, after)), ["hot split s2: not-seen", "hot split s1: not-seen"]);
  assertEquals(group.look(snapshot(21, after)), []);
  assertEquals(group.look(snapshot(21, after)), [], "the same look once more is no fresh one");
  assertEquals(group.look(snapshot(30, after)), ["hot split s2: settle", "hot split s1"]);
});

Deno.test("nothing is changed while slots move, whoever moves them, nor before that was seen twice to be over", () => {
  const group = new Watched(rules([hot()]));
  assertEquals(group.look(snapshot(0, FULL, { moving: true })), ["hot split s1: changing"]);
  assertEquals(group.look(snapshot(10, FULL)), ["hot split s1: not-seen"]);
  assertEquals(group.look(snapshot(20, FULL)), ["hot split s1"]);
});

Deno.test("nothing is changed while a shard is not reached, in grace, or does not agree with the map", () => {
  const group = new Watched(rules([hot()], { grace: 10_000 }));
  const look = (at: number, rest: Partial<GroupSnapshot> = {}) => group.look(snapshot(at, FULL, rest));
  assertEquals(look(0), ["hot split s1: grace (s1, s2)"]);
  const lost = [FULL[0]!, shard("s2", {}, { reachable: false })];
  assertEquals(group.look(snapshot(20_000, lost)), ["hot split s1: unreachable (s2)"]);
  assertEquals(look(29_999), []);
  const map = { version: 3, agrees: false, reason: "s2 has epoch 4, and in the map 5" };
  assertEquals(look(30_000, { map }), ["hot split s1: map (s2 has epoch 4, and in the map 5)"]);
  const restarted = { identity: { server: "s2", started: 500 }, uptime: 5, readOnly: false };
  assertEquals(group.look(snapshot(31_000, [FULL[0]!, shard("s2", { rows: 1 }, { report: restarted })])), []);
  const after = [FULL[0]!, shard("s2", { rows: 1 }, { report: restarted })];
  assertEquals(group.look(snapshot(40_999, after)), []);
  assertEquals(group.look(snapshot(41_000, after)), ["hot split s1"]);
});

Deno.test("pause, lease and journal hold everything but what only tells", () => {
  for (const reason of ["paused", "lease", "journal"] as const) {
    const group = new Watched(rules([hot(), hot({ name: "told", then: "log" })]));
    const hold = { hold: { reason, note: "maintenance" } };
    assertEquals(group.look(snapshot(0, FULL), hold), [
      `hot split s1: ${reason} (maintenance)`,
      "told log s1",
    ]);
    assertEquals(group.look(snapshot(1, FULL)), ["hot split s1"]);
  }
});

Deno.test("max_shards and the budget bound what is added, and `rebalance` needs neither", () => {
  const full = new Watched(rules([hot(), hot({ name: "even", then: "rebalance" })], { maxShards: 2 }));
  assertEquals(full.look(snapshot(0, FULL)), ["hot split s1: max-shards (2)", "even rebalance s1"]);
  const none = new Watched(rules([cold({ when: "sum(rows) > 1" })], { budget: { shards: 0, per: MINUTE } }));
  assertEquals(none.look(snapshot(0, FULL)), ["cold add shard: budget"]);
});

Deno.test("the budget is free again when its window is over", () => {
  const group = new Watched(rules([hot({ settle: 0 })], { budget: { shards: 1, per: 10 * MINUTE } }));
  const at = (time: number, rows: number) => group.look(snapshot(time, [shard("s1", { rows })]));
  assertEquals(at(0, 500), ["hot split s1"]);
  group.ended(MINUTE);
  at(2 * MINUTE, 400);
  assertEquals(at(3 * MINUTE, 300), ["hot split s1: budget"]);
  assertEquals(at(10 * MINUTE - 1, 300), []);
  assertEquals(at(10 * MINUTE, 300), ["hot split s1"]);
});

Deno.test("a policy without `settle` acts once, until its gate has closed", () => {
  const group = new Watched(rules([cold()]));
  const look = (at: number, rows: number) =>
    group.look(snapshot(at, [shard("s1", { rows }), shard("s2", { rows: 0 })]));
  assertEquals(look(0, 301), ["cold add shard"]);
  group.ended(1);
  assertEquals(look(10, 900), ["cold add shard: not-seen"]);
  assertEquals(look(20, 900), ["cold add shard: acted"]);
  assertEquals(look(MINUTE * 600, 900), []);
  assertEquals(look(MINUTE * 601, 300), []);
  assertEquals(look(MINUTE * 602, 301), ["cold add shard"]);
});

Deno.test("the end of a policy's hours is not the end of what it acted on", () => {
  const during = {
    text: "00:00-12:00",
    windows: [{ days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 720, zone: "UTC" }],
  };
  const day = 24 * 60 * MINUTE;
  for (const policy of [cold({ during }), cold({ during, settle: MINUTE })]) {
    const group = new Watched(rules([policy]));
    const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
    assertEquals(look(0), ["cold add shard"]);
    group.ended(1);
    for (const at of [10, 20, 5 * MINUTE, day / 2 + 1, day, day + MINUTE, 2 * day]) {
      assertEquals(
        group.look(snapshot(at, [shard("s1", { rows: 301 })])).filter((line) => !line.includes(":")),
        [],
      );
    }
  }
});

Deno.test("a policy with `settle` waits from the end of its change, and gives up where that improved nothing", () => {
  const group = new Watched(rules([hot()]));
  const look = (at: number, rows: number) => group.look(snapshot(at, [shard("s1", { rows })]));
  assertEquals(look(0, 500), ["hot split s1"]);
  group.ended(60 * MINUTE);
  assertEquals(look(61 * MINUTE, 500), ["hot split s1: not-seen"]);
  assertEquals(look(62 * MINUTE, 500), ["hot split s1: settle"]);
  assertEquals(look(63 * MINUTE, 250), []);
  assertEquals(look(90 * MINUTE, 250), []);
  assertEquals(look(92 * MINUTE, 250), [], "each improvement makes it wait anew");
  assertEquals(look(93 * MINUTE, 250), ["hot split s1"]);
  group.ended(100 * MINUTE);
  for (const at of [101, 102]) look(at * MINUTE, 250);
  assertEquals(look(131 * MINUTE, 250), ["hot split s1: gave-up"]);
  assertEquals(look(132 * MINUTE, 50), []);
  // Its gate has closed: the next time is another cause.
  const { memory } = group;
  assertEquals([memory.shards["s1"]?.gaveUp, memory.acted, memory.told], [[], [], []]);
});

Deno.test("what failed is tried again later, and what was refused costs no budget", () => {
  for (const [outcome, left] of [["failed", 0], ["refused", 1]] as const) {
    const group = new Watched(rules([cold()], { budget: { shards: 1, per: 60 * MINUTE } }));
    const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
    assertEquals(look(0), ["cold add shard"]);
    group.ended(10, { outcome, reason: "no server" });
    assertEquals(look(20), ["cold add shard: not-seen"]);
    assertEquals(look(30), ["cold add shard: settle (it could not be done the last time)"]);
    assertEquals(look(10 + MINUTE - 1), []);
    assertEquals(look(10 + MINUTE), [left === 0 ? "cold add shard: budget" : "cold add shard"]);
  }
});

Deno.test("what somebody cancelled is asked for again once its gate has closed, or after its settle", () => {
  const cancelled = { outcome: "cancelled", reason: "cancel was ordered" } as const;
  const once = new Watched(rules([cold()]));
  const sum = (at: number, rows = 301) => once.look(snapshot(at * MINUTE, [shard("s1", { rows })]));
  assertEquals(sum(0), ["cold add shard"]);
  once.ended(1, cancelled);
  assertEquals(sum(1), ["cold add shard: not-seen"]);
  assertEquals(sum(2), ["cold add shard: acted"]);
  assertEquals(sum(90), []);
  assertEquals([sum(91, 1), sum(92)], [[], ["cold add shard"]]);
  const settling = new Watched(rules([hot({ settle: 30 * MINUTE })]));
  const rows = (at: number) => settling.look(snapshot(at * MINUTE, [shard("s1", { rows: 150 })]));
  assertEquals(rows(0), ["hot split s1"]);
  settling.ended(MINUTE, cancelled);
  assertEquals([rows(2), rows(3)].flat(), [
    "hot split s1: not-seen",
    "hot split s1: settle (it could not be done the last time)",
  ]);
  assertEquals([rows(30), rows(31)], [[], ["hot split s1"]]);
});

Deno.test("what was cancelled in an earlier run, or by another coordinator, was its policy's turn", () => {
  const [now, wall] = [1000, 100 * MINUTE];
  const policies = [cold()];
  const past = { id: "3", policy: "cold", action: "add shard", decided: wall - 1, ended: wall } as const;
  const cancelled = { ...past, failed: true, cancelled: true };
  const lookAt = (group: Watched, at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
  const later = now + 2 * MINUTE;
  for (
    const [change, told] of [[cancelled, "cold add shard: acted"], [
      { ...past, failed: true },
      "cold add shard",
    ]] as const
  ) {
    const group = new Watched(rules(policies));
    group.memory = recalled([change], { policies, now, wall });
    lookAt(group, now + 1);
    lookAt(group, now + 2);
    assertEquals(lookAt(group, later), told === "cold add shard" ? [told] : []);
    assertEquals(group.memory.acted.length, 1);
    const standby = new Watched(rules(policies));
    for (const known of [new Set<string>(), new Set(["3"])]) {
      standby.memory = reminded(standby.memory, [change], { policies, now, wall, known });
    }
    assertEquals(standby.memory.acted.length, told === "cold add shard" ? 0 : 1);
  }
});

Deno.test("a dry run rehearses: it tells once, and spends a budget of its own", () => {
  const group = new Watched(rules([cold()], { mode: "dry-run" }));
  const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
  assertEquals(look(0), ["dry-run cold add shard"]);
  assertEquals([group.memory.change, group.memory.group.spent.length], [undefined, 1]);
  assertEquals(look(1), ["dry-run cold add shard: acted"]);
  assertEquals(look(2), []);
});

Deno.test("a policy's own dry run is in nobody's way", () => {
  const shadow = hot({ name: "shadow", mode: "dry-run" });
  const group = new Watched(rules([shadow, hot()], { budget: { shards: 1, per: MINUTE } }));
  assertEquals(group.look(snapshot(0, FULL)), ["dry-run shadow split s1", "hot split s1"]);
  assertEquals(group.look(snapshot(1, FULL)), ["hot split s1: changing"]);
});

Deno.test("one key with most of the rows is told, in place of a shard that would not help", () => {
  const busy = { hot_key: { table: "orders", percent: 83 } };
  const look = (when: string, values: Readonly<Record<string, number>>, rest = busy) =>
    new Watched(rules([hot({ when })])).look(snapshot(0, [shard("s1", values, rest)]));
  assertEquals(look("rows > 100", { rows: 150 }), ["hot split s1: hot-key (83% of its rows, in orders)"]);
  assertEquals(look("rows > limits.rows or cpu > 70%", { rows: 150, cpu: 1 }), [
    "hot split s1: hot-key (83% of its rows, in orders)",
  ]);
  assertEquals(look("rows > 100 or cpu > 70%", { rows: 150, cpu: 90 }), ["hot split s1"]);
  assertEquals(look("cpu > 70%", { rows: 150, cpu: 90 }), ["hot split s1"]);
  const even = new Watched(rules([hot({ then: "rebalance" })]));
  assertEquals(even.look(snapshot(0, [shard("s1", { rows: 150 }, busy)])), ["hot rebalance s1"]);
});

Deno.test("a shard with one slot cannot be split", () => {
  const group = new Watched(rules([hot()]));
  assertEquals(group.look(snapshot(0, [shard("s1", { rows: 150 }, { slots: 1 })])), [
    "hot split s1: one-slot",
  ]);
});

Deno.test("a shard that is lost and found again has not forgotten what was done to it", () => {
  const group = new Watched(rules([hot()]));
  const one = (at: number, rest = {}) => group.look(snapshot(at, [shard("s1", { rows: 150 }, rest)]));
  assertEquals(one(0), ["hot split s1"]);
  group.ended(1);
  group.look(snapshot(10, [shard("s1", {}, { reachable: false })]));
  const report = { identity: { server: "s1", started: 99 }, uptime: 5, readOnly: false };
  assertEquals(one(20, { report }), ["hot split s1: not-seen"]);
  assertEquals(one(30, { report }), ["hot split s1: settle"]);
});

Deno.test("what an earlier run did counts: its budget, its waits, and whether it has acted", () => {
  const [now, wall] = [1000, 100 * MINUTE];
  const hotChange = { id: "2", policy: "hot", action: "split", shard: "s1" } as const;
  const coldChange = { id: "3", policy: "cold", action: "add shard", decided: 95 * MINUTE } as const;
  // The newest first.
  const changes = [
    { ...coldChange, failed: true, refused: true },
    { ...hotChange, decided: 80 * MINUTE, ended: 90 * MINUTE },
    { ...hotChange, id: "1", decided: 10 * MINUTE, ended: 20 * MINUTE },
  ];
  const all = rules([hot(), cold()], { budget: { shards: 2, per: 60 * MINUTE } });
  const { policies } = all;
  const group = new Watched(all);
  group.memory = recalled(changes, { policies, now, wall });
  assertEquals(group.memory.group.spent.map(({ policy }) => policy), ["hot", "hot"]);
  const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
  assertEquals(look(now), ["hot split s1: not-seen", "cold add shard: not-seen"]);
  assertEquals(look(now + 1), []);
  assertEquals(look(now + 2), ["hot split s1: settle", "cold add shard"]);
  const acted = new Watched(rules([cold()]));
  acted.memory = recalled([coldChange], { policies, now, wall });
  const lookAgain = (at: number) => acted.look(snapshot(at, [shard("s1", { rows: 301 })]));
  assertEquals(lookAgain(now + 1), ["cold add shard: not-seen"]);
  assertEquals(lookAgain(now + 2), ["cold add shard: acted"]);
});

Deno.test("what failed in an earlier run is spent, and is tried again after its wait only", () => {
  const [now, wall] = [1000, 100 * MINUTE];
  const policies = [hot({ settle: 5 * MINUTE })];
  const group = new Watched(rules(policies));
  const failed = { policy: "hot", action: "split", shard: "s1", failed: true } as const;
  group.memory = recalled(
    [
      { ...failed, id: "2", decided: 97 * MINUTE, ended: 98 * MINUTE },
      { ...failed, id: "1", decided: 10 * MINUTE, ended: 11 * MINUTE, refused: true },
    ],
    { policies, now, wall },
  );
  assertEquals(group.memory.group.spent.length, 1);
  const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 301 })]));
  look(now + 1);
  assertEquals(look(now + 2), ["hot split s1: settle (it could not be done the last time)"]);
  assertEquals(look(now + 3 * MINUTE), ["hot split s1"]);
});

Deno.test("a rehearsal of two changes at one look does one of them, too", () => {
  const group = new Watched(rules([hot()], { mode: "dry-run" }));
  const full = [shard("s1", { rows: 150 }), shard("s2", { rows: 170 })];
  assertEquals(group.look(snapshot(0, full)), ["dry-run hot split s2", "dry-run hot split s1: changing"]);
  assertEquals(group.look(snapshot(1, full)), ["dry-run hot split s2: settle", "dry-run hot split s1"]);
});

Deno.test("what failed was no round: a policy does not give up for it", () => {
  const group = new Watched(rules([hot({ settle: MINUTE })]));
  const look = (at: number) => group.look(snapshot(at, [shard("s1", { rows: 150 })]));
  assertEquals(look(0), ["hot split s1"]);
  group.ended(10, { outcome: "failed", reason: "no server" });
  assertEquals(look(20), ["hot split s1: not-seen"]);
  assertEquals(look(30), ["hot split s1: settle (it could not be done the last time)"]);
  assertEquals(look(10 + MINUTE), ["hot split s1"]);
});
