import { Secret } from "../text/secret.ts";
import { ioReason, isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { Environment } from "./credentials.ts";
import { tooOpen } from "./secret_file.ts";

/** What reading secrets needs. */
export interface SecretReading {
  readonly problems: Problems;
  /** Gets the secrets that cannot be read here: problems, or warnings where they may be on another host. */
  readonly missing: Problems;
  readonly environment: Environment;
  /** Resolves the name of a file. */
  placed(file: string): string;
  /** Absent: no secret is read. */
  readonly secrets: boolean;
}

/** The keys that a secret can come from, by what they are the secret of. */
type SecretKeys<K extends string> = Readonly<Partial<Record<K, string | undefined>>>;

/**
 * The one of these keys that is there, opened: `*_file` and `*_env` say where the secret is. Undefined where it is
 * wrong, which has been reported, or where no secrets are read.
 */
export async function readSecret<K extends string>(
  written: SecretKeys<K>,
  keys: readonly K[],
  { path, reading }: { readonly path: Path; readonly reading: SecretReading },
): Promise<Secret | undefined> {
  const { problems } = reading;
  const given = keys.filter((key) => Object.hasOwn(written, key));
  if (given.length !== 1) {
    const found = given.length === 0 ? "there is none" : `there are ${given.join(" and ")}`;
    const expected = keys.length === 1 ? keys[0] : `${keys.slice(0, -1).join(", ")} and ${keys.at(-1)}`;
    problems.report(path, `expected one of ${expected}: ${found}`);
    return undefined;
  }
  const [key] = given;
  if (isWrong(written, key!) || !reading.secrets) return undefined;
  const text = await open(written[key!]!, { key: key!, path: [...path, key!], reading });
  if (text === "") problems.report([...path, key!], "the secret is empty");
  return text === undefined || text === "" ? undefined : new Secret(text);
}

async function open(
  value: string,
  { key, path, reading }: { readonly key: string; readonly path: Path; readonly reading: SecretReading },
): Promise<string | undefined> {
  const { environment, missing, problems, placed } = reading;
  if (key.endsWith("_env")) {
    const text = environment(value);
    if (text === undefined) missing.report(path, `this environment variable is not set: ${value}`);
    return text;
  }
  if (!key.endsWith("_file")) return value;
  try {
    const file = placed(value);
    const text = await Deno.readTextFile(file);
    const open = await tooOpen(file);
    if (open === undefined) return text.trim();
    problems.report(path, open);
  } catch (error) {
    // The name is not shown: somebody may have written the secret in its place.
    missing.report(path, `cannot read the file: ${ioReason(error)}`);
  }
}
