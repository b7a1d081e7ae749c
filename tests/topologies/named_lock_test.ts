import { assert, assertEquals } from "@std/assert";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { LockLeader } from "../../src/proxysql/agent/leader/lock_leader.ts";
import { namedLock } from "../../src/proxysql/agent/leader/named_lock.ts";
import { Secret } from "../../src/text/secret.ts";
import { type Account, ACCOUNTS, Client, type LabServer, waitFor } from "../lab/mod.ts";
import { onEachFlavor } from "../integration/fixture.ts";

/** The real clock, moved on by hand. */
class MovedClock implements Clock {
  ahead = 0;
  now(): number {
    return systemClock.now() + this.ahead;
  }
  wall(): number {
    return systemClock.wall() + this.ahead;
  }
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds, signal);
  }
}

function lockOn(server: LabServer, { user, password }: Account = ACCOUNTS.sniper, idle = 60_000) {
  const database = {
    address: { host: server.host, port: server.port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  } as unknown as WatchedDatabase;
  return namedLock(database, { lock: "cores", idle, timeout: 3000 });
}

function candidate(server: LabServer) {
  const clock = new MovedClock();
  const leader = new LockLeader(lockOn(server), { clock });
  return {
    clock,
    leader,
    async lead() {
      await leader.renew();
      clock.ahead += 6000;
      await leader.renew();
      clock.ahead += 1500;
      await leader.renew();
      return leader.leads();
    },
    async [Symbol.asyncDispose]() {
      await leader.release();
    },
  };
}

/** The connection that has the lock. */
async function holderOf(client: Client): Promise<number> {
  const [row] = await client.query("SELECT IS_USED_LOCK('cores') AS holder");
  return Number(row!["holder"] ?? 0);
}

await onEachFlavor("The lock by which an agent leads", [
  [
    "is one agent's; the other one says whose, and has it once that one has given it up",
    async ({ primary }) => {
      await using first = candidate(primary);
      await using second = candidate(primary);
      assert(await first.lead());
      await second.leader.renew();
      const { leading } = second.leader;
      assert(
        leading.state === "follows" && /^connection \d+ of sniper@/.test(leading.holder),
        JSON.stringify(leading),
      );
      await first.leader.release();
      assert(!first.leader.leads());
      await waitFor("the lock to be free", async () => {
        await second.leader.renew();
        return second.leader.leading.state === "nobody";
      });
      assert(await second.lead());
    },
  ],

  [
    "is lost at once with its connection, also when nothing is asked on it",
    async ({ primary }) => {
      await using root = await Client.connect(primary);
      await using first = candidate(primary);
      assert(await first.lead());
      await root.query(`KILL ${await holderOf(root)}`);
      const begun = performance.now();
      await waitFor("the lead to end", () => Promise.resolve(!first.leader.leads()));
      assert(performance.now() - begun < 2000);
      assertEquals(first.leader.leading.state, "unknown");
      await first.leader.renew();
      assert(!first.leader.leads(), "a lock that is new has to be waited for");
      assert(await first.lead());
    },
  ],

  [
    "is given on by the server where nothing was asked for a while, as after the death of a host",
    async ({ primary }) => {
      await using root = await Client.connect(primary);
      await using lock = lockOn(primary, ACCOUNTS.sniper, 1000);
      assertEquals(await lock.take(), { state: "held", isNew: true });
      assertEquals(await lock.take(), { state: "held", isNew: false });
      await waitFor("the server to end the connection", async () => await holderOf(root) === 0);
      await waitFor("the client to notice", () => Promise.resolve(!lock.isConnected));
      assertEquals(await lock.take(), { state: "held", isNew: true });
    },
  ],

  [
    "needs no right but to log in, and says why it cannot be asked for",
    async ({ primary }) => {
      await using root = await Client.connect(primary);
      await root.query("CREATE USER agent@'127.0.0.1' IDENTIFIED BY 'agent'");
      await using lock = lockOn(primary, { user: "agent", password: "agent" });
      assertEquals(await lock.take(), { state: "held", isNew: true });
      await root.query("DROP USER agent@'127.0.0.1'");
      await using wrong = candidate(primary);
      const leader = new LockLeader(lockOn(primary, { user: "sniper", password: "wrong" }), {
        clock: wrong.clock,
      });
      await leader.renew();
      const { leading } = leader;
      assert(leading.state === "unknown" && /denied/i.test(leading.reason), JSON.stringify(leading));
    },
  ],
]);
