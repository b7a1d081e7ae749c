import { parse } from "@std/yaml";
import { quoted } from "../text/nearest.ts";
import { ConfigError, configError, type LocatedProblem } from "./problem.ts";
import { syntaxProblems } from "./syntax_error.ts";

/** A YAML file as it was read: every scalar is text. */
export interface Document {
  readonly file: string;
  readonly source: string;
  readonly value: unknown;
}

/** How to read a file: with `secretKeys` no message names a key, since it may be part of a password. */
export interface DocumentOptions {
  readonly secretKeys: boolean;
}

/**
 * Reads a file that holds one YAML document.
 * @throws {ConfigError} Where it cannot be read, is empty, or is not one YAML document.
 */
export async function readDocument(file: string, options: DocumentOptions): Promise<Document> {
  const source = await readText(file);
  refuseTabs(file, source);
  let value: unknown;
  try {
    value = parse(source, { schema: "failsafe" });
  } catch (error) {
    throw new ConfigError(await syntaxProblems({ file, source }, error, options));
  }
  if (value === null || value === undefined) throw configError(file, "the file is empty");
  return { file, source, value };
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    throw configError(file, `cannot read the file: ${ioReason(error)}`);
  }
  if (isUtf16(bytes)) throw configError(file, "this file is in UTF-16: save it as UTF-8");
  return new TextDecoder().decode(bytes);
}

/** Of a text of two characters at least, as editors of Windows save it: with a mark, or every second byte is zero. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) ||
    (first === 0) !== (second === 0);
}

/** Why a file cannot be used, in words. */
export function ioReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.AlreadyExists) return "it exists already";
  const text = error instanceof Error ? error.message : String(error);
  return /\bIs a directory\b/i.test(text) ? "it is a directory" : quoted(text);
}

/** YAML forbids tabs there, and `@std/yaml` reads some of them as if the line were not indented. */
function refuseTabs(file: string, source: string): void {
  const problems = source.split("\n").flatMap((line, index): LocatedProblem[] => {
    const tab = /^ *\t/.exec(line);
    if (tab === null || line.trim() === "") return [];
    const message = "a tab is used for indentation: use spaces";
    return [{ file, line: index + 1, column: tab[0].length, path: "", message }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
