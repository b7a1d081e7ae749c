import { parse } from "@std/yaml";
import { quoted } from "../text/nearest.ts";
import { ConfigError, configError, type LocatedProblem } from "./problem.ts";
import { syntaxProblems } from "./syntax_error.ts";
import { messageOf } from "../text/message.ts";

/** A parsed YAML file, in which every scalar is text. */
export interface Document {
  readonly file: string;
  readonly source: string;
  readonly value: unknown;
}

/** `secretKeys`: no message shows a key, since it may be part of a password. */
export interface DocumentOptions {
  readonly secretKeys: boolean;
}

/**
 * Reads a file that contains one YAML document.
 * @throws {ConfigError} If it cannot be read, is empty, or is not a single YAML document.
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

/** Detects UTF-16 as Windows editors save it: by a byte order mark, or because one of the first two bytes is zero. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) ||
    (first === 0) !== (second === 0);
}

/** The reason for a file error, in words. */
export function ioReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.AlreadyExists) return "it exists already";
  const text = messageOf(error);
  return /\bIs a directory\b/i.test(text) ? "it is a directory" : quoted(text);
}

/**
 * Refuses tabs in indentation. YAML forbids them, but `@std/yaml` reads some such lines as if they were not
 * indented.
 */
function refuseTabs(file: string, source: string): void {
  const problems = source.split("\n").flatMap((line, index): LocatedProblem[] => {
    const tab = /^ *\t/.exec(line);
    if (tab === null || line.trim() === "") return [];
    const message = "a tab is used for indentation: use spaces";
    return [{ file, line: index + 1, column: tab[0].length, path: "", message }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
