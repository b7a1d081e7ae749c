/** What is written down when the program is bundled; null where that is not known. */
export interface BuildData {
  /** The commit that it was built from. */
  readonly commit: string | null;
  /** Whether files differed from that commit. */
  readonly modified: boolean | null;
  /** When, in ISO format: $SOURCE_DATE_EPOCH where that was set. */
  readonly built: string | null;
  /** What the runtime was told when the program was compiled. */
  readonly flags: readonly string[] | null;
  /** Whether the runtime exports what OpenTelemetry asks for: decided for good when the program is compiled. */
  readonly telemetry: boolean | null;
}

export const UNKNOWN_BUILD: BuildData = {
  commit: null,
  modified: null,
  built: null,
  flags: null,
  telemetry: null,
};

/** The build data of this program: a file that `deno task bundle` puts beside the others. Sources have none. */
export async function readBuildData(file = new URL("./build.json", import.meta.url)): Promise<BuildData> {
  try {
    return { ...UNKNOWN_BUILD, ...JSON.parse(await Deno.readTextFile(file)) as Partial<BuildData> };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return UNKNOWN_BUILD;
    throw error;
  }
}
