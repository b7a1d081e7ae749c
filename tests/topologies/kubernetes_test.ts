// What config/deploy/ has for Kubernetes: each key and value by the types and checks of kubernetes-models, what the
// manifests ask of each other, and the configuration in them as the program reads it in a pod.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
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

const FOLDER = `${ROOT}config/deploy/kubernetes/`;
const { kustomization: KUSTOMIZATION, manifests: MANIFESTS } = await readKustomization(
  "config/deploy/kubernetes",
);

function manifest(kind: string): Manifest {
  const found = MANIFESTS.get(kind);
  assert(found !== undefined, kind);
  return found;
}

Deno.test("every manifest has the keys and values that Kubernetes and the operator know, and no other", async () => {
  assertEquals(await problemsOfManifests(MANIFESTS.values()), "");
  const misspelt = structuredClone(manifest("Deployment"));
  const [container] = misspelt.spec.template.spec.containers;
  container.readinessProb = container.readinessProbe;
  assertStringIncludes(
    await problemsOfManifests([misspelt]),
    "'\"readinessProb\"' does not exist in type 'IContainer'",
  );
  const wrong = structuredClone(manifest("Deployment"));
  wrong.spec.template.spec.containers[0].resources.limits.memory = "half a gig";
  assert((await problemsOfManifests([wrong])).includes("memory"), "it finds a quantity that is none");
});

Deno.test("the kustomization names every file, and an image of this version", async () => {
  const others = (await Array.fromAsync(Deno.readDir(FOLDER))).filter(({ isFile }) => isFile)
    .map(({ name }) => name);
  const [config] = KUSTOMIZATION.configMapGenerator;
  assertEquals(
    others.toSorted(),
    ["kustomization.yaml", ...KUSTOMIZATION.resources, ...config.files].toSorted(),
  );
  assertEquals(config.name, "query-sniper");
  assertEquals(KUSTOMIZATION.namespace, manifest("Namespace").metadata.name);
  const [image] = KUSTOMIZATION.images;
  const [container] = manifest("Deployment").spec.template.spec.containers;
  assertEquals([image.name, image.newTag], [container.image, project.version]);
  const known = ["apiVersion", "kind", "namespace", "labels", "images", "resources", "configMapGenerator"];
  assertEquals(Object.keys(KUSTOMIZATION), known);
});

Deno.test("docs/install.md makes what the manifests ask for and do not have", () => {
  const lines = sample("install-kubernetes").trim().split("\n").map((line) =>
    line.replace(/^kubectl (?:-n query-sniper )?/, "")
  );
  const { volumes } = manifest("Deployment").spec.template.spec;
  const { sources } = volumes.find(({ name }: Manifest) => name === "config").projected;
  const missing = sources.flatMap(({ secret }: Manifest) => secret?.name ?? [])
    .filter((name: string) => name !== manifest("Secret").metadata.name);
  assertEquals(lines, [
    `create namespace ${KUSTOMIZATION.namespace}`,
    `create secret tls ${missing} --cert=tls.crt --key=tls.key`,
    "apply -k config/deploy/kubernetes",
    `rollout status deployment/${manifest("Deployment").metadata.name}`,
  ]);
});

Deno.test("what selects pods selects these, and what names a port or a file names one that is there", () => {
  const { spec } = manifest("Deployment");
  const labels = spec.template.metadata.labels;
  assertEquals(spec.selector.matchLabels, labels);
  assertEquals(manifest("Service").spec.selector, labels);
  assertEquals(manifest("PodDisruptionBudget").spec.selector.matchLabels, labels);
  assertEquals(manifest("NetworkPolicy").spec.podSelector.matchLabels, labels);
  assertEquals(manifest("ServiceMonitor").spec.selector.matchLabels, manifest("Service").metadata.labels);

  const [container] = spec.template.spec.containers;
  const [port] = container.ports;
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const { httpGet } = container[probe];
    assertEquals([httpGet.port, httpGet.scheme], [port.name, "HTTPS"]);
  }
  assertEquals([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path], [
    "/healthz",
    "/readyz",
  ]);
  assertEquals(manifest("Service").spec.ports[0].targetPort, port.name);
  assertEquals(manifest("NetworkPolicy").spec.ingress[0].ports[0].port, port.name);
  assertEquals(manifest("ServiceMonitor").spec.endpoints[0].port, manifest("Service").spec.ports[0].name);
  const volumes = spec.template.spec.volumes.map(({ name }: Manifest) => name);
  assertEquals(container.volumeMounts.map(({ name }: Manifest) => name), volumes);
});

Deno.test("a pod runs two at a time without a right, and one of them stays", () => {
  const { spec } = manifest("Deployment");
  assertEquals([spec.replicas, manifest("PodDisruptionBudget").spec.minAvailable], [2, 1]);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  assertEquals([pod.automountServiceAccountToken, pod.securityContext.runAsNonRoot], [false, true]);
  assertEquals(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const [user, group, files] = ["runAsUser", "runAsGroup", "fsGroup"].map((key) => pod.securityContext[key]);
  assert(user > 0 && group === files, "the group of the files is the program's");
});

/** The files of the projected volume, with what stands for the secrets. */
async function projected(): Promise<Readonly<Record<string, string>>> {
  const { volumes } = manifest("Deployment").spec.template.spec;
  const volume = volumes.find(({ name }: Manifest) => name === "config");
  assertEquals(volume.projected.defaultMode, 0o440);
  const { stringData } = manifest("Secret");
  for (const { secret } of volume.projected.sources) {
    if (secret?.name !== "query-sniper") continue;
    for (const { key } of secret.items) assertEquals(stringData[key], "REPLACE-ME");
  }
  const read = async (file: string) => [file, await Deno.readTextFile(`${FOLDER}${file}`)] as const;
  return await projectedFiles(volume, {
    configMap: async () =>
      Object.fromEntries(await Promise.all(KUSTOMIZATION.configMapGenerator[0].files.map(read))),
    values: {
      password: "x",
      token: "0123456789abcdef0123",
      "tls.crt": await Deno.readTextFile(`${ROOT}tests/fixtures/tls/server-cert.pem`),
      "tls.key": await Deno.readTextFile(`${ROOT}tests/fixtures/tls/server-key.pem`),
    },
  });
}

Deno.test("the program takes the configuration as a pod sees it, through links and with the group's right to read", async () => {
  await using folder = await Folder.make({});
  await mountFiles(folder, await projected());
  const { code, stderr } = await runProgram(["validate-config"], {
    env: { QUERY_SNIPER_CONFIG: join(folder.path, "query-sniper.yaml"), STATE_DIRECTORY: folder.path },
  });
  assertEquals([code, stderr], [0, ""]);
});
