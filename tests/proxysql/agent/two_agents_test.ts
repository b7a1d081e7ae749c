import { assert, assertEquals } from "@std/assert";
import { Agent, type Leader, type Leading } from "../../../src/proxysql/agent/mod.ts";
import type { DesiredPeer, Discovered, Discovery } from "../../../src/proxysql/agent/mod.ts";
import { ProxyState } from "../../lab/proxysql/proxy_state.ts";
import { LocalAdmin } from "./fixture.ts";

/** One lease, in milliseconds: how long it holds, and after which time without renewal its holder stops to act. */
const LEASE = 15_000;
const GIVE_UP = 10_000;
const RENEW = 5000;
const INTERVAL = 10_000;
const LATENCY = 2000;

/** What happens later, in its order: all of the time that there is. */
class Timeline {
  now = 0;
  readonly #events: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  sleep(milliseconds: number): Promise<void> {
    return new Promise((run) => this.at(this.now + milliseconds, run));
  }

  at(at: number, run: () => void): void {
    this.#events.push({ at, order: this.#order++, run });
  }

  async runUntil(end: number): Promise<void> {
    for (;;) {
      // Whoever goes on after the last event has to have come to its next sleep.
      for (let turn = 0; turn < 40; turn++) await Promise.resolve();
      this.#events.sort((a, b) => b.at - a.at || b.order - a.order);
      const next = this.#events.pop();
      if (next === undefined || next.at > end) return;
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }
}

/** Whoever keeps the lease, by its own clock. */
class Lease {
  holder = "";
  until = -Infinity;

  constructor(readonly time: Timeline) {}

  take(name: string): boolean {
    if (this.holder !== name && this.time.now < this.until) return false;
    this.holder = name;
    this.until = this.time.now + LEASE;
    return true;
  }
}

/** A machine with a core and its agent: it can be stopped for a while, cut off from the lease, and killed. */
class Machine {
  frozenUntil = 0;
  cutOffUntil = 0;
  isDead = false;

  constructor(readonly name: string, readonly time: Timeline) {}

  /** What takes a while, and longer while the machine is stopped. A dead one never goes on. */
  async pass(milliseconds: number): Promise<void> {
    await this.time.sleep(milliseconds);
    while (this.time.now < this.frozenUntil) await this.time.sleep(this.frozenUntil - this.time.now);
    if (this.isDead) await new Promise(() => {});
  }

  get isCutOff(): boolean {
    return this.time.now < this.cutOffUntil;
  }
}

/** A leader by a lease, which counts its time from before it asked. */
class LeaseLeader implements Leader {
  readonly every = RENEW;
  #renewed = -Infinity;

  constructor(readonly machine: Machine, readonly lease: Lease, readonly random: () => number) {}

  get leading(): Leading {
    return this.leads() ? { state: "leads" } : { state: "nobody" };
  }

  leads(): boolean {
    return this.machine.time.now - this.#renewed < GIVE_UP;
  }

  async renew(): Promise<void> {
    const began = this.machine.time.now;
    await this.machine.pass(this.random() * LATENCY);
    const has = !this.machine.isCutOff && this.lease.take(this.machine.name);
    await this.machine.pass(this.random() * LATENCY);
    if (has) this.#renewed = began;
    else if (!this.machine.isCutOff) this.#renewed = -Infinity;
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

interface Write {
  readonly by: string;
  /** When it was sent, and when ProxySQL got it. */
  readonly sent: number;
  readonly at: number;
  /** Who had the lease when it was sent. */
  readonly holder: string | undefined;
}

/** Random numbers by a seed (mulberry32, public domain). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Peers implements Discovery {
  peers: readonly DesiredPeer[] = [];

  constructor(
    readonly machine: Machine,
    readonly all: { peers: readonly DesiredPeer[] },
    readonly random: () => number,
  ) {}

  async read(): Promise<Discovered> {
    await this.machine.pass(this.random() * LATENCY);
    if (this.machine.isCutOff || this.random() < 0.05) return { state: "unknown", reason: "no answer" };
    return { state: "known", peers: this.all.peers };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Runs a quarter of an hour of two machines, on which things happen by a seed. */
async function simulate(seed: number) {
  const time = new Timeline();
  const random = randomOf(seed);
  const lease = new Lease(time);
  const all = {
    peers: [1, 2, 3, 4].map((number): DesiredPeer => ({ host: `10.0.0.${number}`, port: 6032 })),
  };
  const writes: Write[] = [];
  const start = (name: string, own: number, proxy: ProxyState) => {
    const machine = new Machine(name, time);
    const leader = new LeaseLeader(machine, lease, random);
    const admin = new LocalAdmin(proxy);
    admin.travel = async (sql) => {
      const sent = time.now;
      const holder = sent < lease.until ? lease.holder : undefined;
      // What was sent arrives, whatever becomes of its sender.
      await time.sleep(random() * LATENCY);
      if (!/^SELECT/.test(sql)) writes.push({ by: name, sent, at: time.now, holder });
    };
    const reply = <T>(answer: Promise<T>) => answer.finally(() => machine.pass(random() * LATENCY));
    const [rows, run] = [admin.rows.bind(admin), admin.run.bind(admin)];
    admin.rows = (statement) => reply(rows(statement));
    admin.run = (statement, before) => reply(run(statement, before));
    const agent = new Agent({
      ...{ admin, leader, discovery: new Peers(machine, all, random), tell: () => {} },
      clock: { now: () => time.now, wall: () => time.now, sleep: (ms) => time.sleep(ms) },
      self: { names: [], addresses: [`10.0.0.${own}`] },
      config: {
        address: { host: "127.0.0.1", port: 6032 },
        ...{ role: "core", interval: INTERVAL, missingAfter: 30_000, stamp: { at: "never", prune: false } },
      },
    });
    const forever = async (every: number, work: () => Promise<unknown>) => {
      for (;;) {
        await machine.pass(every * (0.9 + random() * 0.2));
        await work();
      }
    };
    void forever(RENEW, () => leader.renew());
    void forever(INTERVAL, () => agent.look());
    return machine;
  };
  const proxies = [1, 2].map(() => new ProxyState({ now: () => time.now }));
  for (const proxy of proxies) {
    for (const table of ["proxysql_servers", "runtime_proxysql_servers"]) {
      for (const { host, port } of all.peers) proxy.add(table, { hostname: host, port });
    }
  }
  const machines = [1, 2].map((own) => start(`core-${own}`, own, proxies[own - 1]!));
  const end = 900_000;
  let lives = 2;
  for (let at = 30_000; at < end - 300_000; at += 10_000 + random() * 80_000) {
    const [which, what] = [random() < 0.5 ? 0 : 1, random()];
    time.at(at, () => {
      const machine = machines[which]!;
      if (what < 0.25) machine.frozenUntil = time.now + random() * 60_000;
      else if (what < 0.5) machine.cutOffUntil = time.now + random() * 60_000;
      else if (what < 0.65) {
        machine.isDead = true;
        machines[which] = start(`core-${which + 1} life ${++lives}`, which + 1, proxies[which]!);
      } else {
        const others = [3, 4, 5, 6, 7].filter(() => random() < 0.5);
        all.peers = [1, 2, ...others].map((number) => ({ host: `10.0.0.${number}`, port: 6032 }));
      }
    });
  }
  await time.runUntil(end);
  return { writes, proxies, all };
}

Deno.test("of two agents, whatever stops, cuts off or kills them, only the one with the lease writes: 100 seeds", async () => {
  let [writers, written, turns] = [0, 0, 0];
  for (let seed = 1; seed <= 100; seed++) {
    const { writes, proxies, all } = await simulate(seed);
    const context = `seed ${seed}`;
    written += writes.length;
    writers += new Set(writes.map(({ by }) => by)).size;
    for (const [index, { by, sent, at, holder }] of writes.entries()) {
      assertEquals(holder, by, context);
      assert(at - sent < LEASE, context);
      if (index === 0 || writes[index - 1]!.by === by) continue;
      turns++;
      // Nothing of whoever wrote before comes later than one lease after the first of the next one.
      const late = writes.slice(index).filter((write) =>
        write.by !== by && write.sent < sent && write.at > at + LEASE
      );
      assertEquals(late, [], context);
    }
    // Whoever leads at the end has listed all that are there, and nobody removed himself.
    const wanted = all.peers.map(({ host }) => host).toSorted();
    const lists = proxies.map((proxy) =>
      proxy.inForce("proxysql_servers").map(({ hostname }) => String(hostname)).toSorted()
    );
    assert(
      lists.some((list) => list.join() === wanted.join()),
      `${context}: ${lists.join(" | ")}: ${wanted}`,
    );
    for (const [index, list] of lists.entries()) assert(list.includes(`10.0.0.${index + 1}`), context);
    for (const proxy of proxies) proxy.tables.close();
  }
  // Else nothing was tried.
  assert(
    written > 1000 && writers > 200 && turns > 100,
    `${written} writes by ${writers} agents, ${turns} turns`,
  );
});
