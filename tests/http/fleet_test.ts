import { assert, assertEquals } from "@std/assert";
import { EventStream, type PublicEvent } from "../../src/events/mod.ts";
import { type DatabaseState, Fleet, isHurt, STEP, TRACE } from "../../src/http/fleet/mod.ts";
import { Trace } from "../../src/http/fleet/trace.ts";
import { gates, type Health, type Memory, NO_MEMORY } from "../../src/policy/mod.ts";
import { load } from "../config/folder.ts";
import { gate, killed } from "../notify/fixture.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";

const CONFIG = `
mode: enforce
limits: { lag: 30s }
policies:
  - { name: impacted, when: "lag > limits.lag", where: "running and time > 10s", then: kill query }
  - { name: shadow, mode: dry-run, where: "running and time > 20s", then: kill query }
groups: { replicas: { limits: { lag: 2m } } }
databases:
  - { name: orders, host: db1 }
  - { name: archive, host: db2, group: replicas, mode: dry-run }
`;

async function databasesOf(text = CONFIG): Promise<readonly WatchedDatabase[]> {
  const { databases } = await load({
    "query-sniper.yaml": text,
    "credentials.yaml": "default: { user: a, password: x }\n",
  });
  return databases as readonly WatchedDatabase[];
}

/** A fleet at a moment that tests move. */
async function makeFleet(text = CONFIG) {
  let wall = 1_000_000_000_000;
  const clock = { now: () => wall, wall: () => wall, sleep: () => Promise.resolve() };
  const stream = new EventStream({ clock, sql: "raw" });
  const fleet = new Fleet({ clock, stream });
  const databases = await databasesOf(text);
  fleet.adopt(databases);
  const known = new Map<string, Memory["gates"]>();
  return {
    fleet,
    /** A look at a database, as its watcher tells it. */
    look(name: string, health: Health) {
      const { rules } = databases.find((database) => database.name === name)!;
      const found = gates({ health }, rules, { ...NO_MEMORY, gates: known.get(name) ?? {} }, {
        now: wall,
        wall,
      });
      known.set(name, Object.fromEntries(found.map((gate) => [gate.policy, gate])));
      fleet.looked(name, { at: wall, took: 3, health, gates: found, readOnly: false });
    },
    async emit(event: PublicEvent) {
      stream.emit({ ...event, statement: undefined } as unknown as Parameters<typeof stream.emit>[0]);
      await Promise.resolve().then(() => {});
    },
    later: (milliseconds: number) => wall += milliseconds,
    state: (name: string) => fleet.database(name) as DatabaseState,
  };
}

Deno.test("a fleet shows what a look saw, and an unknown value as null", async () => {
  const { fleet, look, state, later } = await makeFleet();
  assertEquals([state("orders").reach, state("orders").lookedAt], ["connecting", undefined]);
  assertEquals(fleet.database("nobody"), undefined);
  look("orders", { lag: { unknown: "replication is stopped" }, read_only: true });
  assertEquals(state("orders").values, { lag: null, read_only: true });
  assertEquals(state("orders").gates.map(({ policy, state, mode }) => [policy, state, mode]), [
    ["impacted", "unknown", "enforce"],
    ["shadow", "open", "dry-run"],
  ]);
  later(1000);
  look("orders", { lag: 42_000 });
  const { gates, limits, looks } = state("orders");
  assertEquals([looks, limits["lag"]], [2, 30_000]);
  assertEquals([gates[0]!.state, gates[0]!.since], ["open", 1_000_000_001_000]);
  assertEquals(gates[0]!.because, [{ expression: "lag > limits.lag", left: "42s", right: "30s" }]);
  later(5000);
  look("orders", { lag: 50_000 });
  const [since, because] = [state("orders").gates[0]!.since, state("orders").gates[0]!.because];
  assertEquals([since, because[0]!.left], [1_000_000_001_000, "50s"], "open since then, for what is so now");
  assert(isHurt(state("orders")));
  assert(!isHurt(state("archive")), "a policy without a gate hurts nobody");
});

Deno.test("a fleet counts outcomes, and knows who is reached, who holds the lease, and what is spent", async () => {
  const { state, emit, look, fleet } = await makeFleet();
  await emit({
    ...{ event: "connected", database: "orders", flavor: "x", version: "1", mode: "enforce" },
    encrypted: true,
  });
  await emit({ event: "lease", database: "orders", state: "elsewhere", holder: "host-b" });
  await emit(killed());
  await emit(killed({ outcome: "survived" }));
  await emit(killed({ outcome: "skipped", reason: "budget" }));
  await emit(gate("open"));
  const budget = { event: "budget", database: "orders", policy: "p", action: "kill query" } as const;
  await emit({ ...budget, limit: "kills", allowed: 3, per: "1m", state: "spent" });
  const { outcomes, spared, ticks, lease, reach, budget: now } = state("orders");
  assertEquals(outcomes, { impacted: { killed: 1, survived: 1 } });
  assertEquals([spared, ticks.map(({ outcome }) => outcome)], [{ budget: 1 }, ["killed", "survived"]]);
  assertEquals([lease?.state, lease?.holder, reach, now], ["elsewhere", "host-b", "watched", "spent"]);
  look("orders", { lag: 42_000 });
  await emit({ event: "unreachable", database: "orders", reason: "refused", advice: "start it" });
  const lost = state("orders");
  assertEquals([lost.reach, lost.reason, lost.advice, lost.gates], [
    "unreachable",
    "refused",
    "start it",
    [],
  ]);
  assertEquals(fleet.events.map(({ event }) => event.event).at(-1), "unreachable");
});

Deno.test("a fleet tells which databases have changed since a turn", async () => {
  const { fleet, look, emit } = await makeFleet();
  const turn = fleet.turn;
  assertEquals(fleet.databases({ since: turn }), []);
  look("archive", { lag: 0 });
  assertEquals(fleet.databases({ since: turn }).map(({ name }) => name), ["archive"]);
  await emit(killed());
  assertEquals(fleet.databases({ since: turn }).map(({ name }) => name), ["orders", "archive"]);
  const heard: string[] = [];
  const stop = fleet.listen(({ event }) => void heard.push(event.event));
  await emit(gate("closed"));
  stop();
  await emit(gate("open"));
  assertEquals(heard, ["gate"]);
});

Deno.test("after a reload a fleet keeps what it knows of databases that stay", async () => {
  const { fleet, look, emit, state } = await makeFleet();
  look("orders", { lag: 1 });
  await emit(killed());
  const next = CONFIG.replace("name: archive", "name: new").replace("mode: enforce", "mode: dry-run");
  fleet.adopt(await databasesOf(next));
  assertEquals(fleet.databases().map(({ name, mode }) => [name, mode]), [["orders", "dry-run"], [
    "new",
    "dry-run",
  ]]);
  assertEquals([state("orders").looks, state("orders").outcomes], [1, { impacted: { killed: 1 } }]);
});

Deno.test("a gate shows its own values also between a reload that drops a policy and the next look", async () => {
  const { fleet, look, state } = await makeFleet();
  look("orders", { lag: 60_000 });
  const next = CONFIG.split("\n").filter((line) => !line.includes("name: impacted")).join("\n");
  fleet.adopt(await databasesOf(next));
  assertEquals(state("orders").gates.map(({ policy, because }) => [policy, because]), [["shadow", []]]);
  assertEquals(isHurt(state("orders")), false);
});

Deno.test("a trace keeps the worst of each step, and nothing that is older than it", () => {
  const trace = new Trace();
  const at = 1_000_000_000_000;
  trace.add(at, 3);
  trace.add(at + 1, 7);
  trace.add(at + 2, null);
  trace.add(at + 3 * STEP, 1);
  assertEquals(trace.values(at + 3 * STEP).slice(-4), [7, null, null, 1]);
  assertEquals(trace.values(at + 3 * STEP).length, TRACE / STEP);
  assertEquals(trace.values(at + TRACE).filter((value) => value !== null), [1]);
  assertEquals(trace.values(at + 2 * TRACE).filter((value) => value !== null), []);
  trace.add(at + 5 * TRACE, 2);
  assertEquals(trace.values(at + 5 * TRACE).filter((value) => value !== null), [2]);
  trace.add(at, 9);
  assertEquals(trace.values(at).at(-1), 9, "the clock was set back");
});
