import { ROOT } from "../program.ts";

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

/** Lets all benchmarks measure the compiled program, which is what users run, unless told which one to measure. */
export async function useBinary(): Promise<AsyncDisposable> {
  if ((Deno.env.get("QUERY_SNIPER_BIN") ?? "") !== "") {
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
