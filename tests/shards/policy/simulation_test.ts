// A group over simulated time: whatever happens to it, no guard is passed.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  afterOutcome,
  decideGroup,
  type GroupDecision,
  type GroupMemory,
  type GroupOutcome,
  type GroupRules,
  isOrder,
  NO_GROUP_MEMORY,
} from "../../../src/shards/policy/mod.ts";
import { cold, hot, MINUTE, rules, shard, snapshot } from "./fixture.ts";

const STEP = MINUTE;
const SETTLE = 10 * MINUTE;
const FOR = 2 * MINUTE;
const GRACE = 90_000;

/** What happens before a look. */
type Happening =
  | "nothing"
  | "grows"
  | "shrinks"
  | "unknown"
  | "lost"
  | "restarted"
  | "disagrees"
  | "moved by hand"
  | "paused"
  | "fails"
  | "refused"
  | "slow";

const HAPPENINGS = fc.oneof<fc.MaybeWeightedArbitrary<Happening>[]>(
  { weight: 12, arbitrary: fc.constant<Happening>("nothing") },
  { weight: 6, arbitrary: fc.constant<Happening>("grows") },
  ...([
    "shrinks",
    "unknown",
    "lost",
    "restarted",
    "disagrees",
    "moved by hand",
    "paused",
    "fails",
    "refused",
    "slow",
  ] as const).map((one) => fc.constant<Happening>(one)),
);

interface Made {
  readonly at: number;
  readonly policy: string;
  readonly shard: string | undefined;
  ended?: number;
  outcome?: GroupOutcome["outcome"];
}

/** A group with rows, whose executor takes some looks, and what was ordered. */
class Group {
  readonly rows = new Map([["s1", 80]]);
  readonly started = new Map<string, number>();
  readonly made: Made[] = [];
  memory: GroupMemory = NO_GROUP_MEMORY;
  /** Looks left until the change under way has ended. */
  left = 0;
  /** What the order under way will come to. */
  next: GroupOutcome = { outcome: "done" };
  order: GroupDecision | undefined;
  /** How many looks in a row have seen the group at rest since slots moved; 2 is enough for good. */
  seen = 2;
  lastBad = 0;
  /** By shard, and `group`: since when the condition has held at every look. */
  readonly since = new Map<string, number>();
  /** By policy: whether its gate has closed since it last acted. */
  readonly closedSince = new Map<string, boolean>();

  look(now: number, happening: Happening, rules: GroupRules): void {
    this.#happen(happening, now);
    const busy = this.order !== undefined;
    const lost = happening === "lost" ? "s1" : undefined;
    const unknown = happening === "unknown" ? "s1" : undefined;
    const shards = [...this.rows].map(([name, rows]) =>
      shard(
        name,
        name === lost ? {} : { rows: name === unknown ? { unknown: "not counted" } : rows },
        {
          reachable: name !== lost,
          report: {
            identity: { server: name, started: this.started.get(name) ?? 0 },
            uptime: 1,
            readOnly: false,
          },
        },
      )
    );
    const agrees = happening !== "disagrees";
    const byHand = happening === "moved by hand";
    const found = snapshot(now, shards, { map: { version: 1, agrees }, moving: busy || byHand });
    const hold = happening === "paused" ? { hold: { reason: "paused" } as const } : {};
    const before = JSON.stringify(this.memory);
    const { decisions, memory } = decideGroup(found, rules, this.memory, { now, wall: now, ...hold });
    assertEquals(JSON.stringify(this.memory), before, "the memory before is left as it was");
    this.memory = JSON.parse(JSON.stringify(memory));
    const isBad = lost !== undefined || !agrees || byHand || busy;
    if (lost !== undefined || happening === "restarted") this.lastBad = now;
    if (byHand || busy) this.seen = 0;
    else if (this.seen < 2) this.seen = isBad ? 0 : this.seen + 1;
    this.#note(now, { lost, unknown }, rules);
    const orders = decisions.filter(isOrder);
    assert(orders.length <= 1, `${orders.length} orders at once`);
    if (rules.mode !== "enforce") assertEquals(orders, []);
    for (const order of orders) this.#check(order, now, { happening, isBad, rules });
    if (busy && --this.left <= 0) this.#end(now, rules);
  }

  #happen(happening: Happening, now: number): void {
    if (happening === "grows" || happening === "shrinks") {
      for (const [name, rows] of this.rows) {
        this.rows.set(name, Math.round(rows * (happening === "grows" ? 1.6 : 0.5)));
      }
    }
    if (happening === "restarted") this.started.set("s1", now);
  }

  /** Follows the conditions without the language. */
  #note(
    now: number,
    { lost, unknown }: { readonly lost: string | undefined; readonly unknown: string | undefined },
    { policies }: GroupRules,
  ): void {
    const hidden = lost ?? unknown;
    const total = [...this.rows.values()].reduce((sum, rows) => sum + rows, 0);
    const rest = total - (hidden === undefined ? 0 : this.rows.get(hidden) ?? 0);
    const note = (key: string, holds: boolean | undefined) => {
      if (holds !== true) this.since.delete(key);
      else if (!this.since.has(key)) this.since.set(key, now);
      if (holds === false) this.closedSince.set(key, true);
    };
    for (const [name, rows] of this.rows) note(`hot ${name}`, name === hidden ? undefined : rows > 100);
    if (policies.some(({ name }) => name === "cold")) {
      note("cold", hidden === undefined ? total > 300 : rest > 300 ? true : undefined);
    }
  }

  #check(
    order: GroupDecision,
    now: number,
    { happening, isBad, rules }: {
      readonly happening: Happening;
      readonly isBad: boolean;
      readonly rules: GroupRules;
    },
  ): void {
    const { policy, shard } = order;
    const key = shard === undefined ? policy : `${policy} ${shard}`;
    const what = `${key} at ${now / MINUTE}m`;
    assert(!isBad && happening !== "paused", `${what}: ${happening}`);
    assert(now - this.lastBad >= GRACE, `${what}: in grace`);
    const since = this.since.get(key);
    assert(since !== undefined && now - since >= FOR, `${what}: its condition has not held for long enough`);
    const [last, before] = [this.made.at(-1), this.made.findLast((one) => key === keyOf(one))];
    assert(last === undefined || (last.ended !== undefined && this.seen >= 2), `${what}: not seen`);
    assert(this.rows.size < rules.maxShards, `${what}: too many shards`);
    const spent = this.made.filter(({ at, outcome }) => now - at < rules.budget.per && outcome !== "refused");
    assert(spent.length < rules.budget.shards, `${what}: over budget`);
    if (before?.outcome === "done") {
      if (policy === "hot") assert(now - before.ended! >= SETTLE, `${what}: within settle`);
      else assert(this.closedSince.get(key) === true, `${what}: twice for one cause`);
    }
    this.closedSince.set(key, false);
    this.made.push({ at: now, policy, shard });
    this.order = order;
    this.left = happening === "slow" ? 7 : 2;
    const reason = "the simulation says so";
    this.next = happening === "fails"
      ? { outcome: "failed", reason }
      : happening === "refused"
      ? { outcome: "refused", reason }
      : { outcome: "done" };
  }

  #end(now: number, rules: GroupRules): void {
    const decision = this.order!;
    const outcome = this.next;
    this.memory = afterOutcome(this.memory, { decision, outcome }, { ...rules, now });
    const made = this.made.at(-1)!;
    made.ended = now;
    made.outcome = outcome.outcome;
    this.order = undefined;
    if (outcome.outcome !== "done") return;
    const name = `s${this.rows.size + 1}`;
    const given = decision.shard === undefined ? [...this.rows.keys()] : [decision.shard];
    const part = decision.shard === undefined ? 1 / (this.rows.size + 1) : 1 / 2;
    let taken = 0;
    for (const from of given) {
      const share = Math.floor(this.rows.get(from)! * part);
      this.rows.set(from, this.rows.get(from)! - share);
      taken += share;
    }
    this.rows.set(name, taken);
    // It is in grace from its first look on.
    this.lastBad = now + STEP;
  }
}

function keyOf({ policy, shard }: Made): string {
  return shard === undefined ? policy : `${policy} ${shard}`;
}

const POLICIES = [hot({ for: FOR, settle: SETTLE, giveUpAfter: 3 }), cold({ for: FOR })];

Deno.test("whatever happens to a group, no guard is passed", () => {
  let orders = 0;
  let shards = 0;
  fc.assert(
    fc.property(
      fc.array(HAPPENINGS, { minLength: 30, maxLength: 120 }),
      fc.constantFrom("enforce" as const, "enforce" as const, "enforce" as const, "dry-run" as const),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 2, max: 6 }),
      (happenings, mode, budget, maxShards) => {
        const group = new Group();
        const all = rules(POLICIES, {
          mode,
          grace: GRACE,
          maxShards,
          budget: { shards: budget, per: 60 * MINUTE },
        });
        for (const [index, happening] of happenings.entries()) group.look((index + 1) * STEP, happening, all);
        orders += group.made.length;
        shards = Math.max(shards, group.rows.size);
      },
    ),
    { numRuns: 400 },
  );
  // It says nothing if nothing ever happens.
  assert(orders > 200 && shards >= 4, `${orders} orders, ${shards} shards`);
});
