// What config/deploy/ has for Kubernetes: each key and value by the types and checks of kubernetes-models, what the
// manifests ask of each other, and the configuration in them as the program reads it in a pod.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/yaml";
import { dirname, join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";
import { ROOT, runProgram } from "../program.ts";

const FOLDER = `${ROOT}config/deploy/kubernetes/`;

// deno-lint-ignore no-explicit-any
type Manifest = any;

const KUSTOMIZATION: Manifest = parse(await Deno.readTextFile(`${FOLDER}kustomization.yaml`));
const MANIFESTS: ReadonlyMap<string, Manifest> = new Map(
  await Promise.all(
    (KUSTOMIZATION.resources as readonly string[]).map(async (file): Promise<[string, Manifest]> => {
      const manifest: Manifest = parse(await Deno.readTextFile(`${FOLDER}${file}`));
      return [manifest.kind, manifest];
    }),
  ),
);

function manifest(kind: string): Manifest {
  const found = MANIFESTS.get(kind);
  assert(found !== undefined, kind);
  return found;
}

/** A module that has each manifest as a value of its type, and checks it when it runs. */
function moduleOf(manifests: Iterable<Manifest>): string {
  const lines = Array.from(manifests, (manifest, index) => {
    const { apiVersion, kind } = manifest;
    const isOperator = apiVersion.startsWith("monitoring.coreos.com/");
    const path = `${
      isOperator ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"
    }/${apiVersion}/${kind}`;
    return `import { ${kind} as C${index}, type I${kind} as T${index} } from "${path}";
const value${index}: T${index} = ${JSON.stringify(manifest)};
new C${index}(value${index}).validate();
`;
  });
  return lines.join("");
}

async function checked(manifests: Iterable<Manifest>): Promise<string> {
  await using folder = await Folder.make({ "manifests.ts": moduleOf(manifests) });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--quiet", "--config", `${ROOT}deno.json`, "manifests.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  return success ? "" : new TextDecoder().decode(stderr);
}

Deno.test("every manifest has the keys and values that Kubernetes and the operator know, and no other", async () => {
  assertEquals(await checked(MANIFESTS.values()), "");
  const misspelt = structuredClone(manifest("Deployment"));
  const [container] = misspelt.spec.template.spec.containers;
  container.readinessProb = container.readinessProbe;
  assertStringIncludes(await checked([misspelt]), "'\"readinessProb\"' does not exist in type 'IContainer'");
  const wrong = structuredClone(manifest("Deployment"));
  wrong.spec.template.spec.containers[0].resources.limits.memory = "half a gig";
  assert((await checked([wrong])).includes("memory"), "it finds a quantity that is none");
});

Deno.test("the kustomization names every file, and an image of this version", async () => {
  const others = await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name);
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
  const { sources, defaultMode } = volumes.find(({ name }: Manifest) => name === "config").projected;
  assertEquals(defaultMode, 0o440);
  const { stringData } = manifest("Secret");
  const values: Readonly<Record<string, string>> = {
    password: "x",
    token: "0123456789abcdef0123",
    "tls.crt": await Deno.readTextFile(`${ROOT}tests/fixtures/tls/server-cert.pem`),
    "tls.key": await Deno.readTextFile(`${ROOT}tests/fixtures/tls/server-key.pem`),
  };
  const files: Record<string, string> = {};
  for (const { configMap, secret } of sources) {
    if (configMap !== undefined) {
      for (const file of KUSTOMIZATION.configMapGenerator[0].files) {
        files[file] = await Deno.readTextFile(`${FOLDER}${file}`);
      }
      continue;
    }
    for (const { key, path } of secret.items) {
      files[path] = values[key]!;
      if (secret.name === "query-sniper") assertEquals(stringData[key], "REPLACE-ME");
    }
  }
  return files;
}

Deno.test("the program takes the configuration as a pod sees it, through links and with the group's right to read", async () => {
  await using folder = await Folder.make({});
  // As the kubelet does it: the files in a folder with a date, a link to it, and a link for each name at the top.
  for (const [path, text] of Object.entries(await projected())) {
    const file = join(folder.path, "..date", path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
    await Deno.chmod(file, 0o440);
  }
  await Deno.symlink("..date", join(folder.path, "..data"));
  const names = await Array.fromAsync(Deno.readDir(join(folder.path, "..date")), ({ name }) => name);
  for (const name of names) await Deno.symlink(`..data/${name}`, join(folder.path, name));
  const { code, stderr } = await runProgram(["validate-config"], {
    env: { QUERY_SNIPER_CONFIG: join(folder.path, "query-sniper.yaml"), STATE_DIRECTORY: folder.path },
  });
  assertEquals([code, stderr], [0, ""]);
});
