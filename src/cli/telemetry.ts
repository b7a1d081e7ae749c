import type { Config } from "../config/mod.ts";
import { readBuildData } from "./commands/version/build_data.ts";

/**
 * Why nothing may be posted from this process: undefined if it may. With OpenTelemetry the runtime exports the address of
 * every request, and those of channels are secrets.
 */
export async function telemetryProblem(
  { notify }: Pick<Config, "notify">,
  environment: (name: string) => string | undefined,
): Promise<string | undefined> {
  if (notify.length === 0 || !await isExporting(environment)) return undefined;
  return "query-sniper: OpenTelemetry would export the addresses of channels, which are secrets: " +
    'unset OTEL_DENO, or use a program that was compiled without it, or take "notify" out of the configuration';
}

/** A compiled program does for good what it was compiled for. */
async function isExporting(environment: (name: string) => string | undefined): Promise<boolean> {
  if (Deno.build.standalone) return (await readBuildData()).telemetry === true;
  return isOn(environment("OTEL_DENO"));
}

/** Whether a value of $OTEL_DENO means yes, or may mean it. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
