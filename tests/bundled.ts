// deno run --allow-all tests/bundled.ts COMMAND: bundles the program once, as a release does, and runs the command; tests of
// it that start the program start the bundle, in half the time. What is compiled already ($QUERY_SNIPER_BIN) needs none.

import { fileURLToPath } from "node:url";
import project from "../deno.json" with { type: "json" };
import { namedBinary } from "./program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

let running: Deno.ChildProcess | undefined;

/** Runs a command of this Deno to its end; its exit code. */
async function deno(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  running = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, env }).spawn();
  return (await running.status).code;
}

/** Bundles all entries that a release has, which the task `bundle` names, into a folder. */
async function bundle(folder: string): Promise<void> {
  const entries = project.tasks.bundle.match(/[\w/]+\.ts(?= )/g)!.filter((path) =>
    !path.startsWith("tests/")
  );
  const code = await deno(["bundle", "--quiet", "--code-splitting", "--outdir", folder, ...entries]);
  if (code !== 0) throw new Error(`The program could not be bundled: deno bundle exits with ${code}`);
}

// Who ends this ends the command, and then its folder goes too.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      running?.kill(signal);
    } catch {
      // It has just ended.
    }
  });
}

const folder = await Deno.makeTempDir({ prefix: "query-sniper-bundle-" });
let code: number;
try {
  const isNeeded = namedBinary() === undefined;
  if (isNeeded) await bundle(folder);
  code = await deno(Deno.args.slice(1), isNeeded ? { QUERY_SNIPER_BUNDLE: folder } : {});
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(code);
