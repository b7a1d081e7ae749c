// The election by a lock on a database, in virtual time and by seeds: the database gives the lock on as soon as it ends a
// connection, whether or not who had it can know that.

import { assert, assertEquals } from "@std/assert";
import type { Clock } from "../../../src/clock.ts";
import { LOCK_IDLE, LOCK_VALID, LockLeader } from "../../../src/proxysql/agent/leader/lock_leader.ts";
import type { LockState, NamedLock } from "../../../src/proxysql/agent/leader/named_lock.ts";
import { VirtualTime } from "../../lab/kubernetes/mod.ts";
import { campaign, type Candidate, Host, randomNumbers } from "./election.ts";

const RUNS = 120;
const [CHAOS, CALM] = [300_000, 60_000];
const SUCCESSION = (LOCK_IDLE + LOCK_VALID + 3000) * 1.02 + 500;

/** A connection as the database sees it. */
interface Session {
  readonly host: Host;
  last: number;
}

/** What a database does with one lock. */
class Database {
  readonly #time: VirtualTime;
  readonly sessions = new Map<number, Session>();
  #ids = 0;
  #holder: number | undefined;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  connect(host: Host): number {
    this.sessions.set(++this.#ids, { host, last: this.#time.now() });
    return this.#ids;
  }

  take(id: number): { readonly had: boolean; readonly holder: number } | undefined {
    this.expire();
    const session = this.sessions.get(id);
    if (session === undefined) return undefined;
    session.last = this.#time.now();
    const had = this.#holder === id;
    this.#holder ??= id;
    return { had, holder: this.#holder };
  }

  /** Ends a connection, and tells the client if it can be reached. */
  end(id: number): void {
    this.sessions.delete(id);
    if (this.#holder === id) this.#holder = undefined;
  }

  /** Ends what was idle for too long. */
  expire(): void {
    for (const [id, { last }] of this.sessions) if (this.#time.now() - last > LOCK_IDLE) this.end(id);
  }
}

/** A lock whose statements may be lost, with a connection that learns of its end only when it can be reached. */
class HostLock implements NamedLock {
  readonly #database: Database;
  readonly #host: Host;
  readonly #time: VirtualTime;
  #id: number | undefined;

  constructor(database: Database, host: Host, time: VirtualTime) {
    this.#database = database;
    this.#host = host;
    this.#time = time;
  }

  get isConnected(): boolean {
    const isKnownLost = !this.#host.isCut && !this.#host.isFrozen &&
      !this.#database.sessions.has(this.#id ?? -1);
    return this.#id !== undefined && !isKnownLost;
  }

  async take(): Promise<LockState> {
    if (!this.isConnected) this.#id = await this.#ask(() => this.#database.connect(this.#host));
    const id = this.#id!;
    const answer = await this.#ask(() => this.#database.take(id));
    if (answer === undefined) throw await this.#lose(new Error("the connection was lost"));
    const { holder, had } = answer;
    return holder === id ? { state: "held", isNew: !had } : { state: "elsewhere", holder: String(holder) };
  }

  async #ask<T>(work: () => T): Promise<T> {
    const late = this.#host.sleep(3000).then(() => "late" as const);
    const answer = await Promise.race([this.#host.send(work).then((value) => ({ value })), late]);
    if (answer === "late") throw await this.#lose(new Error("no answer in time"));
    return answer.value;
  }

  // deno-lint-ignore require-await
  async #lose(error: Error): Promise<Error> {
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined && !this.#host.isCut) this.#database.end(id);
    return error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lose(new Error("it was closed"));
  }
}

class Stage {
  readonly time = new VirtualTime();
  readonly database = new Database(this.time);
  readonly random: () => number;
  readonly candidates: Candidate[] = [];
  readonly stopped = new Set<Candidate>();
  started = 0;
  readonly reigns: string[] = [];

  constructor(seed: number) {
    this.random = randomNumbers(seed);
  }

  start(): void {
    const host = new Host(`agent-${this.started++}`, this.time, this.random);
    const leader = new LockLeader(new HostLock(this.database, host, this.time), { clock: host });
    const candidate = { host, leader };
    this.candidates.push(candidate);
    void campaign(candidate, () => this.stopped.has(candidate));
  }

  leading(): readonly Candidate[] {
    return this.candidates.filter(({ host, leader }) => !host.isDead && leader.leads());
  }

  look(): void {
    this.database.expire();
    const names = this.leading().map(({ host }) => host.name);
    assert(names.length <= 1, `at ${this.time.now()} ms ${names.join(" and ")} lead`);
    if (names.length === 1 && names[0] !== this.reigns.at(-1)) this.reigns.push(names[0]!);
  }

  async run(milliseconds: number): Promise<void> {
    await this.time.run(this.time.now() + milliseconds, () => this.look());
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!;
  }

  get alive(): readonly Candidate[] {
    return this.candidates.filter((candidate) => !candidate.host.isDead && !this.stopped.has(candidate));
  }

  /** As kill -9 does: the system of its host ends its connections, unless it is cut off. */
  kill({ host }: Candidate): void {
    host.kill();
    if (host.isCut) return;
    for (const [id, session] of this.database.sessions) if (session.host === host) this.database.end(id);
  }

  disturb(): void {
    const candidate = this.pick(
      this.leading().length > 0 && this.random() < 0.5 ? this.leading() : this.alive,
    );
    if (candidate === undefined) return this.start();
    const { host, leader } = candidate;
    const happenings: (() => void)[] = [
      () => host.freeze(),
      () => host.thaw(),
      () => host.isCut = !host.isCut,
      () => host.loss = this.random() < 0.5 ? 0 : this.random() / 2,
      () => host.latency = this.pick([5, 500, 1500, 4000]),
      () => host.jump((this.random() - 0.5) * 60_000),
      // The database restarts, or somebody kills its connections.
      () => this.database.sessions.forEach((_, id) => this.database.end(id)),
      () => {
        this.kill(candidate);
        if (this.random() < 0.8) this.start();
      },
      () => {
        this.stopped.add(candidate);
        void leader.release();
        this.start();
      },
    ];
    this.pick(happenings)();
  }

  calm(): void {
    for (const { host } of this.alive) {
      host.thaw();
      host.isCut = false;
      host.loss = 0;
      host.latency = 50;
    }
    while (this.alive.length < 2) this.start();
  }
}

async function chaos(seed: number): Promise<Stage> {
  const stage = new Stage(seed);
  for (let agent = 0; agent < 2 + seed % 2; agent++) stage.start();
  while (stage.time.now() < CHAOS) {
    await stage.run(500 + stage.random() * 15_000);
    stage.disturb();
  }
  stage.calm();
  await stage.run(CALM);
  const [leader] = stage.leading();
  assert(leader !== undefined, "nobody leads, though nothing is wrong for a minute");
  // Its host is gone: nobody ends its connection.
  leader.host.isCut = true;
  stage.kill(leader);
  await stage.run(SUCCESSION);
  assert(stage.leading().length === 1, `nobody leads ${SUCCESSION} ms after the leader's host was lost`);
  return stage;
}

Deno.test(`by a lock, two agents never lead at once, and one always comes after another: ${RUNS} seeded runs`, async () => {
  const only = Deno.env.get("SEED");
  const seeds = only === undefined ? Array.from({ length: RUNS }, (_, index) => index + 1) : [Number(only)];
  let reigns = 0;
  for (const seed of seeds) {
    try {
      reigns += (await chaos(seed)).reigns.length;
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  assert(reigns / seeds.length > 3, `${reigns} leaders in ${seeds.length} runs`);
});

class SetClock implements Clock {
  time = 0;
  now(): number {
    return this.time;
  }
  wall(): number {
    return this.time;
  }
  sleep(): Promise<void> {
    return Promise.resolve();
  }
}

/** A lock that is in the state that it is told. */
class SetLock implements NamedLock {
  isConnected = true;
  state: LockState | Error = { state: "held", isNew: true };

  take(): Promise<LockState> {
    return this.state instanceof Error ? Promise.reject(this.state) : Promise.resolve(this.state);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

Deno.test("who has got the lock waits until the one before must know, then leads as long as it asks in time", async () => {
  const clock = new SetClock();
  const lock = new SetLock();
  const leader = new LockLeader(lock, { clock });
  assertEquals(leader.leading, { state: "unknown", reason: "the database was not asked yet", isFirst: true });
  await leader.renew();
  assertEquals([leader.leads(), leader.leading], [false, { state: "nobody" }]);
  lock.state = { state: "held", isNew: false };
  for (clock.time = 3000; clock.time < 7000; clock.time += 2000) await leader.renew();
  clock.time = 6999;
  assert(!leader.leads());
  clock.time = 7000;
  assertEquals([leader.leads(), leader.leading], [true, { state: "leads" }]);
  clock.time = 5000 + LOCK_VALID;
  const reason = "the connection with the lock was lost, or did not answer in time";
  assertEquals([leader.leads(), leader.leading], [false, { state: "unknown", reason }]);
  await leader.renew();
  assert(leader.leads(), "the same connection has it still");
  lock.isConnected = false;
  assert(!leader.leads(), "at once");
  lock.isConnected = true;
  lock.state = { state: "held", isNew: true };
  await leader.renew();
  assert(!leader.leads(), "another one may have had it meanwhile");
});

Deno.test("a lock that another one has, that nobody can ask for, or that was given up, leads to nothing", async () => {
  const clock = new SetClock();
  const lock = new SetLock();
  const leader = new LockLeader(lock, { clock });
  lock.state = { state: "elsewhere", holder: "connection 7" };
  await leader.renew();
  assertEquals(leader.leading, { state: "follows", holder: "connection 7" });
  lock.state = { state: "free" };
  await leader.renew();
  assertEquals(leader.leading, { state: "nobody" });
  lock.state = new Error("Access denied");
  await leader.renew();
  assertEquals(leader.leading, { state: "unknown", reason: "Access denied" });
  lock.state = { state: "held", isNew: true };
  await leader.renew();
  lock.state = { state: "held", isNew: false };
  clock.time = 5000;
  await leader.renew();
  clock.time = 8000;
  assert(leader.leads());
  const released = leader.release();
  assert(!leader.leads());
  await released;
  await leader.renew();
  assertEquals([leader.leads(), leader.leading], [false, { state: "nobody" }]);
});
