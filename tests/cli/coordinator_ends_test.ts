import { assertEquals, assertRejects } from "@std/assert";
import { allTogether } from "../../src/cli/commands/coordinator/all_together.ts";
import { failsAtWork } from "../../src/cli/commands/coordinator/coordinator.ts";
import { openCoordinator } from "../../src/cli/commands/coordinator/open_coordinator.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { loadConfig, type WatchedDatabase } from "../../src/config/mod.ts";
import type { EventStream } from "../../src/events/mod.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { Coordinator, GroupWatch } from "../../src/shards/coordinator/mod.ts";
import { writeGroup } from "../shards/write_group.ts";

const GROUP = `databases: [{ name: a, host: 127.0.0.1, port: 1 }]
sharding:
  mode: enforce
  metadata: a
  schema: shop
  tables: { users: { key: user_id } }
  shards: [a]
  admin: { listen: "127.0.0.1:0" }
`;

Deno.test("if one half fails, the other one is told to end, and is waited for", async () => {
  const left = new AbortController();
  let hasEnded = false;
  const other = new Promise<void>((resolve) => {
    left.signal.addEventListener("abort", () => setTimeout(() => resolve(void (hasEnded = true))));
  });
  await assertRejects(
    () => allTogether([Promise.reject(new TypeError("first")), other], left),
    TypeError,
    "first",
  );
  assertEquals(hasEnded, true);
});

/** Replaces how something runs, until it is given back. */
function replaced<T extends { run(): Promise<void> }>(
  of: T,
  run: (own: () => Promise<void>) => Promise<void>,
): Disposable {
  const { run: original } = of;
  of.run = function (this: T) {
    return run(() => original.call(this));
  };
  return { [Symbol.dispose]: () => void (of.run = original) };
}

for (const failing of ["coordinator", "watch"] as const) {
  Deno.test(`a coordinator whose ${failing} fails changes nothing from then on, and says so`, async () => {
    await using written = await writeGroup(GROUP, { user: "u", password: "p" });
    const { config } = await loadConfig(written.file, {
      environment: () => undefined,
      domain: DATABASE_DOMAIN,
      shards: SHARD_VOCABULARY,
      credentials: "required",
    });
    const ended: string[] = [];
    const half = (name: string) => async (own: () => Promise<void>) => {
      if (name === failing) throw new TypeError("the journal cannot be read");
      await own();
      ended.push(name);
    };
    using _coordinator = replaced(Coordinator.prototype, half("coordinator"));
    using _watch = replaced(GroupWatch.prototype, half("watch"));
    const events: unknown[] = [];
    const stream = { emit: (event: unknown) => void events.push(event) } as EventStream;
    const group = { sharding: config.sharding!, databases: config.databases as readonly WatchedDatabase[] };
    const { signal } = new AbortController();
    const open = await openCoordinator(group, {
      stream,
      signal,
      pause: `${written.folder}/pause`,
      warn() {},
    });
    if (typeof open === "string") throw new Error(open);
    const hasFailed = await failsAtWork(open, { stream, schema: "shop" });
    assertEquals([hasFailed, ended.length], [true, 1]);
    assertEquals(events.at(-1), {
      event: "shards",
      state: "failed",
      schema: "shop",
      reason: "the coordinator: TypeError: the journal cannot be read: start the program again",
    });
  });
}
