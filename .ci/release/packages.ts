import { type Package, purlOf } from "./sbom.ts";

/** What `deno info --json` says of a program; the part that is read. */
export interface Graph {
  readonly modules: readonly { readonly kind?: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, GraphPackage>>;
}

interface GraphPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath?: string;
}

/** What `deno.lock` says; the part that is read. */
export interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** The packages that a program's files import, and all that these need; in the order of their addresses. */
export function packagesOf(
  graphs: readonly Graph[],
  { npm }: Lock,
  licenseOf: (folder: string | undefined) => string | undefined,
): { readonly packages: readonly Package[]; readonly imported: readonly string[] } {
  // Declarations of types are no code.
  const isCode = (key: string) => !key.startsWith("@types/");
  const modules = graphs.flatMap(({ modules }) => modules);
  const npmPackages = Object.assign(
    {},
    ...graphs.map(({ npmPackages }) => npmPackages),
  ) as Graph["npmPackages"];
  const roots = modules.flatMap(({ npmPackage }) => npmPackage ?? []).filter(isCode);
  const keys = new Set(roots);
  for (const key of keys) {
    for (const used of npmPackages[key]!.dependencies.filter(isCode)) keys.add(used);
  }
  const purls = (keys: Iterable<string>) =>
    [...new Set(Array.from(keys, (key) => purlOf(npmPackages[key]!)))].toSorted();
  const packages = [...keys].map((key): Package => {
    const { name, version, dependencies, localPath } = npmPackages[key]!;
    const locked = npm[key];
    if (locked === undefined) throw new Error(`deno.lock does not have "${key}"`);
    return {
      ...{ name, version, integrity: locked.integrity, license: licenseOf(localPath) },
      uses: purls(dependencies.filter(isCode)),
    };
  });
  return {
    packages: packages.toSorted((a, b) => purlOf(a) < purlOf(b) ? -1 : 1),
    imported: purls(roots),
  };
}

/** The license that the `package.json` in a folder names. */
export function licenseIn(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  const { license } = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
  return typeof license === "string" && /^[\w.-]+$/.test(license) ? license : undefined;
}
