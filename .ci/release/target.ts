/** What a release is made for. */
export interface Target {
  /** As users call it, and as the file is named. */
  readonly name: string;
  /** As `deno compile --target` calls it. */
  readonly triple: string;
}

/** All that Deno has a runtime for. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu" },
  { name: "macos-x64", triple: "x86_64-apple-darwin" },
  { name: "macos-arm64", triple: "aarch64-apple-darwin" },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc" },
  { name: "windows-arm64", triple: "aarch64-pc-windows-msvc" },
];

/** The name of the program's file in a release. */
export function fileOf({ name }: Target, version: string): string {
  return `query-sniper-${version}-${name}${name.startsWith("windows") ? ".exe" : ""}`;
}

/** The targets of a list of names with commas; all of them without one. Throws where a name is unknown. */
export function targetsOf(names: string | undefined): readonly Target[] {
  if (names === undefined) return TARGETS;
  return names.split(",").map((name) => {
    const found = TARGETS.find((target) => target.name === name);
    if (found !== undefined) return found;
    throw new Error(`unknown target: "${name}" (there are ${TARGETS.map(({ name }) => name).join(", ")})`);
  });
}
