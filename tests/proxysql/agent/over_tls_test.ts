// The election and the discovery as `proxysql run` gets them, over TLS sockets.

import { parse } from "@std/yaml";
import { assert, assertEquals } from "@std/assert";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { agentIdentity, leaderOf } from "../../../src/proxysql/agent/leader_of.ts";
import { discoveryOf } from "../../../src/proxysql/agent/discovery_of.ts";
import type { Leader } from "../../../src/proxysql/agent/leader.ts";
import { ApiServer, type KubernetesObject } from "../../lab/kubernetes/mod.ts";
import { waitFor } from "../../lab/wait_for.ts";
import { load } from "../../config/folder.ts";
import { ROOT } from "../../program.ts";
import { pod } from "./pods.ts";

/** The real clock, moved on by hand, of which all that wait can be woken. */
class QuickClock implements Clock {
  ahead = 0;
  #wakers = new Set<() => void>();
  now(): number {
    return systemClock.now() + this.ahead;
  }
  wall(): number {
    return systemClock.wall() + this.ahead;
  }
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const wake = () => awake.abort();
    this.#wakers.add(wake);
    const signals = signal === undefined ? [awake.signal] : [awake.signal, signal];
    await systemClock.sleep(milliseconds, AbortSignal.any(signals));
    this.#wakers.delete(wake);
  }

  /** Whoever waits now has waited long enough. */
  hurry(): void {
    for (const wake of this.#wakers) wake();
  }
}

const LEASE = { kind: "kubernetes", namespace: "proxysql", lease: "query-sniper-proxysql" } as const;

class Agent implements AsyncDisposable {
  readonly clock = new QuickClock();
  readonly leader: Leader;

  constructor(server: ApiServer, name: string) {
    const options = { clock: this.clock, identity: name, databases: [], access: server.access };
    this.leader = leaderOf({ role: "core", leader: LEASE }, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leader.release();
  }
}

function leaseOf(server: ApiServer): KubernetesObject {
  const question = { verb: "get", resource: "leases", namespace: "proxysql", name: LEASE.lease };
  return server.model.answer(question).body as KubernetesObject;
}

Deno.test("one leads; when it is gone without a word another one does, a duration later, and it gives the Lease up at its end", async () => {
  await using server = await ApiServer.start();
  const first = new Agent(server, "first");
  {
    await using second = new Agent(server, "second");
    await first.leader.renew();
    await second.leader.renew();
    assertEquals([first.leader.leading, second.leader.leading], [
      { state: "leads" },
      { state: "follows", holder: "first" },
    ]);
    first.clock.ahead += 10_000;
    assert(!first.leader.leads());
    second.clock.ahead += 14_000;
    await second.leader.renew();
    assert(!second.leader.leads());
    second.clock.ahead += 1000;
    await second.leader.renew();
    assert(second.leader.leads());
    await first.leader.renew();
    assertEquals(first.leader.leading, { state: "follows", holder: "second" });
  }
  assertEquals(leaseOf(server).spec?.["holderIdentity"], "");
  await first.leader.renew();
  assert(first.leader.leads());
  await first.leader.release();
});

Deno.test("a lead outlives a token that ends and one answer that never comes, and ends when none comes", async () => {
  await using server = await ApiServer.start();
  await using agent = new Agent(server, "first");
  await agent.leader.renew();
  server.tokens.clear();
  server.tokens.add("token-2");
  await server.renewToken("token-2");
  await agent.leader.renew();
  assertEquals([agent.leader.leads(), server.refused], [true, 1]);
  const asked = server.questions.length;
  server.trouble = { kind: "hang" };
  const renewed = agent.leader.renew();
  await waitFor("the question", () => Promise.resolve(server.questions.length > asked));
  server.trouble = undefined;
  agent.clock.hurry();
  await renewed;
  assert(agent.leader.leads(), "it was asked again, on a connection that works");
  server.trouble = { kind: "hang" };
  const late = agent.leader.renew();
  agent.clock.ahead += 10_000;
  await waitFor("the question", () => Promise.resolve(server.questions.length > asked + 2));
  agent.clock.hurry();
  await late;
  assertEquals(agent.leader.leading, { state: "unknown", reason: "Kubernetes did not answer in time" });
  server.trouble = undefined;
  await agent.leader.renew();
  for (
    const trouble of [{ kind: "body", text: "{" }, { kind: "huge", bytes: 1e9 }, { kind: "cut" }] as const
  ) {
    server.trouble = undefined;
    await agent.leader.renew();
    assert(agent.leader.leads());
    server.trouble = trouble;
    const renewing = agent.leader.renew();
    agent.clock.ahead += 10_000;
    await renewing;
    assertEquals(agent.leader.leading.state, "unknown", trouble.kind);
  }
  server.trouble = undefined;
});

Deno.test("a pod that comes is known soon after, over a watch, and no longer than the discovery is needed", async () => {
  await using server = await ApiServer.start();
  server.model.put("pods", pod("core-0", "10.0.0.1"));
  {
    await using discovery = discoveryOf(
      { kind: "kubernetes", selector: "app=proxysql", port: 6032 },
      { clock: systemClock, access: server.access },
    );
    assertEquals(await discovery.read(), {
      state: "known",
      peers: [{ host: "10.0.0.1", port: 6032, comment: "core-0" }],
    });
    await waitFor("the watch", () => Promise.resolve(server.watches === 1));
    server.model.put("pods", pod("core-1", "10.0.0.2"));
    await waitFor("the pod", async () => {
      const found = await discovery.read();
      return found.state === "known" && found.peers.length === 2;
    });
  }
  await waitFor("the watch to end", () => Promise.resolve(server.watches === 0));
});

Deno.test("the Role of the manifests has the rights that the agent uses, and no other", async () => {
  await using server = await ApiServer.start();
  const { proxies: [proxysql] } = await load({
    "query-sniper.yaml":
      "proxysql: { address: 127.0.0.1:6032, role: core, peers: { kubernetes: { selector: a=b } } }\n",
  });
  const options = { clock: systemClock, identity: "first", databases: [], access: server.access };
  const leader = leaderOf(proxysql!, options);
  const other = leaderOf(proxysql!, { ...options, identity: "other" });
  await using discovery = discoveryOf(proxysql!.peers!, options);
  for (const agent of [leader, other, leader, other]) await agent.renew();
  await discovery.read();
  await waitFor("the watch", () => Promise.resolve(server.watches === 1));
  await leader.release();
  await other.renew();
  await other.release();
  const used = new Set(
    server.questions.map(({ verb, resource, name = "" }) => `${verb} ${resource} ${name}`.trim()),
  );

  const role = parse(await Deno.readTextFile(`${ROOT}config/deploy/kubernetes/proxysql/role.yaml`)) as {
    readonly kind: string;
    readonly rules: readonly {
      readonly apiGroups: readonly string[];
      readonly resources: readonly string[];
      readonly resourceNames?: readonly string[];
      readonly verbs: readonly string[];
    }[];
  };
  const granted = role.rules.flatMap(({ resources, resourceNames = [""], verbs }) =>
    resources.flatMap((resource) =>
      resourceNames.flatMap((name) => verbs.map((verb) => `${verb} ${resource} ${name}`.trim()))
    )
  );
  assertEquals(granted.toSorted(), [...used].toSorted());
  assertEquals(role.kind, "Role", "in its namespace alone");
  assertEquals(role.rules.map(({ apiGroups }) => apiGroups), [
    ["coordination.k8s.io"],
    ["coordination.k8s.io"],
    [""],
  ]);
});

Deno.test("only the agent of a core can lead; it is told, or asks for what is configured", async () => {
  const clock = new QuickClock();
  const options = { clock, identity: "a", databases: [] };
  const rows = [
    ["core", "always", true, "leads"],
    ["core", "never", false, "nobody"],
    ["satellite", "always", false, "nobody"],
    ["none", "always", false, "nobody"],
  ] as const;
  for (const [role, kind, leads, state] of rows) {
    const leader = leaderOf({ role, leader: { kind } }, options);
    await leader.renew();
    assertEquals([leader.leads(), leader.leading], [leads, { state }]);
    await leader.release();
    assert(!leader.leads());
  }
  const satellite = leaderOf({ role: "satellite", leader: LEASE }, options);
  await satellite.renew();
  assertEquals(satellite.leading, { state: "nobody" }, "nothing is asked for it");
});

Deno.test("no two processes have the same name, also in one pod", () => {
  const environment = (name: string) => ({ POD_NAME: "core-0", HOSTNAME: "node" })[name];
  const [one, two] = [agentIdentity(environment), agentIdentity(environment)];
  assert(one.startsWith("core-0_") && two.startsWith("core-0_") && one !== two);
  assert(agentIdentity((name) => name === "HOSTNAME" ? "node" : undefined).startsWith("node_"));
  assert(agentIdentity(() => undefined).startsWith("agent_"));
});
