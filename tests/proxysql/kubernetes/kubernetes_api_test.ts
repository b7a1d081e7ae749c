// The client over real TLS sockets, against an API that behaves well, and one that does not.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../src/clock.ts";
import { type ApiRequest, KubernetesApi } from "../../../src/proxysql/kubernetes/kubernetes_api.ts";
import {
  KubernetesError,
  type KubernetesErrorKind,
} from "../../../src/proxysql/kubernetes/kubernetes_error.ts";
import { leaseStore } from "../../../src/proxysql/kubernetes/lease.ts";
import { podAccess } from "../../../src/proxysql/kubernetes/pod_access.ts";
import { podSource } from "../../../src/proxysql/kubernetes/pods.ts";
import { Folder } from "../../config/folder.ts";
import { ROOT } from "../../program.ts";
import { ApiServer, type Trouble } from "../../lab/kubernetes/mod.ts";
import { pod } from "../agent/pods.ts";

const LEASE: ApiRequest = { verb: "get", resource: "leases", name: "cores" };
const NEVER = new AbortController().signal;

class SetClock implements Pick<Clock, "now"> {
  time = 0;
  now(): number {
    return this.time;
  }
}

/** For what is not answered. */
function soon(): AbortSignal {
  return AbortSignal.timeout(300);
}

async function fails(kind: KubernetesErrorKind, work: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(work, KubernetesError) as KubernetesError;
  assertEquals(error.kind, kind, error.message);
  return error.message;
}

Deno.test("a Lease is created once, read, replaced on a condition, and keeps what others wrote into it", async () => {
  await using server = await ApiServer.start();
  using api = new KubernetesApi(server.access, new SetClock());
  const leases = leaseStore(api, { name: "cores" });
  assertEquals(await leases.read(NEVER), undefined);
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const created = await leases.create({ holder: "a", duration: 15_000, at }, NEVER);
  assertEquals([created.holder, created.duration], ["a", 15_000]);
  await fails("conflict", () => leases.create({ holder: "b", duration: 15_000, at }, NEVER));
  const read = (await leases.read(NEVER))!;
  assertEquals(read, created);
  const replaced = await leases.replace(read, { holder: "b", duration: 15_000, at: at + 1000 }, NEVER);
  assert(replaced.version !== read.version);
  assertEquals(replaced.object["spec"], {
    holderIdentity: "b",
    leaseDurationSeconds: 15,
    acquireTime: "2026-01-02T03:04:06.678000Z",
    renewTime: "2026-01-02T03:04:06.678000Z",
    leaseTransitions: 1,
  });
  await fails("conflict", () => leases.replace(read, { holder: "a", duration: 15_000, at }, NEVER));
  server.model.delete("leases", "proxysql", "cores");
  await fails("missing", () => leases.replace(replaced, { holder: "a", duration: 15_000, at }, NEVER));
});

Deno.test("a token is read again after a minute, and at once when it is not taken any more", async () => {
  await using server = await ApiServer.start();
  const clock = new SetClock();
  using api = new KubernetesApi(server.access, clock);
  const list = () => api.json({ verb: "list", resource: "pods" }, NEVER);
  await list();
  server.tokens.add("token-2");
  await server.renewToken("token-2");
  clock.time = 59_000;
  await list();
  server.tokens.delete("token-1");
  await list();
  assertEquals(server.refused, 1, "the old one was tried once, then the new one");
  server.tokens.add("token-3");
  await server.renewToken("token-3");
  clock.time += 60_000;
  server.tokens.delete("token-2");
  await list();
  assertEquals(server.refused, 1, "the new one was known before the old one was tried");
  server.tokens.clear();
  const said = await fails("login", list);
  assertEquals(said, "Kubernetes does not take the pod's token (401)");
  assertEquals(server.refused, 2, "the same token is not tried twice");
});

Deno.test("each thing that can be wrong with an answer is told apart, and none is waited for too long", async () => {
  await using server = await ApiServer.start();
  using api = new KubernetesApi(server.access, new SetClock());
  const leases = leaseStore(api, { name: "cores" });
  const rows: readonly (readonly [Trouble, KubernetesErrorKind, string])[] = [
    [{ kind: "hang" }, "late", "Kubernetes did not answer in time"],
    [{ kind: "slow", time: 1000 }, "late", "Kubernetes did not answer in time"],
    [{ kind: "cut" }, "unreachable", "the connection to Kubernetes failed"],
    [{ kind: "status", status: 403 }, "denied", "the pod's service account may not get leases (403)"],
    [{ kind: "status", status: 409 }, "conflict", "Kubernetes answers get leases with status 409"],
    [{ kind: "status", status: 410 }, "expired", "Kubernetes answers get leases with status 410"],
    [{ kind: "status", status: 429 }, "busy", "Kubernetes answers get leases with status 429"],
    [{ kind: "status", status: 500 }, "busy", "Kubernetes answers get leases with status 500"],
    [{ kind: "status", status: 418 }, "refused", "Kubernetes answers get leases with status 418"],
    [
      { kind: "status", status: 302, location: "https://127.0.0.1:1/stolen" },
      "refused",
      "Kubernetes answers get leases with status 302",
    ],
    [{ kind: "body", text: "<html>" }, "unusable", "an answer of Kubernetes is no JSON"],
    [{ kind: "body", text: "" }, "unusable", "an answer of Kubernetes is no JSON"],
    [{ kind: "body", text: "[]" }, "unusable", "an answer of Kubernetes is unusable: there is no Lease"],
    [
      { kind: "body", text: '{"metadata":{"name":"other","uid":"u","resourceVersion":"1"}}' },
      "unusable",
      "an answer of Kubernetes is unusable: it is another Lease",
    ],
    [
      { kind: "body", text: '{"metadata":{"name":"cores","uid":"u"}}' },
      "unusable",
      "an answer of Kubernetes is unusable: there is no resourceVersion",
    ],
    [
      { kind: "body", text: '{"metadata":{"name":"cores","uid":"u","resourceVersion":"1"},"spec":"x"}' },
      "unusable",
      'an answer of Kubernetes is unusable: "spec" is no object',
    ],
    [
      {
        kind: "body",
        text: '{"metadata":{"name":"cores","uid":"u","resourceVersion":"1"},"spec":{"holderIdentity":7}}',
      },
      "unusable",
      "an answer of Kubernetes is unusable: the holder of a Lease is no text",
    ],
    [
      { kind: "huge", bytes: 64 * 1024 * 1024 },
      "unusable",
      "an answer of Kubernetes is longer than 16777216 bytes",
    ],
  ];
  for (const [trouble, kind, message] of rows) {
    server.trouble = trouble;
    const signal = kind === "late" ? soon() : NEVER;
    const said = await fails(kind, () => leases.read(signal)).catch((error) => {
      throw new Error(JSON.stringify(trouble), { cause: error });
    });
    assertEquals(said, message);
  }
  server.trouble = undefined;
  assertEquals(await leases.read(NEVER), undefined, "and then all is well again");
});

Deno.test("a write that is answered with another holder counts as none", async () => {
  await using server = await ApiServer.start();
  using api = new KubernetesApi(server.access, new SetClock());
  const leases = leaseStore(api, { name: "cores" });
  server.trouble = {
    kind: "body",
    text: '{"metadata":{"name":"cores","uid":"u","resourceVersion":"1"},"spec":{"holderIdentity":"b"}}',
  };
  const said = await fails("unusable", () => leases.create({ holder: "a", duration: 15_000, at: 0 }, NEVER));
  assertEquals(said, "an answer of Kubernetes is unusable: a Lease has another holder than was written");
});

Deno.test("nobody with another certificate gets the token, and nobody who listens is told apart from nobody", async () => {
  await using server = await ApiServer.start();
  const folder = await Folder.make({
    token: "token-1",
    namespace: "proxysql",
    "ca.crt": await Deno.readTextFile(`${ROOT}tests/fixtures/tls/other-ca.pem`),
  });
  await using _ = folder;
  const access = podAccess({ environment: (name) => server.environment[name], folder: folder.path });
  using strange = new KubernetesApi(access, new SetClock());
  assertEquals(
    await fails("unreachable", () => strange.json(LEASE, NEVER)),
    "the certificate of Kubernetes is not the expected one",
  );
  assertEquals([server.questions.length, server.refused], [0, 0]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const free = String((listener.addr as Deno.NetAddr).port);
  listener.close();
  const nobody = podAccess({
    environment: (name) => ({ ...server.environment, KUBERNETES_SERVICE_PORT: free })[name],
    folder: server.folder,
  });
  using alone = new KubernetesApi(nobody, new SetClock());
  assertEquals(await fails("unreachable", () => alone.json(LEASE, NEVER)), "Kubernetes refuses connections");
});

Deno.test("outside a pod, or with files that are none, it says what is missing and asks nobody", async () => {
  const folder = await Folder.make({ token: "a b", namespace: "../x", "ca.crt": "" });
  await using _ = folder;
  const ask = (environment: Readonly<Record<string, string>>, path: string) => {
    const api = new KubernetesApi(
      podAccess({ environment: (name) => environment[name], folder: path }),
      new SetClock(),
    );
    return fails("absent", () => api.json(LEASE, NEVER));
  };
  const host = { KUBERNETES_SERVICE_HOST: "127.0.0.1" };
  assertEquals(
    await ask(host, "/nonexistent"),
    "cannot read /nonexistent/token: it does not exist",
  );
  assertEquals(await ask(host, folder.path), `${folder.path}/token has no token in it`);
  await Deno.writeTextFile(folder.file("token"), "token-1");
  assertEquals(
    await ask({}, folder.path),
    "this is no pod of Kubernetes: KUBERNETES_SERVICE_HOST is not set",
  );
  assertEquals(await ask(host, folder.path), `${folder.path}/namespace has no name of a namespace in it`);
  assertEquals(
    await ask({ KUBERNETES_SERVICE_HOST: "evil@host/x?" }, folder.path),
    "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address",
  );
});

Deno.test("a list comes in pages, and a watch tells what has changed since", async () => {
  await using server = await ApiServer.start();
  for (let number = 0; number < 250; number++) server.model.put("pods", pod(`core-${number}`, "10.0.0.1"));
  server.model.put("pods", pod("other", "10.0.0.2", { labels: { app: "web" } }));
  using api = new KubernetesApi(server.access, new SetClock());
  const pods = podSource(api, { selector: "app=proxysql" });
  const list = await pods.list(NEVER);
  assertEquals(list.pods.length, 250);
  assertEquals(server.questions.length, 3);
  const ending = new AbortController();
  const events = await pods.watch(list.version, 60_000, ending.signal);
  server.model.put("pods", pod("core-0", "10.0.0.9"));
  server.bookmark();
  server.model.delete("pods", "proxysql", "core-1");
  const told = [];
  for (let count = 0; count < 3; count++) {
    const event = (await events.next()).value!;
    told.push(event.type === "mark" ? "mark" : `${event.type} ${event.pod.name} ${event.pod.ip}`);
  }
  assertEquals(told, ["set core-0 10.0.0.9", "mark", "deleted core-1 10.0.0.1"]);
  const next = events.next();
  ending.abort();
  await fails("late", () => next);
  server.model.forget();
  await fails("expired", () => pods.watch(list.version, 60_000, NEVER));
});

Deno.test("a watch whose lines are cut anywhere is read as a whole, and what is no event ends it", async () => {
  await using server = await ApiServer.start();
  using api = new KubernetesApi(server.access, new SetClock());
  const pods = podSource(api, { selector: "app=proxysql" });
  const { version } = await pods.list(NEVER);
  const event = (object: unknown) => `${JSON.stringify({ type: "ADDED", object })}\n`;
  const good = event({
    metadata: { name: "core-0", uid: "u", resourceVersion: "7" },
    status: { phase: "Running", podIP: "10.0.0.1", message: "größer" },
  });
  const events = await pods.watch(version, 60_000, NEVER);
  for (const letter of good) server.tell(letter);
  const first = await events.next();
  assertEquals(first.value?.type, "set");
  server.tell(good + good + good.slice(0, 20));
  assertEquals([(await events.next()).value?.type, (await events.next()).value?.type], ["set", "set"]);
  server.drop();
  assertEquals((await events.next()).done, true, "what was cut off at the end is no event");

  const rows: readonly (readonly [text: string, kind: KubernetesErrorKind])[] = [
    ["nonsense\n", "unusable"],
    ['{"type":"ADDED"}\n', "unusable"],
    ['{"type":"MOVED","object":{}}\n', "unusable"],
    [event({ metadata: { name: "a b", uid: "u", resourceVersion: "7" } }), "unusable"],
    [
      event({ metadata: { name: "a", uid: "u", resourceVersion: "7" }, status: { podIP: "1.2.3.4'; DROP" } }),
      "unusable",
    ],
    ['{"type":"ERROR","object":{"kind":"Status","code":410}}\n', "expired"],
    ['{"type":"ERROR","object":{"kind":"Status","code":500}}\n', "busy"],
    ["x".repeat(5 * 1024 * 1024), "unusable"],
  ];
  for (const [text, kind] of rows) {
    const events = await pods.watch(version, 60_000, NEVER);
    server.tell(text);
    await fails(kind, () => events.next());
  }
});
