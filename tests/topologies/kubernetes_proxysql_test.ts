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

Deno.test("the hook before the end of ProxySQL asks its agent, with the token, and waits for the answer", async () => {
  for (const kind of ["StatefulSet", "Deployment"]) {
    const { lifecycle, restartPolicy } = containersOf(kind)["proxysql"];
    assertEquals(restartPolicy, kind === "Deployment" ? "Always" : undefined);
    const [bash, dash, script] = lifecycle.preStop.exec.command;
    assertEquals([bash, dash], ["/bin/bash", "-c"]);
    await using folder = await Folder.make({ token: TOKEN });
    const asked: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { method, url, headers } = request;
      asked.push(`${method} ${new URL(url).pathname} ${headers.get("host")} ${headers.get("authorization")}`);
      await request.text();
      return new Response("drained");
    });
    const command = script.replace("/dev/tcp/127.0.0.1/8080", `/dev/tcp/127.0.0.1/${server.addr.port}`)
      .replace("/run/secrets/query-sniper/token", folder.file("token"));
    const { code, stdout } = await new Deno.Command(bash, { args: [dash, command] }).output();
    await server.shutdown();
    assertEquals(code, 0);
    assert(new TextDecoder().decode(stdout).includes("drained"));
    assertEquals(asked, [`POST /shutdown 127.0.0.1:8080 Bearer ${TOKEN}`]);
  }
});
