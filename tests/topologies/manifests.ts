import { parse } from "@std/yaml";
import { Folder } from "../config/folder.ts";
import { ROOT } from "../program.ts";

// deno-lint-ignore no-explicit-any
export type Manifest = any;

/** What `kubectl apply -k` would apply of a folder. */
export interface Kustomization {
  readonly folder: string;
  readonly kustomization: Manifest;
  /** By kind; of each kind there is one. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** Reads a folder of manifests. @param folder From the checkout's top folder. */
export async function readKustomization(folder: string): Promise<Kustomization> {
  const read = async (file: string): Promise<Manifest> =>
    parse(await Deno.readTextFile(`${ROOT}${folder}/${file}`));
  const kustomization = await read("kustomization.yaml");
  const all: readonly Manifest[] = await Promise.all(kustomization.resources.map(read));
  return { folder, kustomization, manifests: new Map(all.map((manifest) => [manifest.kind, manifest])) };
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

/** What is wrong with the keys and values of manifests; empty: nothing. */
export async function problemsOfManifests(manifests: Iterable<Manifest>): Promise<string> {
  await using folder = await Folder.make({ "manifests.ts": moduleOf(manifests) });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--quiet", "--config", `${ROOT}deno.json`, "manifests.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  return success ? "" : new TextDecoder().decode(stderr);
}

/**
 * The files of a projected volume.
 * @param configMap The text of a file of a ConfigMap, by the name that it has there.
 * @param values What the keys of Secrets have.
 */
export async function projectedFiles(
  volume: Manifest,
  { configMap, values }: {
    readonly configMap: (name: string) => Promise<Readonly<Record<string, string>>>;
    readonly values: Readonly<Record<string, string>>;
  },
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const { configMap: map, secret } of volume.projected.sources) {
    if (map !== undefined) Object.assign(files, await configMap(map.name));
    for (const { key, path } of secret?.items ?? []) files[path] = values[key]!;
  }
  return files;
}

/** Writes files as the kubelet does: in a folder with a date, a link to it, and a link for each name at the top. */
export async function mountFiles(folder: Folder, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = folder.file(`..date/${path}`);
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
    await Deno.chmod(file, 0o440);
  }
  await Deno.symlink("..date", folder.file("..data"));
  const names = await Array.fromAsync(Deno.readDir(folder.file("..date")), ({ name }) => name);
  for (const name of names) await Deno.symlink(`..data/${name}`, folder.file(name));
}
