// Which pods are known to be cores, in virtual time, whatever becomes of the watch.

import { assert, assertEquals } from "@std/assert";
import type { Discovered } from "../../../src/proxysql/agent/discovery.ts";
import { PodDiscovery } from "../../../src/proxysql/agent/discovery/pod_discovery.ts";
import { KubernetesError } from "../../../src/proxysql/kubernetes/kubernetes_error.ts";
import { podSource } from "../../../src/proxysql/kubernetes/pods.ts";
import { VirtualTime } from "../../lab/kubernetes/mod.ts";
import { randomNumbers } from "./election.ts";
import { PodApi } from "./pod_api.ts";
import { pod } from "./pods.ts";

class Stage implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly api = new PodApi(this.time);
  readonly discovery = new PodDiscovery(podSource(this.api, { selector: "app=proxysql" }), {
    port: 6032,
    clock: this.time,
  });

  put(...args: Parameters<typeof pod>): void {
    this.api.model.put("pods", pod(...args));
  }

  async read(): Promise<Discovered> {
    const reading = this.discovery.read();
    await this.run(0);
    let found: Discovered | undefined;
    reading.then((value) => found = value);
    for (let step = 0; found === undefined && step < 100; step++) await this.run(100);
    return found!;
  }

  /** The names of those that are known, or why none are. */
  async names(): Promise<string> {
    const found = await this.read();
    return found.state === "known" ? found.peers.map(({ comment }) => comment).join(" ") : found.reason;
  }

  async run(milliseconds: number): Promise<void> {
    await this.time.run(this.time.now() + milliseconds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discovery[Symbol.asyncDispose]();
    assertEquals(this.api.watches, 0, "no watch is left behind");
  }
}

Deno.test("cores are the pods that run, have an address, and are not being deleted; a watch keeps that up to date", async () => {
  await using stage = new Stage();
  stage.put("core-1", "10.0.0.2");
  stage.put("core-0", "10.0.0.1");
  stage.put("core-2", undefined, { phase: "Pending" });
  stage.put("core-3", "10.0.0.4", { phase: "Failed" });
  stage.put("core-4", "10.0.0.5", { isEnding: true });
  stage.put("core-5", "fd00::5");
  stage.put("web", "10.0.0.9", { labels: { app: "web" } });
  assertEquals(await stage.read(), {
    state: "known",
    peers: [
      { host: "10.0.0.1", port: 6032, comment: "core-0" },
      { host: "10.0.0.2", port: 6032, comment: "core-1" },
      { host: "fd00::5", port: 6032, comment: "core-5" },
    ],
  });
  stage.put("core-2", "10.0.0.3");
  stage.put("core-0", "10.0.0.1", { isEnding: true });
  stage.api.model.delete("pods", "proxysql", "core-5");
  stage.put("core-1", "10.0.0.2", { labels: { app: "web" } });
  await stage.run(100);
  assertEquals(await stage.names(), "core-2");
  assertEquals(stage.api.asked, ["list 0", "watch 0"], "nothing was listed again for that");
});

Deno.test("nobody who runs, and no answer, are unknown, not empty", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1", { isEnding: true });
  assertEquals(await stage.read(), { state: "unknown", reason: "no pod with these labels runs" });
  await using down = new Stage();
  down.api.isDown = true;
  assertEquals(await down.names(), "Kubernetes answers list pods with status 503");
  await using hanging = new Stage();
  hanging.api.hangs = true;
  const begun = hanging.time.now();
  assertEquals(await hanging.names(), "Kubernetes has not answered yet");
  assert(hanging.time.now() - begun < 4500, "a reading has its own deadline");
  await hanging.run(10_000);
  assertEquals(await hanging.names(), "Kubernetes did not answer in time");
  hanging.put("core-0", "10.0.0.1");
  hanging.api.hangs = false;
  await hanging.run(20_000);
  assertEquals(await hanging.names(), "core-0");
});

Deno.test("a watch that ends goes on where it was; one whose past is forgotten begins with a list", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1");
  await stage.read();
  await stage.run(20_000);
  stage.put("core-1", "10.0.0.2");
  await stage.run(0);
  stage.api.drop();
  stage.put("core-2", "10.0.0.3");
  await stage.run(2000);
  assertEquals(await stage.names(), "core-0 core-1 core-2");
  assertEquals(stage.api.asked, ["list 0", "watch 0", "watch 20"]);
  stage.api.drop();
  stage.api.model.delete("pods", "proxysql", "core-0");
  stage.api.model.forget();
  await stage.run(3000);
  assertEquals(await stage.names(), "core-1 core-2");
  assertEquals(stage.api.asked.slice(3), ["watch 22", "list 23", "watch 23"]);
  stage.api.tell({ type: "ERROR", object: { kind: "Status", code: 410 } });
  await stage.run(2000);
  assertEquals(stage.api.asked.at(-2), "list 26");
});

Deno.test("a bookmark moves the place from which a watch goes on", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1");
  await stage.read();
  await stage.run(5000);
  stage.put("web", "10.0.0.9", { labels: { app: "web" } });
  stage.api.tell(stage.api.model.bookmark("pods"));
  stage.api.model.forget();
  stage.api.tell(stage.api.model.bookmark("pods"));
  await stage.run(0);
  stage.api.drop();
  await stage.run(2000);
  assertEquals(stage.api.asked, ["list 0", "watch 0", "watch 5"], "no list was needed");
});

Deno.test("a watch that is silent, or refused, is not believed for long: 90 s, and never 5 min without a list", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1");
  await stage.read();
  stage.api.isSilent = true;
  stage.put("core-1", "10.0.0.2");
  await stage.run(88_000);
  assertEquals(await stage.names(), "core-0");
  await stage.run(4000);
  assertEquals(await stage.names(), "core-0 core-1", "it was listed again");
  stage.api.isDown = true;
  await stage.run(91_000);
  assertEquals(await stage.names(), "Kubernetes answers list pods with status 503");
  stage.api.isDown = false;
  stage.api.isSilent = false;
  const begun = stage.time.now();
  await stage.run(35_000);
  assertEquals(await stage.names(), "core-0 core-1");
  for (let minute = 0; minute < 8; minute++) {
    stage.api.tell(stage.api.model.bookmark("pods"));
    await stage.run(60_000);
  }
  const lists = stage.api.asked.filter((asked) => asked.startsWith("list"))
    .map((asked) => Number(asked.split(" ")[1]) - begun / 1000).filter((at) => at > 30);
  assert(lists.length === 1 && lists[0]! <= 335, `once in 5 min: ${lists}`);
});

Deno.test("an API that ends each watch at once, or fails each one, is not asked all the time", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1");
  await stage.read();
  for (let second = 0; second < 300; second++) {
    await stage.run(200);
    stage.api.drop(second % 2 === 0 ? undefined : new KubernetesError("unreachable", "cut"));
  }
  assert(stage.api.asked.length < 140, `${stage.api.asked.length} questions in a minute`);
  await using down = new Stage();
  down.api.isDown = true;
  await down.read();
  await down.run(600_000);
  assert(down.api.asked.length < 30, `${down.api.asked.length} questions in ten minutes`);
});

Deno.test("what is told late, twice or in another order changes nothing, and a pod with an old name is another one", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1", { uid: "a" });
  await stage.read();
  const event = (type: string, version: number, uid: string, ip: string) => ({
    type,
    object: {
      metadata: { name: "core-0", uid, resourceVersion: String(version) },
      status: { phase: "Running", podIP: ip },
    },
  });
  stage.api.tell(event("MODIFIED", 300, "a", "10.0.0.3"));
  stage.api.tell(event("MODIFIED", 200, "a", "10.0.0.2"));
  await stage.run(0);
  assertEquals((await stage.read() as unknown as { readonly peers: unknown[] }).peers, [
    { host: "10.0.0.3", port: 6032, comment: "core-0" },
  ]);
  // Its successor is told of before its end.
  stage.api.tell(event("ADDED", 400, "b", "10.0.0.4"));
  stage.api.tell(event("DELETED", 350, "a", "10.0.0.3"));
  stage.api.tell(event("MODIFIED", 340, "a", "10.0.0.3"));
  stage.api.tell(event("ADDED", 400, "b", "10.0.0.4"));
  await stage.run(0);
  assertEquals((await stage.read() as unknown as { readonly peers: unknown[] }).peers, [
    { host: "10.0.0.4", port: 6032, comment: "core-0" },
  ]);
  // Its labels were taken from it, and given back.
  stage.api.tell(event("DELETED", 500, "b", "10.0.0.4"));
  stage.api.tell(event("ADDED", 600, "b", "10.0.0.4"));
  await stage.run(0);
  assertEquals(await stage.names(), "core-0");
});

Deno.test("answers that are none, and addresses that are none, are believed in nothing", async () => {
  const item = (status: object, metadata: object = {}) => ({
    kind: "PodList",
    metadata: { resourceVersion: "7" },
    items: [{ metadata: { name: "core-0", uid: "u", resourceVersion: "7", ...metadata }, status }],
  });
  const running = { phase: "Running", podIP: "10.0.0.1" };
  const rows: readonly (readonly [unknown, string])[] = [
    [null, "there is no list of pods"],
    [[], "there is no list of pods"],
    [{ items: {} }, "there is no list of pods"],
    [{ items: [] }, "there is no resourceVersion"],
    [{ items: [null], metadata: { resourceVersion: "7" } }, "a pod is none"],
    [item(running, { name: "x'; --" }), "an object has no name"],
    [item(running, { uid: undefined }), "an object has no uid"],
    [item(running, { resourceVersion: 7 }), "there is no resourceVersion"],
    ...["1.2.3", "1.2.3.256", "01.2.3.4", "0.0.0.0", "::", "10.0.0.1'", "a:b", "fe80::1%eth0", " 10.0.0.1"]
      .map(
        (podIP) => [item({ ...running, podIP }), "the address of a pod is none"] as const,
      ),
    [item({ ...running, podIP: ["10.0.0.1"] }), "the address of a pod is none"],
    [
      { metadata: { resourceVersion: "7", continue: "1" }, items: [] },
      "a page of a list is empty",
    ],
  ];
  for (const [garbage, what] of rows) {
    await using stage = new Stage();
    // `null` would be no garbage at all.
    stage.api.garbage = garbage === null ? "null" : garbage;
    assertEquals(
      await stage.names(),
      `an answer of Kubernetes is unusable: ${what}`,
      JSON.stringify(garbage),
    );
  }
});

Deno.test("more pods than a cluster can have are unknown, and what is deleted is not remembered without end", async () => {
  await using stage = new Stage();
  for (let number = 0; number < 1001; number++) stage.put(`core-${number}`, "10.0.0.1");
  assertEquals(
    await stage.names(),
    "an answer of Kubernetes is unusable: more than 1000 pods have these labels",
  );
  await using busy = new Stage();
  busy.put("core-0", "10.0.0.1");
  await busy.read();
  for (let number = 1; number <= 10_500; number++) {
    busy.put("core-1", "10.0.0.2", { uid: `u-${number}` });
    busy.api.model.delete("pods", "proxysql", "core-1");
    if (number % 500 === 0) await busy.run(50);
  }
  await busy.run(3000);
  assertEquals(await busy.names(), "core-0");
  assertEquals(
    busy.api.asked.filter((asked) => asked.startsWith("list")).length,
    2,
    "the list was read again",
  );
});

Deno.test("two pods with one address are one core", async () => {
  await using stage = new Stage();
  stage.put("core-0", "10.0.0.1");
  stage.put("core-0-old", "10.0.0.1");
  assertEquals(await stage.names(), "core-0");
});

Deno.test("whatever happens to pods and to watches, what is known is what there is: 60 seeded runs", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    await using stage = new Stage();
    const random = randomNumbers(seed);
    const pick = (most: number) => Math.floor(random() * most);
    stage.put("core-0", "10.0.0.1");
    await stage.read();
    for (let step = 0; step < 80; step++) {
      const name = `core-${pick(6)}`;
      const happenings: (() => void)[] = [
        () => stage.put(name, `10.0.0.${1 + pick(250)}`),
        () => stage.put(name, `10.0.0.${1 + pick(250)}`, { isEnding: true }),
        () => stage.put(name, undefined, { phase: "Pending" }),
        () => stage.put(name, "10.0.1.1", { labels: { app: "web" } }),
        () => stage.api.model.delete("pods", "proxysql", name),
        () => stage.api.drop(),
        () => stage.api.drop(new KubernetesError("unreachable", "cut")),
        () => stage.api.model.forget(),
        () => stage.api.isDown = !stage.api.isDown,
        () => stage.api.hangs = !stage.api.hangs,
      ];
      happenings[pick(happenings.length)]!();
      await stage.run(pick(20_000));
    }
    stage.api.isDown = false;
    stage.api.hangs = false;
    stage.put("last", "10.0.9.9");
    await stage.run(60_000);
    const { body } = stage.api.model.answer({
      verb: "list",
      resource: "pods",
      namespace: "proxysql",
      query: { labelSelector: "app=proxysql" },
    });
    // deno-lint-ignore no-explicit-any
    const there = (body as any).items.filter(({ metadata, status }: any) =>
      status.phase === "Running" && metadata.deletionTimestamp === undefined
      // deno-lint-ignore no-explicit-any
    ).map(({ status }: any) => status.podIP);
    const found = await stage.read();
    const known = found.state === "known" ? found.peers.map(({ host }) => host) : [];
    assertEquals(new Set(known), new Set(there), `seed ${seed}`);
  }
});
