import { fileOf, type Target } from "./target.ts";

/** How a release is built. */
export interface BuildOptions {
  /** The checkout. */
  readonly root: string;
  /** Where the programs go. */
  readonly output: string;
  readonly version: string;
  /** The `deno` that compiles. */
  readonly compiler: string;
  /** The command that `deno task compile` ends with. */
  readonly task: string;
  /** When the commit was made, in seconds since 1970. */
  readonly epoch: number;
  readonly targets: readonly Target[];
}

/** A program that was built. */
export interface Built {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

/** The two builds of one program had different bytes. */
export class DifferentBytesError extends Error {
  override readonly name = "DifferentBytesError";
}

/** Builds a program for each target, twice from the sources on. Throws where the second has other bytes. */
export async function build(options: BuildOptions): Promise<readonly Built[]> {
  const first = await buildOnce(options);
  const again = await buildOnce(options);
  const different = first.filter(({ sha256 }, index) => sha256 !== again[index]!.sha256);
  if (different.length === 0) return first;
  const files = different.map(({ file }) => file).join(", ");
  throw new DifferentBytesError(`built twice, with different bytes: ${files}`);
}

async function buildOnce(options: BuildOptions): Promise<readonly Built[]> {
  const { root, epoch } = options;
  const bundle = `${root}/dist/bundle`;
  const env = { SOURCE_DATE_EPOCH: String(epoch) };
  await run([Deno.execPath(), "task", "--quiet", "bundle"], { cwd: root, env });
  await setTimes(bundle, epoch);
  const built: Built[] = [];
  for (const target of options.targets) built.push(await compile(target, options));
  return built;
}

/** A compiled program holds the times of its files: they are all that would differ. */
async function setTimes(folder: string, epoch: number): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await setTimes(`${folder}/${name}`, epoch);
    await Deno.utime(`${folder}/${name}`, epoch, epoch);
  }
}

async function compile(target: Target, options: BuildOptions): Promise<Built> {
  const { root, output, version, compiler, task } = options;
  const file = fileOf(target, version);
  await run([compiler, ...compileArguments(task, { ...target, output: `${output}/${file}` })], { cwd: root });
  const bytes = await Deno.readFile(`${output}/${file}`);
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  return { file, sha256, size: bytes.length };
}

/** The arguments of `deno task compile`, for another target and another file. Throws where it has none to replace. */
export function compileArguments(
  task: string,
  { triple, output }: { readonly triple: string; readonly output: string },
): readonly string[] {
  const [, words] = /(?:^|&& )deno compile (.*)$/.exec(task) ?? [];
  if (words?.includes(" --output ") !== true) {
    throw new Error(
      `deno.json: the task compile does not end with "deno compile … --output FILE …": "${task}"`,
    );
  }
  const [options, rest] = words.split(" --output ");
  const [, ...main] = rest!.split(" ");
  return ["compile", "--quiet", ...options!.split(" "), "--target", triple, "--output", output, ...main];
}

/** The files that `deno task bundle` begins with: the program's, and those of its threads. */
export function entriesOf(task: string): readonly string[] {
  const [, words = ""] = /(?:^|&& )deno bundle ([^&]*)/.exec(task) ?? [];
  const entries = words.split(" ").filter((word) => word.endsWith(".ts"));
  if (entries.length > 0) return entries;
  throw new Error(`deno.json: the task bundle has no "deno bundle … FILE.ts": "${task}"`);
}

/** Runs a command, and throws what it has said where it fails. */
export async function run(
  [command = "", ...args]: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return text(stdout);
  throw new Error(`${[command, ...args].join(" ")}: ${text(stderr) || text(stdout) || "failed"}`);
}
