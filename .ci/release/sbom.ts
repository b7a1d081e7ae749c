/** A package of npm that is in the program. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** As the lock file has it: `sha512-` and base64. */
  readonly integrity: string;
  /** An identifier of SPDX; undefined where the package names none. */
  readonly license: string | undefined;
  /** The packages that it uses, by their purls. */
  readonly uses: readonly string[];
}

/** What a bill of materials is of. */
export interface Product {
  readonly version: string;
  /** The version of Deno that is in the program. */
  readonly runtime: string;
  /** When the commit was made, as an ISO text: the same sources have the same bill. */
  readonly at: string;
  readonly packages: readonly Package[];
  /** Those of the packages that the program's own sources import, by their purls. */
  readonly imported: readonly string[];
}

/** The address of a package, as all who look weaknesses up know it. */
export function purlOf({ name, version }: Pick<Package, "name" | "version">): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A bill of materials in CycloneDX 1.6: the program, its runtime and the packages in it, with who uses whom. */
export function sbomOf({ version, runtime, at, packages, imported }: Product): string {
  const self = `pkg:generic/query-sniper@${version}`;
  const deno = `pkg:github/denoland/deno@v${runtime}`;
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: at,
      component: {
        ...{ type: "application", "bom-ref": self, name: "query-sniper", version, purl: self },
        licenses: [{ license: { id: "MIT" } }],
      },
    },
    components: [
      {
        ...{ type: "platform", "bom-ref": deno, name: "deno", version: runtime, purl: deno },
        licenses: [{ license: { id: "MIT" } }],
      },
      ...packages.map(component),
    ],
    dependencies: [
      { ref: self, dependsOn: [deno, ...imported] },
      { ref: deno },
      ...packages.map((each) => ({
        ref: purlOf(each),
        ...each.uses.length > 0 && { dependsOn: each.uses },
      })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component({ name, version, integrity, license }: Package): Readonly<Record<string, unknown>> {
  const purl = purlOf({ name, version });
  const [, scope, own = name] = /^@([^/]+)\/(.+)$/.exec(name) ?? [];
  return {
    type: "library",
    "bom-ref": purl,
    ...scope !== undefined && { group: `@${scope}` },
    name: own,
    version,
    scope: "required",
    hashes: [{ alg: "SHA-512", content: sha512Of(integrity) }],
    ...license !== undefined && { licenses: [{ license: { id: license } }] },
    purl,
  };
}

/** The hash in hex. Throws where it is another one: a bill without hashes would say less than it seems to. */
function sha512Of(integrity: string): string {
  const [, base64] = /^sha512-([\w+/]{86}==)$/.exec(integrity) ?? [];
  if (base64 === undefined) throw new Error(`deno.lock has no sha512 there: "${integrity}"`);
  return Uint8Array.fromBase64(base64).toHex();
}
