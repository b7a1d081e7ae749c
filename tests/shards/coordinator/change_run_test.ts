import { assertEquals } from "@std/assert";
import { DatabaseError } from "../../../src/connection/mod.ts";
import type { Change } from "../../../src/shards/coordinator/change.ts";
import type { ChangeRun } from "../../../src/shards/coordinator/change_context.ts";
import { runChange } from "../../../src/shards/coordinator/change_run.ts";
import { PlacedError } from "../../../src/shards/move/session.ts";

type Row = Readonly<Record<string, string | null>>;

const CHANGE: Change = {
  ...{ id: "7", action: "rebalance", cause: "asked", named: false, step: "moving", transfers: [] },
  ...{ began: "2026-11-27T12:00:00.000Z", changed: "2026-11-27T12:00:00.000Z" },
};

interface Scene {
  readonly members?: readonly Row[];
  /** The moves at each look of a release. */
  readonly moves?: (readonly Row[])[];
  readonly owned?: string;
  readonly paused?: (string | undefined)[];
  readonly destroy?: "when-drained";
  readonly prepare?: ChangeRun["prepare"];
  /** After how many tries to prepare the change is ordered to be cancelled. */
  readonly cancelled?: number;
}

/** Runs a change with metadata that only this test knows: what was told and written, and what became of it. */
async function ran(change: Change, scene: Scene) {
  const { members = [], moves = [], owned = "0", paused = [], cancelled = 0 } = scene;
  let tries = 0;
  const [told, written, calls]: [string[], string[], string[]] = [[], [], []];
  const row: Record<string, string | null> = {
    ...{
      id: change.id,
      named: "0",
      action: change.action,
      policy: null,
      cause: change.cause,
      transfers: null,
    },
    ...{ source: change.source ?? null, shard: change.shard ?? null, outcome: null, reason: null },
    ...{ step: change.step, began: "2026-11-27T12:00:00.000000", changed: "2026-11-27T12:00:00.000000" },
  };
  const session = {
    connection: { query: () => Promise.resolve(members) },
    rows: (sql: string) => Promise.resolve(sql.includes("FROM qs_move") ? moves.shift() ?? [] : [row]),
    value: () => Promise.resolve(owned),
    transaction: <T>(act: () => Promise<T>) => act(),
    run(sql: string) {
      for (const [, name, value] of sql.matchAll(/\b(step|outcome|reason) = '((?:[^']|'')*)'/g)) {
        if (sql.startsWith("UPDATE qs_decision") && (name !== "step" || row["step"] !== "ended")) {
          row[name!] = value!;
        }
      }
      if (/qs_member/.test(sql) && !sql.startsWith("CREATE")) written.push(/state = '(\w+)'/.exec(sql)![1]!);
      return Promise.resolve(1);
    },
  };
  let now = 0;
  const sharding = {
    ...{ schema: "shop", shards: ["s1", "s2"], pool: [], metadata: "m", databases: [] },
    provision: { kind: "http", timeout: 60_000, destroy: scene.destroy ?? "never" },
  };
  const run = {
    group: { sharding, databases: [] },
    lease: { session, verify: () => Promise.resolve() },
    clock: {
      now: () => now,
      wall: () => now,
      sleep: (milliseconds: number) => Promise.resolve(void (now += milliseconds)),
    },
    signal: AbortSignal.timeout(30_000),
    provisioner: {
      destroy: () => Promise.resolve(calls.push(`destroy at ${now}`) > 0 ? "done" : "pending"),
    },
    paused: () => Promise.resolve(paused.shift()),
    prepare(group: Parameters<ChangeRun["prepare"]>[0], shard: string) {
      if (++tries === cancelled) row["step"] = "cancelling";
      return scene.prepare!(group, shard);
    },
    tell(news: { readonly kind: string; readonly reason?: string }) {
      if (news.kind === "waiting") told.push(news.reason!);
    },
  } as unknown as ChangeRun;
  const { outcome, reason } = await runChange(change, run);
  return { outcome, reason, told, written, calls, now };
}

const DRAIN: Change = { ...CHANGE, action: "drain", source: "s9", step: "releasing" };
const MADE: Row = {
  ...{ shard: "s9", source: "http", state: "serving", host: "db9", port: "3306", decision: "7" },
  ...{ problem: null, claimed: "0" },
};

Deno.test("a change waits before each step as long as it is paused, and goes on by itself", async () => {
  const { outcome, told, now } = await ran(CHANGE, { paused: ["held", "held"] });
  assertEquals([outcome, told, now], ["done", ["held", "held"], 2_000]);
});

Deno.test("a server is given back only when nothing is paused", async () => {
  const { outcome, told, calls } = await ran(DRAIN, {
    ...{ members: [MADE], destroy: "when-drained", paused: [undefined, "held"] },
  });
  assertEquals([outcome, told, calls], ["done", ["held"], ["destroy at 1000"]]);
});

Deno.test("a shard that a move names, or that owns slots again, is not drained and not given back", async () => {
  const move = { id: "4", active: "1", source: "s1", destination: "s9" };
  const scene = { members: [MADE], destroy: "when-drained" } as const;
  const waited = await ran(DRAIN, { ...scene, moves: [[move], [{ ...move, active: null }]] });
  assertEquals(waited.told, ["move 4 of s9 is under way"]);
  assertEquals([waited.outcome, waited.written], ["done", ["drained", "released"]]);
  const owns = await ran(DRAIN, { ...scene, owned: "3" });
  assertEquals([owns.outcome, owns.written, owns.calls], ["failed", [], []]);
  assertEquals(owns.reason, "s9 owns 3 slots again: ask for it to be drained once more");
  // Between the mark and the release.
  const late = await ran(DRAIN, { ...scene, moves: [[], [move]] });
  assertEquals([late.outcome, late.calls], ["done", []]);
  assertEquals(late.reason, "move 4 of s9 is under way: it is not given back");
});

Deno.test("preparing gives up a server only for its own errors, from the first one of this run on", async () => {
  const adding: Change = { ...CHANGE, action: "add shard", shard: "s9", step: "preparing" };
  const lost = (where: string) => new PlacedError(where, new DatabaseError("lost", "gone"));
  const denied = (where: string) => new PlacedError(where, new DatabaseError("denied", "no"));
  const run = (errors: DatabaseError[], last: DatabaseError) =>
    ran({ ...adding, named: true }, {
      members: [{ ...MADE, source: "pool" }],
      prepare: () => Promise.reject(errors.shift() ?? last),
    });
  // That it was claimed long ago says nothing.
  const its = await run([], lost("s9"));
  assertEquals([its.outcome, its.reason], ["failed", "s9 cannot be used: s9: gone"]);
  assertEquals([its.now, its.written], [5_000, ["failed"]]);
  const others = await run(Array.from({ length: 20 }, () => lost("s1")), denied("s1"));
  assertEquals([others.outcome, others.reason], ["failed", "s1: no"]);
  assertEquals([others.now, others.written], [20_000, []]);
  assertEquals((await run([], denied("s9"))).written, ["failed"]);
});

Deno.test("a change that waits for a server in vain ends once it is cancelled, and frees what it claimed", async () => {
  const adding: Change = { ...CHANGE, action: "add shard", shard: "s9", step: "preparing" };
  const away = () => Promise.reject(new PlacedError("s1", new DatabaseError("lost", "gone")));
  const waiting = { prepare: away, cancelled: 3 };
  const standby = await ran(adding, { ...waiting, members: [{ ...MADE, source: "pool", state: "ready" }] });
  assertEquals([standby.outcome, standby.reason], ["cancelled", undefined]);
  assertEquals([standby.written, standby.calls, standby.now], [["drained"], [], 3_000]);
  const ready = { ...MADE, state: "ready" };
  const kept = await ran(adding, { ...waiting, members: [ready] });
  assertEquals([kept.outcome, kept.written, kept.calls], ["cancelled", ["drained"], []]);
  assertEquals(kept.reason, "cancel was ordered: s9 is not given back: shards add s9 takes it");
  const made = await ran(adding, { ...waiting, members: [ready], destroy: "when-drained" });
  assertEquals([made.outcome, made.written], ["cancelled", ["drained", "released"]]);
  assertEquals(made.calls, ["destroy at 3000"]);
});

Deno.test("cancelling goes on where it was ended, and gives no server back that somebody uses", async () => {
  const cancelling: Change = { ...CHANGE, action: "split", source: "s1", shard: "s9", step: "cancelling" };
  const scene = { destroy: "when-drained" } as const;
  // Marked, and not given back yet; also where the journal of the change does not name it yet.
  const { shard: _shard, ...unnamed } = cancelling;
  for (const change of [cancelling, unnamed]) {
    const marked = await ran(change, { ...scene, members: [{ ...MADE, state: "drained" }] });
    assertEquals([marked.outcome, marked.written], ["cancelled", ["drained", "released"]]);
  }
  const standby = { ...MADE, source: "pool", state: "ready" };
  assertEquals((await ran(cancelling, { members: [standby] })).written, ["drained"]);
  assertEquals((await ran(cancelling, { members: [{ ...standby, problem: "waited for" }] })).written, [
    "failed",
  ]);
  const gone = await ran(cancelling, { ...scene, members: [{ ...MADE, state: "released" }] });
  assertEquals([gone.outcome, gone.written, gone.calls], ["cancelled", [], []]);
  const held = await ran(cancelling, { ...scene, members: [MADE], paused: ["held"] });
  assertEquals([held.outcome, held.calls], ["cancelled", ["destroy at 1000"]]);
  const owns = await ran(cancelling, { ...scene, members: [MADE], owned: "3" });
  assertEquals([owns.outcome, owns.written, owns.calls], ["cancelled", ["serving"], []]);
  assertEquals(owns.reason, "cancel was ordered: s9 owns 3 slots: it stays in the group");
  const others = await ran({ ...cancelling, action: "rebalance" }, { ...scene, members: [MADE] });
  assertEquals([others.outcome, others.written, others.calls], ["cancelled", [], []]);
});
