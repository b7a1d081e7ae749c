// Two or three agents over what the API does with one Lease, in virtual time and by seeds: whatever is frozen, cut off, killed
// or slow, two never lead at once.

import { assert, assertEquals } from "@std/assert";
import { DURATION, LeaseLeader } from "../../../src/proxysql/agent/leader/lease_leader.ts";
import { type Api, type ApiRequest } from "../../../src/proxysql/kubernetes/kubernetes_api.ts";
import { KubernetesError, statusError } from "../../../src/proxysql/kubernetes/kubernetes_error.ts";
import { leaseStore } from "../../../src/proxysql/kubernetes/lease.ts";
import { ClusterModel, VirtualTime } from "../../lab/kubernetes/mod.ts";
import { campaign, type Candidate, Host, randomNumbers } from "./election.ts";

const RUNS = 150;
/** How long things go wrong, and how long they go well after that, in milliseconds. */
const [CHAOS, CALM] = [300_000, 60_000];
/** The longest time without a leader after one was killed: the duration, one renewal, and what clocks and networks add. */
const SUCCESSION = (DURATION + 5000) * 1.02 + 500;

class ModelApi implements Api {
  readonly #stage: Stage;
  readonly #host: Host;

  constructor(stage: Stage, host: Host) {
    this.#stage = stage;
    this.#host = host;
  }

  async json(request: ApiRequest): Promise<unknown> {
    const { status, body } = await this.#host.send(() =>
      this.#stage.isDown ? { status: 503, body: undefined } : this.#stage.model.answer({
        ...request,
        namespace: "proxysql",
        body: structuredClone(request.body),
      })
    );
    if (status >= 300) throw statusError(status, `${request.verb} ${request.resource}`);
    return structuredClone(body);
  }

  lines(): Promise<never> {
    return Promise.reject(new KubernetesError("refused", "nobody watches a Lease"));
  }

  [Symbol.dispose](): void {}
}

class Stage {
  readonly time = new VirtualTime();
  readonly model = new ClusterModel();
  readonly random: () => number;
  readonly candidates: Candidate[] = [];
  readonly stopped = new Set<Candidate>();
  isDown = false;
  started = 0;
  /** Who led, one after the other. */
  readonly reigns: string[] = [];

  constructor(seed: number) {
    this.random = randomNumbers(seed);
  }

  start(): Candidate {
    const host = new Host(`agent-${this.started++}`, this.time, this.random);
    const store = leaseStore(new ModelApi(this, host), { name: "cores" });
    const candidate = { host, leader: new LeaseLeader(store, { clock: host, identity: host.name }) };
    this.candidates.push(candidate);
    void campaign(candidate, () => this.stopped.has(candidate));
    return candidate;
  }

  /** Those that would write now, also if they only just woke up. */
  leading(): readonly Candidate[] {
    return this.candidates.filter(({ host, leader }) => !host.isDead && leader.leads());
  }

  look(): void {
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

  /** Something happens to somebody. */
  disturb(): void {
    const candidate = this.pick(
      this.leading().length > 0 && this.random() < 0.5 ? this.leading() : this.alive,
    );
    if (candidate === undefined) return void this.start();
    const { host, leader } = candidate;
    const happenings: (() => void)[] = [
      () => host.freeze(),
      () => host.thaw(),
      () => host.isCut = !host.isCut,
      () => host.loss = this.random() < 0.5 ? 0 : this.random() / 2,
      () => host.latency = this.pick([5, 500, 2000, 4000]),
      () => host.jump((this.random() - 0.5) * 60_000),
      () => this.isDown = !this.isDown,
      () => {
        host.kill();
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
    this.isDown = false;
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
  const agents = 2 + seed % 2;
  for (let agent = 0; agent < agents; agent++) stage.start();
  while (stage.time.now() < CHAOS) {
    await stage.run(500 + stage.random() * 15_000);
    stage.disturb();
  }
  stage.calm();
  await stage.run(CALM);
  const [leader] = stage.leading();
  assert(leader !== undefined, "nobody leads, though nothing is wrong for a minute");
  leader.host.kill();
  await stage.run(SUCCESSION);
  assert(stage.leading().length === 1, `nobody leads ${SUCCESSION} ms after the leader was killed`);
  return stage;
}

Deno.test(`two agents never lead at once, and one always comes after another: ${RUNS} seeded runs`, async () => {
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
  // Else the runs would show little.
  assert(reigns / seeds.length > 3, `${reigns} leaders in ${seeds.length} runs`);
});

async function settled(agents: number): Promise<Stage> {
  const stage = new Stage(agents);
  for (let agent = 0; agent < agents; agent++) stage.start();
  await stage.run(1000);
  assertEquals(stage.leading().length, 1);
  return stage;
}

Deno.test("the first one leads at once where there is no Lease yet, and the others say whom they follow", async () => {
  const stage = await settled(3);
  const [{ host: { name } }] = stage.leading() as [Candidate];
  await stage.run(6000);
  const others = stage.candidates.filter(({ host }) => host.name !== name);
  assertEquals(others.map(({ leader }) => leader.leading), [
    { state: "follows", holder: name },
    { state: "follows", holder: name },
  ]);
  assertEquals(stage.leading()[0]!.leader.leading, { state: "leads" });
  const { spec } = stage.model.answer({
    verb: "get",
    resource: "leases",
    namespace: "proxysql",
    name: "cores",
  }).body as { readonly spec: Record<string, unknown> };
  assertEquals([spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]], [
    name,
    15,
    0,
  ]);
  assert(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(spec["renewTime"] as string),
    String(spec["renewTime"]),
  );
});

Deno.test("who was frozen does not lead when it wakes, whatever its Lease says", async () => {
  const stage = await settled(1);
  const [{ host, leader }] = stage.candidates as [Candidate];
  host.freeze();
  await stage.run(9000);
  assert(leader.leads(), "it was renewed within the last 10 s");
  await stage.run(2000);
  assert(!leader.leads());
  assertEquals(leader.leading, { state: "unknown", reason: "the Lease was not renewed for 10 s" });
  host.thaw();
  await stage.run(10_000);
  assert(leader.leads(), "nobody else has taken it, so it may go on after it asked");
});

Deno.test("who was frozen while a renewal was on its way does not take its answer for new", async () => {
  const stage = await settled(2);
  const [{ host, leader }] = stage.leading() as [Candidate];
  host.latency = 1500;
  await stage.run(6000 - stage.time.now());
  host.freeze();
  await stage.run(30_000);
  assert(stage.leading().length === 1 && stage.leading()[0]!.host !== host);
  host.thaw();
  await stage.run(1);
  assert(!leader.leads());
  await stage.run(10_000);
  assertEquals(leader.leading.state, "follows");
});

Deno.test("a machine that was suspended, whose monotonic clock stood still, does not lead when it wakes", async () => {
  const stage = await settled(1);
  const [{ host, leader }] = stage.candidates as [Candidate];
  host.jump(11_000);
  assert(!leader.leads());
  host.jump(-3_600_000);
  await stage.run(10_000);
  assert(leader.leads(), "a clock that was set back takes nothing away");
});

Deno.test("one renewal without an answer is no loss, and the API down means that nobody knows", async () => {
  const stage = await settled(2);
  const [{ host, leader }] = stage.leading() as [Candidate];
  const led: boolean[] = [];
  await stage.run(3500);
  host.isCut = true;
  await stage.run(3000);
  host.isCut = false;
  for (let step = 0; step < 50; step++) {
    await stage.run(200);
    led.push(leader.leads());
  }
  assert(led.every((leads) => leads), "it leads all the time");
  stage.isDown = true;
  await stage.run(16_000);
  const other = stage.candidates.find((candidate) => candidate.leader !== leader)!.leader;
  const reason = (verb: string) => `Kubernetes answers ${verb} leases with status 503`;
  assertEquals([leader.leading, other.leading], [
    { state: "unknown", reason: reason("update") },
    { state: "unknown", reason: reason("get") },
  ]);
  stage.isDown = false;
  await stage.run(3000);
  assertEquals(stage.leading().length, 1, "whoever comes first");
});

Deno.test("who stops gives the Lease up, so that another one has it with its next look", async () => {
  const stage = await settled(2);
  await stage.run(6000);
  const [first] = stage.leading() as [Candidate];
  stage.stopped.add(first);
  void first.leader.release();
  assert(!first.leader.leads(), "it does not lead from that moment");
  await stage.run(5200);
  assert(stage.leading().length === 1 && stage.leading()[0] !== first);
  await first.leader.renew();
  await stage.run(6000);
  assert(!first.leader.leads(), "who has released does not come back");
});

Deno.test("who has led and lost an answer gives up what it may have written", async () => {
  const stage = new Stage(1);
  const { host, leader } = stage.start();
  host.latency = 0;
  await stage.run(1000);
  // The next renewal arrives, and its answer does not.
  host.latency = 3000;
  await stage.run(4100);
  host.isCut = true;
  await stage.run(4000);
  host.isCut = false;
  host.latency = 0;
  stage.stopped.add(stage.candidates[0]!);
  const released = leader.release();
  await stage.run(4000);
  await released;
  const { spec } = stage.model.answer({
    verb: "get",
    resource: "leases",
    namespace: "proxysql",
    name: "cores",
  }).body as { readonly spec: Record<string, unknown> };
  assertEquals([spec["holderIdentity"], spec["leaseDurationSeconds"]], ["", 1]);
});

/** What an agent does, once the Lease was changed by hand. */
async function byHand(change: (stage: Stage) => void): Promise<void> {
  const stage = await settled(2);
  await stage.run(6000);
  const [{ host }] = stage.leading() as [Candidate];
  host.isCut = true;
  change(stage);
  // `look` fails if the other one leads before this one knows that it does not.
  await stage.run(DURATION + 6000);
  assert(stage.leading().length === 1 && stage.leading()[0]!.host !== host);
}

Deno.test("a Lease that is deleted, or whose holder is, is not taken before its holder has noticed", async () => {
  await byHand(({ model }) => model.delete("leases", "proxysql", "cores"));
  await byHand(({ model }) => {
    const lease =
      model.answer({ verb: "get", resource: "leases", namespace: "proxysql", name: "cores" }).body;
    // deno-lint-ignore no-explicit-any
    const { spec, ...others } = lease as any;
    model.put("leases", { ...others, spec: { ...spec, holderIdentity: "" } });
  });
});

Deno.test("another holder with a longer duration is waited for, as it says", async () => {
  const stage = new Stage(7);
  stage.model.put("leases", {
    kind: "Lease",
    metadata: { name: "cores", namespace: "proxysql", labels: { kept: "yes" } },
    spec: { holderIdentity: "by-hand", leaseDurationSeconds: 60, leaseTransitions: 4 },
  });
  const { leader } = stage.start();
  await stage.run(59_000);
  assertEquals(leader.leading, { state: "follows", holder: "by-hand" });
  await stage.run(7000);
  assert(leader.leads());
  const { spec, metadata } = stage.model.answer({
    verb: "get",
    resource: "leases",
    namespace: "proxysql",
    name: "cores",
    // deno-lint-ignore no-explicit-any
  }).body as any;
  assertEquals([spec.leaseTransitions, metadata.labels], [5, { kept: "yes" }], "the rest of it stays");
});
