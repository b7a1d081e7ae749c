// An agent in a dry run beside others: it reads who leads, and never takes the lead.

import { assert, assertEquals } from "@std/assert";
import { partsOf } from "../../../src/app/proxysql/parts.ts";
import { LeaseLeader } from "../../../src/proxysql/agent/leader/lease_leader.ts";
import type { LockState } from "../../../src/proxysql/agent/leader/named_lock.ts";
import {
  type Watched,
  WatchedLeader,
  watchedLease,
  watchedLock,
} from "../../../src/proxysql/agent/leader/watched_leader.ts";
import { leaseStore } from "../../../src/proxysql/kubernetes/lease.ts";
import { load, required } from "../../config/folder.ts";
import { VirtualTime } from "../../lab/kubernetes/mod.ts";
import { PodApi } from "./pod_api.ts";

Deno.test("a dry run reads the Lease and writes nothing, whoever has it", async () => {
  const time = new VirtualTime();
  const api = new PodApi(time);
  const store = () => leaseStore(api, { namespace: "proxysql", name: "lead" });
  const watcher = new WatchedLeader(watchedLease(store(), time), { clock: time });
  const renew = async (leader: Pick<WatchedLeader, "renew">) => {
    const done = leader.renew();
    await time.run(time.now() + 4000);
    await done;
  };
  assertEquals(watcher.leads(), false);
  await renew(watcher);
  assertEquals([watcher.leading, watcher.leads()], [{ state: "nobody" }, true]);
  const agent = new LeaseLeader(store(), { clock: time, identity: "core-0" });
  await renew(agent);
  assertEquals(agent.leads(), true);
  for (let i = 0; i < 10; i++) {
    await renew(watcher);
    assertEquals([watcher.leading, watcher.leads()], [{ state: "follows", holder: "core-0" }, false]);
    await renew(agent);
  }
  // It is dead. Nobody takes the Lease, so that the rehearsal is of what a leader would do.
  for (let i = 0; i < 5; i++) await renew(watcher);
  assertEquals([watcher.leading, watcher.leads()], [{ state: "nobody" }, true]);
  api.isDown = true;
  await renew(watcher);
  assertEquals([watcher.leading.state, watcher.leads()], ["unknown", false]);
  api.isDown = false;
  const writes = api.asked.filter((asked) => /create|update/.test(asked)).length;
  await watcher.release();
  await renew(watcher);
  assertEquals([watcher.leads(), api.asked.filter((asked) => /create|update/.test(asked)).length], [
    false,
    writes,
  ]);
  assert(api.asked.length > writes);
});

Deno.test("a dry run asks who has the lock", async () => {
  const time = new VirtualTime();
  let state: LockState | Error = { state: "elsewhere", holder: "connection 7" };
  let ended = 0;
  const lock: Watched = watchedLock({
    look: () => state instanceof Error ? Promise.reject(state) : Promise.resolve(state),
    [Symbol.asyncDispose]: () => Promise.resolve(void ended++),
  });
  const leader = new WatchedLeader(lock, { clock: time });
  await leader.renew();
  assertEquals([leader.leading, leader.leads()], [{ state: "follows", holder: "connection 7" }, false]);
  state = { state: "free" };
  await leader.renew();
  assertEquals([leader.leading, leader.leads()], [{ state: "nobody" }, true]);
  state = new Error("it is down");
  await leader.renew();
  assertEquals([leader.leading, leader.leads()], [{ state: "unknown", reason: "it is down" }, false]);
  await leader.release();
  await leader.release();
  assertEquals(ended, 1);
});

Deno.test("the agent takes part in an election unless it is a dry run", async () => {
  for (const elects of ["kubernetes", "{ database: orders, lock: lead }"]) {
    const config = await load({
      "query-sniper.yaml":
        `proxysql: { address: 127.0.0.1:6032, role: core, peers: { static: ["10.0.0.1:6032"] }, leader: ${elects} }\n` +
        "databases:\n  - { name: orders, host: 127.0.0.1 }\n",
      "credentials.yaml":
        "default: { user: sniper, password: sniper }\nproxysql: { user: radmin, password: radmin }\n",
    }, required());
    for (const isDryRun of [false, true]) {
      const { leader } = await partsOf({ ...config, proxysql: config.proxies[0]! }, {
        ...{ clock: new VirtualTime(), isDryRun, hurry: new AbortController().signal },
        ...{ environment: () => undefined, tell: () => {} },
      });
      assertEquals(leader instanceof WatchedLeader, isDryRun);
      await leader!.release();
    }
  }
});
