/**
 * Writes what `query-sniper version` tells of a build into `build.json` in a folder of bundled files: the last part of
 * `deno task bundle`. With $SOURCE_DATE_EPOCH, in seconds since 1970, the same commit gives the same file.
 *
 *   deno run --allow-read --allow-write=FOLDER --allow-env --allow-run=git tests/binary/build_data.ts FOLDER
 */

import { fileURLToPath } from "node:url";
import type { BuildData } from "../../src/cli/commands/version/build_data.ts";
import { isOn } from "../../src/cli/telemetry.ts";
import project from "../../deno.json" with { type: "json" };

const [folder = ""] = Deno.args;
if (folder === "" || Deno.args.length > 1) {
  Deno.stderr.writeSync(new TextEncoder().encode("usage: build_data.ts FOLDER\n"));
  Deno.exit(2);
}

/** What git says of these sources; undefined if they are in no repository, or there is no git. */
async function git(...args: readonly string[]): Promise<string | undefined> {
  try {
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const { success, stdout } = await new Deno.Command("git", { args: [...args], cwd, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
if (epoch !== undefined && !/^[0-9]{1,12}$/.test(epoch)) {
  throw new Error("SOURCE_DATE_EPOCH is a number of seconds since 1970");
}
const changes = await git("status", "--porcelain");
const data: BuildData = {
  commit: await git("rev-parse", "HEAD") ?? null,
  modified: changes === undefined ? null : changes !== "",
  built: new Date(epoch === undefined ? Date.now() : Number(epoch) * 1000).toISOString(),
  // What is to be included, and where it goes, is no matter of the runtime.
  telemetry: isOn(Deno.env.get("OTEL_DENO")),
  flags: project.tasks.compile.match(
    /--(?:no-prompt|no-code-cache|allow-[a-z]+|unstable-[a-z]+|v8-flags=\S+)/g,
  ),
};
await Deno.writeTextFile(`${folder}/build.json`, `${JSON.stringify(data)}\n`);
