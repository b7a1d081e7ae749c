// What config/deploy/kubernetes/proxysql/ has: cores with agents of which one leads, and an application with a satellite.

import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";
import { ROOT, runProgram } from "../program.ts";
import {
  type Manifest,
  mountFiles,
  problemsOfManifests,
  projectedFiles,
  readKustomization,
} from "./manifests.ts";

const FOLDER = "config/deploy/kubernetes/proxysql";
const { kustomization, manifests } = await readKustomization(FOLDER);
const TOKEN = "0123456789abcdef0123";

function manifest(kind: string): Manifest {
  const found = manifests.get(kind);
  assert(found !== undefined, kind);
  return found;
}

function podOf(kind: string): Manifest {
  return manifest(kind).spec.template.spec;
}

/** All containers of a pod, by name. */
function containersOf(kind: string): Readonly<Record<string, Manifest>> {
  const { initContainers, containers } = podOf(kind);
  return Object.fromEntries(
    [...initContainers, ...containers].map((container: Manifest) => [container.name, container]),
  );
}

function mountsOf(container: Manifest): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (container.volumeMounts ?? []).map(({ name, mountPath }: Manifest) => [name, mountPath]),
  );
}

Deno.test("every manifest of ProxySQL has the keys and values that Kubernetes knows, and no other", async () => {
  assertEquals(await problemsOfManifests(manifests.values()), "");
});

Deno.test("the kustomization of ProxySQL names every file, and an image of this version", async () => {
  const others = await Array.fromAsync(Deno.readDir(`${ROOT}${FOLDER}`), ({ name }) => name);
  const generated = kustomization.configMapGenerator.flatMap(({ files }: Manifest) =>
    files.map((file: string) => file.split("=").at(-1))
  );
  assertEquals(
    new Set(others),
    new Set(["kustomization.yaml", ...kustomization.resources, ...generated]),
  );
  assertEquals(kustomization.namespace, manifest("Namespace").metadata.name);
  const [image] = kustomization.images;
  assertEquals([image.name, image.newTag], ["query-sniper", project.version]);
});

Deno.test("docs/proxysql.md applies what is there", () => {
  assertEquals(sample("proxysql-kubernetes").trim().split("\n"), [
    `kubectl apply -k ${FOLDER}`,
    "kubectl -n proxysql rollout status statefulset/proxysql-core",
  ]);
});

Deno.test("the token of the account is for the agent of a core alone, and satellites have none", () => {
  const { serviceAccountName } = podOf("StatefulSet");
  assertEquals(serviceAccountName, manifest("ServiceAccount").metadata.name);
  assertEquals(manifest("RoleBinding").subjects, [{
    kind: "ServiceAccount",
    name: serviceAccountName,
    namespace: kustomization.namespace,
  }]);
  assertEquals(manifest("RoleBinding").roleRef.name, manifest("Role").metadata.name);
  const account = "/var/run/secrets/kubernetes.io/serviceaccount";
  for (const kind of ["StatefulSet", "Deployment"]) {
    assertEquals(podOf(kind).automountServiceAccountToken, false);
    const having = Object.values(containersOf(kind)).filter((container) =>
      Object.values(mountsOf(container)).includes(account)
    );
    assertEquals(having.map(({ name }) => name), kind === "StatefulSet" ? ["query-sniper"] : []);
  }
  assertEquals(podOf("Deployment").serviceAccountName, undefined);
  const { projected } = podOf("StatefulSet").volumes.find(({ name }: Manifest) => name === "api");
  // deno-lint-ignore no-explicit-any
  const paths = projected.sources.flatMap(({ serviceAccountToken, configMap, downwardAPI }: any) =>
    serviceAccountToken?.path ?? configMap?.items[0].path ?? downwardAPI?.items[0].path
  );
  assertEquals(paths, ["token", "ca.crt", "namespace"]);
});

Deno.test("what selects pods selects the cores, and everything that is named is there", () => {
  const labels = manifest("StatefulSet").spec.template.metadata.labels;
  for (const kind of ["StatefulSet", "PodDisruptionBudget"]) {
    assertEquals(manifest(kind).spec.selector.matchLabels, labels);
  }
  assertEquals(manifest("Service").spec.selector, labels);
  assertEquals(manifest("StatefulSet").spec.serviceName, manifest("Service").metadata.name);
  const { labels: other } = manifest("Deployment").spec.template.metadata;
  assert(other["app.kubernetes.io/component"] !== labels["app.kubernetes.io/component"]);
  const secrets = Object.keys(manifest("Secret").stringData);
  for (const kind of ["StatefulSet", "Deployment"]) {
    const pod = podOf(kind);
    const volumes = new Set(pod.volumes.map(({ name }: Manifest) => name));
    const mounted = Object.values(containersOf(kind)).flatMap((container) =>
      Object.keys(mountsOf(container))
    );
    assertEquals(new Set(mounted), volumes);
    for (const { secret, projected } of pod.volumes) {
      const items = [secret, ...(projected?.sources ?? []).map((source: Manifest) => source.secret)]
        .flatMap((source) => source?.items ?? []);
      for (const { key } of items) assert(secrets.includes(key), key);
    }
    for (const container of Object.values(containersOf(kind))) {
      assertEquals(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  }
});

/** What a container of the agent sees in /etc/query-sniper. */
async function configOf(kind: string): Promise<Readonly<Record<string, string>>> {
  const volume = podOf(kind).volumes.find(({ name }: Manifest) => name === "agent-config");
  return await projectedFiles(volume, {
    async configMap(name) {
      const { files } = kustomization.configMapGenerator.find((map: Manifest) => map.name === name);
      const read = async (file: string) => {
        const [as, from] = file.includes("=") ? file.split("=") : [file, file];
        return [as, await Deno.readTextFile(`${ROOT}${FOLDER}/${from}`)] as const;
      };
      return Object.fromEntries(await Promise.all(files.map(read)));
    },
    values: { "admin-password": "a", "stats-password": "s", token: TOKEN },
  });
}

Deno.test("the program takes the configurations of a core and of a satellite, as pods see them", async () => {
  for (const kind of ["StatefulSet", "Deployment"]) {
    await using folder = await Folder.make({});
    await mountFiles(folder, await configOf(kind));
    const file = `${folder.path}/query-sniper.yaml`;
    const { code, stdout, stderr } = await runProgram(["validate-config", "--format", "json", file], {
      env: { STATE_DIRECTORY: folder.path },
    });
    assertEquals([code, stderr], [0, ""]);
    const { role, peers, leader, drain } = JSON.parse(stdout).proxysql;
    const isCore = kind === "StatefulSet";
    assertEquals(role, isCore ? "core" : "satellite");
    assert(Number.parseInt(drain.timeout) < podOf(kind).terminationGracePeriodSeconds);
    const service = manifest("Service").metadata.name;
    if (!isCore) {
      assertEquals(peers.dns, `${service}.${kustomization.namespace}.svc.cluster.local`);
      continue;
    }
    assertEquals(leader, { kubernetes: { lease: manifest("Role").rules[0].resourceNames[0] } });
    const labels = Object.entries(manifest("StatefulSet").spec.template.metadata.labels);
    assertEquals(peers.kubernetes.selector, labels.map((label) => label.join("=")).join(","));
  }
});

/** Who answers what an agent would, and what it was asked. */
function agentThat(answer: (count: number) => Response) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${new URL(url).pathname} ${headers.get("host")} ${headers.get("authorization")}`);
    await request.text();
    return answer(asked.length);
  });
  return {
    ...{ asked, port: server.addr.port },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Runs a command of a container of ProxySQL, with an agent at another port. */
async function runScript(
  [bash, script, ...args]: readonly string[],
  { agent, tokenFile }: { readonly agent: number; readonly tokenFile?: string },
) {
  const { mountPath } = containersOf("StatefulSet")["proxysql"].volumeMounts
    .find(({ name }: Manifest) => name === "scripts");
  assertEquals(bash, "/bin/bash");
  assert(script!.startsWith(`${mountPath}/`), script);
  const { files } = kustomization.configMapGenerator.find(({ name }: Manifest) =>
    name === "proxysql-scripts"
  );
  const name = script!.slice(mountPath.length + 1);
  assert(files.includes(name), name);
  const { code, stdout } = await new Deno.Command(bash!, {
    args: [`${ROOT}${FOLDER}/${name}`, ...args],
    env: { AGENT: `127.0.0.1/${agent}`, ...tokenFile !== undefined && { TOKEN_FILE: tokenFile } },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) };
}

/** A port at which nobody listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** As the agent answers: the end comes when the drain has ended. */
function drained(state: string): Response {
  const parts = [`{"id":"1","work":"shutdown"`, `,"state":"${state}","reason":"nobody is left"}\n`];
  return new Response(ReadableStream.from(parts).pipeThrough(new TextEncoderStream()), { status: 202 });
}

Deno.test("the hook before the end of ProxySQL asks its agent, with the token, until ProxySQL is drained", async () => {
  await using folder = await Folder.make({ token: TOKEN });
  const tokenFile = folder.file("token");
  for (const kind of ["StatefulSet", "Deployment"]) {
    const { lifecycle, restartPolicy } = containersOf(kind)["proxysql"];
    assertEquals(restartPolicy, kind === "Deployment" ? "Always" : undefined);
    const { command } = lifecycle.preStop.exec;
    assert(Number(command.at(-1)) < podOf(kind).terminationGracePeriodSeconds);
    await using agent = agentThat((count) => {
      if (count === 1) return Response.json({ error: "This program starts" }, { status: 409 });
      return drained(count === 2 ? "failed" : "done");
    });
    const { code, said } = await runScript(command, { agent: agent.port, tokenFile });
    assertEquals([code, said.includes("nobody is left")], [0, true], said);
    assertEquals(agent.asked, Array(3).fill(`POST /shutdown 127.0.0.1:8080 Bearer ${TOKEN}`));
  }
});

Deno.test("the hook fails with what it was told where ProxySQL is not drained in time", async () => {
  const [bash, script] = containersOf("StatefulSet")["proxysql"].lifecycle.preStop.exec.command;
  await using folder = await Folder.make({ token: TOKEN });
  const tokenFile = folder.file("token");
  await using agent = agentThat(() =>
    Response.json({ error: "This needs an administrator" }, { status: 409 })
  );
  const refused = await runScript([bash, script, "1"], { agent: agent.port, tokenFile });
  assertEquals([refused.code, refused.said.includes("This needs an administrator")], [1, true], refused.said);
  const nobody = await runScript([bash, script, "1"], { agent: closedPort(), tokenFile });
  assertEquals(nobody, { code: 1, said: "ProxySQL is not drained: no agent answers\n" });
});

Deno.test("probes go by what the agent says, and without one by ProxySQL itself, which does not end with its agent", async () => {
  const { startupProbe, livenessProbe, readinessProbe } = containersOf("StatefulSet")["proxysql"];
  const other = containersOf("Deployment")["proxysql"];
  assertEquals([other.startupProbe, other.livenessProbe, other.readinessProbe], [
    ...[startupProbe, livenessProbe, readinessProbe],
  ]);
  using proxysql = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (
    const [probe, path] of [[startupProbe, "started"], [livenessProbe, "live"], [readinessProbe, "ready"]]
  ) {
    const { command } = probe.exec;
    assertEquals(command.slice(2), [path, path === "ready" ? "6033" : "6032"]);
    // It may wait for the agent and for ProxySQL.
    assert(probe.timeoutSeconds >= 5);
    const run = async (agent: number, port: number) =>
      await runScript([...command.slice(0, -1), String(port)], { agent });
    await using well = agentThat(() => Response.json({ probe: path, ok: true, reasons: [] }));
    assertEquals((await run(well.port, closedPort())).code, 0);
    assertEquals(well.asked, [`GET /healthz/${path} 127.0.0.1:8080 null`]);
    await using unwell = agentThat(() => Response.json({ reasons: ["it hangs"] }, { status: 503 }));
    const told = await run(unwell.port, proxysql.addr.port);
    assertEquals(told, { code: 1, said: '{"reasons":["it hangs"]}\n' });
    assertEquals((await run(closedPort(), proxysql.addr.port)).code, 0);
    assertEquals((await run(closedPort(), closedPort())).code, 1);
  }
});

Deno.test("an agent that hangs does not end ProxySQL", async () => {
  using hangs = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using proxysql = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [bash, script, probe] = containersOf("StatefulSet")["proxysql"].livenessProbe.exec.command;
  const { code } = await runScript([bash, script, probe, String(proxysql.addr.port)], {
    agent: hangs.addr.port,
  });
  assertEquals(code, 0);
});
