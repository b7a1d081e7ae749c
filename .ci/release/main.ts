// deno-lint-ignore-file no-console
//
// deno task release [--tag TAG] [--targets NAME,NAME…] [--output FOLDER] [--trial]
//
// Builds the files of a release into dist/release: a program for each target, twice with the same bytes; checksums; a
// bill of materials; and the notes, from the changelog. It refuses another version of Deno than .dvmrc names, and a
// checkout with changes. --trial leaves these two out, for tests: $DENO_FOR_COMPILE is the `deno` that compiles then.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, type Built, entriesOf, run } from "./build.ts";
import { checkTag, notesOf } from "./changelog.ts";
import { licenseIn, packagesOf } from "./packages.ts";
import { sbomOf } from "./sbom.ts";
import { targetsOf } from "./target.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

const OUTPUT = `${ROOT}/dist/release`;

interface Arguments {
  readonly tag?: string | undefined;
  readonly targets?: string | undefined;
  readonly output: string;
  readonly trial: boolean;
}

/** The commit that is checked out. */
interface Commit {
  readonly epoch: number;
  readonly changes: string;
}

async function readJson(file: string) {
  return JSON.parse(await Deno.readTextFile(`${ROOT}/${file}`));
}

async function readCommit(): Promise<Commit> {
  const git = (...args: string[]) => run(["git", ...args], { cwd: ROOT });
  return {
    epoch: Number(await git("log", "-1", "--format=%ct")),
    changes: await git("status", "--porcelain"),
  };
}

/** What speaks against a release; a trial may do without. */
function checkRelease(runtime: string, pinned: string, { changes }: Commit): void {
  if (runtime !== pinned) {
    throw new Error(`this is Deno ${runtime}, and releases are built with ${pinned}, which .dvmrc names`);
  }
  if (changes !== "") throw new Error(`there are changes that are in no commit:\n${changes}`);
}

/** Makes an empty folder. Only the one that is its own is emptied: any other may be somebody's home. */
async function makeEmpty(folder: string): Promise<void> {
  if (folder === OUTPUT) await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    throw new Error(`the folder for the release is not empty: "${folder}" has "${name}"`);
  }
}

async function writeSbom(
  file: string,
  product: { version: string; runtime: string; at: string },
  entries: readonly string[],
): Promise<void> {
  const texts = entries.map((entry) => run([Deno.execPath(), "info", "--json", entry], { cwd: ROOT }));
  const graphs = (await Promise.all(texts)).map((text) => JSON.parse(text));
  const { packages, imported } = packagesOf(graphs, await readJson("deno.lock"), licenseIn);
  await Deno.writeTextFile(file, sbomOf({ ...product, packages, imported }));
}

/** The lines that `sha256sum --check` reads. */
async function writeChecksums(
  output: string,
  built: readonly Built[],
  others: readonly string[],
): Promise<void> {
  const rows = await Promise.all(others.map(async (file) => {
    const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${output}/${file}`));
    return { file, sha256: new Uint8Array(hash).toHex() };
  }));
  const lines = [...built, ...rows].map(({ file, sha256 }) => `${sha256}  ${file}\n`);
  await Deno.writeTextFile(`${output}/SHA256SUMS`, lines.join(""));
}

async function release({ tag, targets, output, trial }: Arguments): Promise<void> {
  const { version, tasks } = await readJson("deno.json");
  if (tag !== undefined) checkTag(tag, version);
  const changelog = await Deno.readTextFile(`${ROOT}/CHANGELOG.md`);
  const notes = trial ? undefined : notesOf(changelog, version);
  const compiler = (trial ? Deno.env.get("DENO_FOR_COMPILE") : undefined) ?? Deno.execPath();
  const [, runtime = "unknown"] = /^deno (\S+)/.exec(await run([compiler, "--version"], { cwd: ROOT })) ?? [];
  const commit = await readCommit();
  if (!trial) checkRelease(runtime, (await Deno.readTextFile(`${ROOT}/.dvmrc`)).trim(), commit);

  await makeEmpty(output);
  const { epoch } = commit;
  const built = await build({
    ...{ root: ROOT, output, version, compiler, task: tasks.compile, epoch },
    targets: targetsOf(targets),
  });
  const sbom = "query-sniper.cdx.json";
  const product = { version, runtime, at: new Date(epoch * 1000).toISOString() };
  await writeSbom(`${output}/${sbom}`, product, entriesOf(tasks.bundle));
  await writeChecksums(output, built, [sbom]);
  if (notes !== undefined) await Deno.writeTextFile(`${output}/NOTES.md`, notes);
  for (const { file, size, sha256 } of built) {
    console.log(`${file}  ${(size / 2 ** 20).toFixed(1)} MiB  ${sha256}`);
  }
  console.log(
    `with Deno ${runtime}${trial ? ", a trial" : ""}, each twice with the same bytes, in ${output}`,
  );
}

try {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      tag: { type: "string" },
      targets: { type: "string" },
      output: { type: "string", default: OUTPUT },
      trial: { type: "boolean", default: false },
    },
  });
  await release(values);
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
