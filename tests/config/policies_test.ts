// The ready policies: each is valid, and selects whom its comments say, and nobody else.

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadConfig, type Loaded, type Rules } from "../../src/config/mod.ts";
import { type Decision, type Memory, NO_MEMORY } from "../../src/policy/mod.ts";
import type { Health, Session } from "../../src/snapshot/mod.ts";
import { brief, look } from "../policy/fixture.ts";
import { IF_PRESENT } from "./folder.ts";
import { bystander, EXPECTED, MINUTE, NEVER, SECOND, type Text, UNKNOWN } from "./policies_expected.ts";

const FOLDER = fileURLToPath(new URL("../../config/policies", import.meta.url));
const NAMES = [
  "apply-lag",
  "connection-storm",
  "history",
  "idle-transactions",
  "lock-pile-up",
  "long-reads",
  "stampede",
];

Deno.test("the folder has the seven policies, and each has its tests", async () => {
  const files = await Array.fromAsync(Deno.readDir(FOLDER));
  assertEquals(files.map(({ name }) => name).toSorted(), NAMES.map((name) => `${name}.yaml`));
  assertEquals(Object.keys(EXPECTED).toSorted(), NAMES);
});

Deno.test("a limit of one name is the same in all files, so that their policies can be put together", async () => {
  const seen = new Map<string, number>();
  for (const name of NAMES) {
    for (const [limit, value] of Object.entries((await rulesOf(name)).limits)) {
      assertEquals(seen.get(limit) ?? value, value, `limits.${limit} in ${name}.yaml`);
      seen.set(limit, value);
    }
  }
});

for (const name of NAMES) {
  Deno.test(`${name}.yaml is one described policy of its name, in dry run, and its comments tell all`, async () => {
    const { config, warnings } = await loadFile(name);
    assertEquals(warnings.map(({ message }) => message), [
      "the credentials file does not exist here: it was not checked",
    ]);
    assertEquals(config.databases.length, 1);
    const { mode, policies: [policy, ...others], protect, limits } = config.databases[0]!.rules;
    assertEquals([mode, policy?.name, others, policy?.mode], ["dry-run", name, [], undefined]);
    assert(policy?.description, "the policy has a description");
    assert(protect.length > 0, "somebody is protected");
    assert(policy.victims.limit, "a look has a most of victims");
    const used = [policy.when, policy.until, policy.where].flatMap((expression) => expression?.limits ?? []);
    assertEquals(
      Object.keys(limits).filter((limit) => limit !== "rollback_rows").toSorted(),
      [...new Set(used)].toSorted(),
      "the limits are those that it uses",
    );
    const comments = (await Deno.readTextFile(`${FOLDER}/${name}.yaml`)).split("\n\n")[0]!;
    const headings = [...comments.matchAll(/^# ([A-Z][a-z ]+): {2,}\S|^# (Not killed): \S/gm)];
    const needed = ["Cause", "Killed", "Not killed", "Needs", "Tune"];
    assertEquals(headings.map(([, one, two]) => one ?? two).filter((each) => each !== "Better"), needed);
  });

  Deno.test(`${name}.yaml ends its victims, while it hurts`, async () => {
    const { hurt, well, victims } = EXPECTED[name]!;
    const rules = unlimited(await rulesOf(name));
    const sessions = victims.map((victim, index) => bystander({ ...victim, id: index + 1 }));
    for (const health of hurt) {
      const expected = sessions.map(({ id }) => `${name} would-kill ${id}`);
      assertEquals(brief(decisionsOf(rules, { health, sessions })).toSorted(), expected, show(health));
    }
    for (const health of well) {
      assertEquals(brief(decisionsOf(rules, { health, sessions })), [], show(health));
    }
  });

  Deno.test(`${name}.yaml spares all others`, async () => {
    const { hurt: [health = {}], victims: [victim = {}], spared, needed } = EXPECTED[name]!;
    const rules = unlimited(await rulesOf(name));
    const kinds = {
      ...spared,
      ...NEVER,
      ...Object.fromEntries(needed.map((key) => [`one whose ${key} is unknown`, { [key]: UNKNOWN }])),
      "a commit": victim.running === false ? { state: "committing" } : { sql: "COMMIT" },
    };
    for (const [kind, text] of Object.entries<Text>(kinds)) {
      const sessions = [bystander({ ...victim, ...text })];
      const decisions = decisionsOf(rules, { health, sessions });
      assertEquals(decisions.filter(({ verdict }) => verdict !== "skip"), [], kind);
    }
  });

  Deno.test(`${name}.yaml acts only on what lasts`, async () => {
    const { hurt: [health = {}], victims: [victim = {}] } = EXPECTED[name]!;
    const rules = await rulesOf(name);
    const [policy] = rules.policies;
    const sessions = [bystander(victim)];
    const first = look(rules, { health, sessions });
    if (policy!.when === undefined) return;
    assertEquals(first.decisions, [], "at the first look");
    const early = look(rules, { health, sessions, memory: first.memory, now: policy!.for - 1 });
    assertEquals(early.decisions, [], "before its time");
    const due = look(rules, { health, sessions, memory: early.memory, now: policy!.for });
    assertEquals(brief(due.decisions), [`${name} would-kill 1`]);
  });
}

Deno.test("why somebody is spared is told", async () => {
  const tell = async (name: string, text: Text) => {
    const { hurt: [health = {}], victims: [victim = {}] } = EXPECTED[name]!;
    const decisions = decisionsOf(unlimited(await rulesOf(name)), {
      health,
      sessions: [bystander({ ...victim, ...text })],
    });
    return brief(decisions);
  };
  assertEquals(await tell("history", { user: "etl" }), ["history protected 1"]);
  assertEquals(await tell("history", { pins_purge: UNKNOWN }), ["history unknown 1"]);
  assertEquals(await tell("history", { rows_modified: 1_000_000 }), ["history rollback-cost 1"]);
  assertEquals(await tell("lock-pile-up", { sql: "OPTIMIZE TABLE t" }), ["lock-pile-up needs-verb 1"]);
  assertEquals(await tell("apply-lag", { sql: "FLUSH TABLES" }), ["apply-lag needs-verb 1"]);
});

Deno.test("apply-lag and connection-storm go on until it is over, history until it is purged", async () => {
  const goesOn = async (name: string, hurt: Health, better: Health) => {
    const rules = unlimited(await rulesOf(name));
    const { victims: [victim = {}] } = EXPECTED[name]!;
    const sessions = [bystander(victim)];
    const memory = opened(rules, hurt);
    return brief(look(rules, { health: better, sessions, memory, now: MINUTE }).decisions).length;
  };
  assertEquals(await goesOn("apply-lag", { lag_apply: MINUTE }, { lag_apply: 2 * SECOND }), 1);
  assertEquals(await goesOn("apply-lag", { lag_apply: MINUTE }, { lag_apply: 1 * SECOND }), 0);
  assertEquals(await goesOn("apply-lag", { lag_apply: MINUTE }, { lag_apply: UNKNOWN }), 0);
  assertEquals(await goesOn("connection-storm", { connections_used: 95 }, { connections_used: 80 }), 1);
  assertEquals(await goesOn("connection-storm", { connections_used: 95 }, { connections_used: 79 }), 0);
  assertEquals(await goesOn("history", { hll: 2_000_000 }, { hll: 200_000 }), 1);
  assertEquals(await goesOn("history", { hll: 2_000_000 }, { hll: 199_999 }), 0);
});

Deno.test("lock-pile-up ends the one whom most wait for, and waits for the effect", async () => {
  const rules = await rulesOf("lock-pile-up");
  const health = { metadata_lock_waits: 60, row_lock_waits: 0 };
  const sessions = [25, 30, 40].map((blocking, index) =>
    bystander({ id: index + 1, time: MINUTE, blocking })
  );
  sessions.push(...Array.from({ length: 60 }, (_, index) => bystander({ id: 100 + index, waiting: true })));
  const memory = opened(rules, health);
  const first = look(rules, { health, sessions, memory, now: MINUTE });
  assertEquals(brief(first.decisions), [
    "lock-pile-up victims-limit 2",
    "lock-pile-up victims-limit 1",
    "lock-pile-up would-kill 3",
  ]);
  const left = sessions.filter(({ id }) => id !== 3);
  const second = look(rules, { health, sessions: left, memory: first.memory, now: MINUTE + SECOND });
  assertEquals(brief(second.decisions), ["lock-pile-up settle 1", "lock-pile-up settle 2"]);
  const third = look(rules, { health, sessions: left, memory: second.memory, now: MINUTE + 6 * SECOND });
  assertEquals(brief(third.decisions), ["lock-pile-up would-kill 2"]);
});

Deno.test("stampede leaves half of what runs, and the oldest", async () => {
  const rules = await rulesOf("stampede");
  const health = { threads_running: 120 };
  const crowd = Array.from(
    { length: 60 },
    (_, index) => bystander({ id: index + 1, same_digest: 60, time: (3 + index) * SECOND }),
  );
  let memory = opened(rules, health);
  const killed = new Set<number>();
  for (let now = MINUTE; now < MINUTE + 12 * SECOND; now += 4 * SECOND) {
    const sessions = crowd.filter(({ id }) => !killed.has(id));
    const decided = look(rules, { health, sessions, memory, now });
    for (const { session: { id }, verdict } of decided.decisions) {
      if (verdict === "would-kill") killed.add(id);
    }
    memory = decided.memory;
  }
  assertEquals([...killed].toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, index) => index + 1));
});

Deno.test("connection-storm closes the longest idle first, and no more than its share within a minute", async () => {
  const rules = await rulesOf("connection-storm");
  const health = { connections_used: 95 };
  const pool = Array.from(
    { length: 100 },
    (_, index) => bystander({ id: index + 1, running: false, idle_time: (100 - index) * MINUTE }),
  );
  const decided = look(rules, { health, sessions: pool, memory: opened(rules, health), now: MINUTE });
  const ids = decided.decisions.filter(({ verdict }) => verdict === "would-kill").map(({ session }) =>
    session.id
  );
  assertEquals(ids, Array.from({ length: 15 }, (_, index) => index + 1));
});

function loadFile(name: string): Promise<Loaded> {
  return loadConfig(`${FOLDER}/${name}.yaml`, IF_PRESENT);
}

async function rulesOf(name: string): Promise<Rules> {
  return (await loadFile(name)).config.databases[0]!.rules;
}

/** The same rules where nothing but the choice of sessions keeps anybody from being ended. */
function unlimited(rules: Rules): Rules {
  return {
    ...rules,
    budget: { ...rules.budget, kills: 1000, share: 100 },
    policies: rules.policies.map(({ victims: { order }, ...policy }) => ({
      ...policy,
      share: 100,
      victims: { order },
    })),
  };
}

/** What is remembered of a gate that has been open for long. */
function opened(rules: Rules, health: Health): Memory {
  const { memory } = look(rules, { health, sessions: [], memory: NO_MEMORY, now: 0 });
  return look(rules, { health, sessions: [], memory, now: MINUTE - 1 }).memory;
}

function decisionsOf(
  rules: Rules,
  { health, sessions }: { readonly health: Health; readonly sessions: readonly Session[] },
): readonly Decision[] {
  return look(rules, { health, sessions, memory: opened(rules, health), now: MINUTE }).decisions;
}

function show(health: Health): string {
  return JSON.stringify(health);
}
