// The ready policies: each is valid, and says what it does. Whom it selects, its tests in config/tests show.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadConfig, type LoadResult } from "../../src/config/mod.ts";
import type { Rules } from "../../src/policy/mod.ts";
import { runProgram } from "../program.ts";
import { look, session } from "../policy/fixture.ts";
import { IF_PRESENT } from "./folder.ts";

const FOLDER = fileURLToPath(new URL("../../config/policies", import.meta.url));
const TESTS = fileURLToPath(new URL("../../config/tests", import.meta.url));
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
  for (const folder of [FOLDER, TESTS]) {
    const files = await Array.fromAsync(Deno.readDir(folder));
    assertEquals(files.map(({ name }) => name).toSorted(), NAMES.map((name) => `${name}.yaml`));
  }
});

Deno.test("the tests of the policies pass, run by the program itself", async () => {
  const { code, stdout, stderr } = await runProgram([
    "test",
    ...NAMES.map((name) => `${TESTS}/${name}.yaml`),
  ]);
  assertEquals(stderr, "");
  assertMatch(stdout, /^\d+ passed, 0 failed\n$/);
  assertEquals(code, 0);
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
}

Deno.test("stampede leaves half of what runs, and the oldest", async () => {
  const rules = await rulesOf("stampede");
  const health = { threads_running: 120 };
  const crowd = Array.from(
    { length: 60 },
    (_, index) => session({ id: index + 1, time: 3000 + index, ...ALIKE }),
  );
  let { memory } = look(rules, { health, sessions: crowd });
  const killed = new Set<number>();
  for (let now = 2000; now < 20_000; now += 4000) {
    const sessions = crowd.filter(({ id }) => !killed.has(id));
    const decided = look(rules, { health, sessions, memory, now });
    for (const { session: { id }, verdict } of decided.decisions) {
      if (verdict === "would-kill") killed.add(id);
    }
    memory = decided.memory;
  }
  assertEquals([...killed].toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, index) => index + 1));
});

const ALIKE = { same_digest: 60, waiting: false };

function loadFile(name: string): Promise<LoadResult> {
  return loadConfig(`${FOLDER}/${name}.yaml`, IF_PRESENT);
}

async function rulesOf(name: string): Promise<Rules> {
  return (await loadFile(name)).config.databases[0]!.rules;
}
