import { columns } from "../../columns.ts";
import type { Run } from "../../invocation.ts";
import { VERSION } from "../../version.ts";
import { type BuildData, readBuildData } from "./build_data.ts";

/** What `version --json` prints. */
interface VersionReport extends BuildData {
  readonly version: string;
  /** Whether it is a compiled program, and not its sources. */
  readonly compiled: boolean;
  readonly target: string;
  readonly runtime: { readonly deno: string; readonly v8: string; readonly typescript: string };
}

/** `query-sniper version`. */
export const version: Run = async ({ options }, terminal) => {
  const report = await versionReport();
  terminal.print(...options.has("json") ? [JSON.stringify(report)] : versionText(report));
  return 0;
};

async function versionReport(): Promise<VersionReport> {
  const { deno, v8, typescript } = Deno.version;
  const { commit, modified, built, flags, telemetry } = await readBuildData();
  return {
    version: VERSION,
    commit,
    modified,
    built,
    compiled: Deno.build.standalone,
    target: Deno.build.target,
    runtime: { deno, v8, typescript },
    flags,
    telemetry,
  };
}

function versionText(report: VersionReport): readonly string[] {
  const { version, commit, modified, built, target, runtime, compiled, flags } = report;
  return [
    `query-sniper ${version}`,
    ...columns([
      ["  commit", commit === null ? "unknown" : `${commit}${modified ? ", with changes" : ""}`],
      ["  built", built ?? "unknown"],
      ["  target", `${target}${compiled ? "" : ", not compiled"}`],
      ["  runtime", `Deno ${runtime.deno}, V8 ${runtime.v8}, TypeScript ${runtime.typescript}`],
      ["  flags", flags?.join(" ") ?? "unknown"],
    ]),
  ];
}
