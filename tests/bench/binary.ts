import { namedBinary, ROOT } from "../program.ts";

/** Compiles a program of this checkout: `bundled` as releases are, into one file; or `plain`, module by module. */
export async function compile(file: string, output: string, how: "bundled" | "plain"): Promise<void> {
  const { code, stderr } = await new Deno.Command(`${ROOT}tests/binary/compile`, {
    args: [`${ROOT}${file}`, output, how],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`Cannot compile ${file}: ${new TextDecoder().decode(stderr)}`);
}

/** A program of this checkout as it is before `deno compile` puts a runtime to it, with a file that starts it. */
export interface Bundled extends AsyncDisposable {
  readonly file: string;
}

/** Bundles a program, to be run by the Deno that runs this, in the way of `deno task compile`. */
export async function bundled(file: string): Promise<Bundled> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const options = String(tasks.compile).match(/--(?:no-prompt|no-config|allow-\w+|v8-flags=\S+)/g) ?? [];
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--config",
      `${ROOT}deno.json`,
      "--code-splitting",
      "--outdir",
      folder,
      `${ROOT}${file}`,
      // The program's threads are entries of their own, which keep their place beside the program's.
      ...file.includes("/")
        ? []
        : ["http/archive/archive", "proxysql/plugins/plugin"].map((name) => `${ROOT}src/${name}_worker.ts`),
    ],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${file}`);
  const main = `${folder}/${file.replace(/\.ts$/, ".js")}`;
  const words = [Deno.execPath(), "run", "--quiet", ...options, main].map((word) => `'${word}'`);
  const script = `${folder}/query-sniper`;
  await Deno.writeTextFile(script, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  return { file: script, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Lets all benchmarks measure the compiled program, which is what users run, unless told which one to measure. */
export async function useBinary(): Promise<AsyncDisposable> {
  if (namedBinary() !== undefined) {
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  await compile("main.ts", `${folder}/query-sniper`, "bundled");
  Deno.env.set("QUERY_SNIPER_BIN", `${folder}/query-sniper`);
  return {
    async [Symbol.asyncDispose]() {
      Deno.env.delete("QUERY_SNIPER_BIN");
      await Deno.remove(folder, { recursive: true });
    },
  };
}
