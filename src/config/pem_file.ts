import { quoted } from "../text/nearest.ts";
import { ioReason, type Path } from "../yaml/mod.ts";
import type { SecretReading } from "./secret_source.ts";

/** The text of a file of certificates; undefined if it is wrong, which has been reported, or where no secrets are read. */
export async function readPem(
  file: string | undefined,
  { path, reading: { problems, missing, placed, secrets } }: {
    readonly path: Path;
    readonly reading: SecretReading;
  },
): Promise<string | undefined> {
  if (file === undefined || !secrets) return undefined;
  try {
    const text = await Deno.readTextFile(placed(file));
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    problems.report(path, `this holds no certificate in PEM format: ${quoted(file)}`);
  } catch (error) {
    missing.report(path, `cannot read the file: ${ioReason(error)}: ${quoted(file)}`);
  }
}
