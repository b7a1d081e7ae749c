import { assertEquals, assertRejects } from "@std/assert";
import { ChangeError } from "../../../src/shards/coordinator/change.ts";
import { checkChange } from "../../../src/shards/coordinator/change_check.ts";
import type { Group } from "../../../src/shards/members/member.ts";
import type { Session } from "../../../src/shards/move/session.ts";

/** Asks for a shard more, where s1 and s2 own all slots and the group may have three. */
async function checked(states: Readonly<Record<string, string>>, shard?: string): Promise<string> {
  const members = Object.entries(states).map(([shard, state]) => ({
    ...{ shard, state, source: "pool", host: null, port: null, decision: null, problem: null, claimed: "0" },
  }));
  const metadata = {
    connection: { query: () => Promise.resolve(members) },
    rows: () => Promise.resolve([{ shard: "s1", slots: "512" }, { shard: "s2", slots: "512" }]),
  } as unknown as Session;
  const databases = ["s1", "s2", "p", "q", "r"].map((name) => ({ name }));
  const sharding = { shards: ["s1", "s2"], pool: ["p", "q", "r"], growth: { maxShards: 3 } };
  const group = { sharding, databases } as unknown as Group;
  const request = { action: "add shard", cause: "asked", ...shard !== undefined && { shard } } as const;
  try {
    await checkChange(metadata, request, group);
    return "passes";
  } catch (error) {
    await assertRejects(() => Promise.reject(error), ChangeError);
    return (error as Error).message;
  }
}

Deno.test("a server that was added counts for max_shards, and is the one that may still get slots", async () => {
  assertEquals(await checked({}), "passes");
  assertEquals(await checked({ p: "failed", q: "drained" }), "passes");
  assertEquals(await checked({ p: "serving" }), "passes");
  assertEquals(await checked({ p: "serving" }, "p"), "passes");
  const full = "the group has 3 shards, as many as it may have";
  assertEquals(await checked({ p: "serving" }, "q"), full);
});
