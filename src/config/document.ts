import { parse } from "@std/yaml";
import { quoted } from "../language/mod.ts";
import { ConfigError, formatPath, type LocatedProblem, type Problem } from "./problem.ts";

/** A YAML file as it was read: every scalar is text. */
export interface Document {
  readonly file: string;
  readonly source: string;
  readonly value: unknown;
}

/**
 * Reads a file that holds one YAML document.
 * @throws {ConfigError} Where it cannot be read, is empty, or is not one YAML document.
 */
export async function readDocument(file: string): Promise<Document> {
  const source = await readText(file);
  if (source.replace(/^\s*#.*$/gm, "").trim() === "") throw problem(file, "the file is empty");
  refuseTabs(file, source);
  try {
    return { file, source, value: parse(source, { schema: "failsafe" }) };
  } catch (error) {
    throw error instanceof SyntaxError ? syntaxProblem(file, source, error) : error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw problem(file, `cannot read the file: ${ioReason(error)}`);
  }
}

/** Why a file cannot be used, in words. */
export function ioReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  const text = error instanceof Error ? error.message : String(error);
  return /\bIs a directory\b/i.test(text) ? "it is a directory" : quoted(text);
}

/** One problem of a file as an error; `place` is line and column, counted from one. */
export function problem(
  file: string,
  message: string,
  place?: { line: number; column: number },
): ConfigError {
  return new ConfigError([{ file, ...place, path: "", message }]);
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

/** The parser's own message shows the line that it failed on, which may hold a password: it is left out. */
function syntaxProblem(file: string, source: string, error: SyntaxError): ConfigError {
  const [text = ""] = error.message.split("\n");
  const match = /^(.*) at line (\d+), column (\d+):?$/.exec(text);
  const [message, line, column] = match === null
    ? [text, 1, 1]
    : [match[1]!, Number(match[2]), Number(match[3])];
  if (message.includes("more than 1 document")) {
    return problem(file, "expected one YAML document: the file has more than one", { line, column });
  }
  const eaten = eatenExpression(source, line);
  return problem(file, `this is not YAML: ${eaten ?? lowerFirst(message)}`, { line, column });
}

const QUOTE_ADVICE = 'put the whole expression in double quotes, or write it after ">-"';

/** An expression that YAML took for something else, on the line of a syntax error or just above it. */
function eatenExpression(source: string, line: number): string | undefined {
  const lines = source.split("\n").slice(0, line).reverse();
  for (const text of lines.slice(0, 3)) {
    const value = /^\s*(?:-\s+)?(?:(?:when|where):\s+)(.*)$/.exec(text)?.[1];
    if (value === undefined) continue;
    if (/^['"]/.test(value)) return `a leading quote starts a YAML string: ${QUOTE_ADVICE}`;
    if (value.includes(": ")) return `": " within an expression starts a YAML mapping: ${QUOTE_ADVICE}`;
    if (/^[@`%&*!|>{[]/.test(value)) {
      return `an expression cannot start with ${quoted(value[0]!)} in YAML: ${QUOTE_ADVICE}`;
    }
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * Finds where problems stand in the file. The parser that keeps positions is slow to load, and only
 * somebody with a broken file waits for it.
 */
export async function locate(document: Document, problems: readonly Problem[]): Promise<LocatedProblem[]> {
  if (problems.length === 0) return [];
  const { LineCounter, isScalar, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const parsed = parseDocument(document.source, { schema: "failsafe", lineCounter: lines });
  const located = problems.map(({ path, message, at }): LocatedProblem => {
    const node = findNode(parsed.contents, path, at === "key");
    let offset = node?.range?.[0] ?? 0;
    let hint = "";
    if (typeof at === "object" && node !== undefined && isScalar(node)) {
      const value = String(node.value);
      const end = node.range?.[1] ?? offset;
      if (node.comment && at.offset + 1 >= value.length - 60 && /not closed|: found the end$/.test(message)) {
        hint = `; YAML takes " #" as the start of a comment: ${QUOTE_ADVICE}`;
      }
      offset = scalarOffset(document.source, { start: offset, end }, value, at.offset);
    }
    const { line, col: column } = lines.linePos(offset);
    return { file: document.file, line, column, path: formatPath(path), message: message + hint };
  });
  return located.sort((a, b) => a.line! - b.line! || a.column! - b.column!);
}

interface YamlNode {
  readonly range?: readonly [number, number, number] | null;
  readonly comment?: string | null;
  readonly value?: unknown;
}

/** The node at a path, or the nearest one above it that exists. */
function findNode(root: unknown, path: readonly (string | number)[], key: boolean): YamlNode | undefined {
  let node = root as (YamlNode & { readonly items?: readonly unknown[] }) | null;
  for (const [depth, step] of path.entries()) {
    const items = node?.items;
    if (items === undefined) break;
    if (typeof step === "number") {
      node = (items[step] as YamlNode | undefined) ?? node;
      continue;
    }
    const pair = (items as readonly { key?: YamlNode; value?: YamlNode | null }[])
      .find((item) => item.key?.value === step);
    if (pair === undefined) break;
    const wantsKey = key && depth === path.length - 1;
    node = (wantsKey ? pair.key : pair.value ?? pair.key) as YamlNode;
  }
  return node ?? undefined;
}

/**
 * Where the character `offset` of a scalar's value stands in the source. YAML folds lines and doubles
 * quotes, but keeps every character that is not white space, so these are counted.
 */
function scalarOffset(
  source: string,
  { start, end }: { readonly start: number; readonly end: number },
  value: string,
  offset: number,
): number {
  const quote = source[start] === "'" || source[start] === '"' ? source[start] : undefined;
  if (quote === '"' && source.slice(start, end).includes("\\")) return start;
  let at = start;
  if (quote !== undefined) at++;
  else if (/[|>]/.test(source[start] ?? "")) at = source.indexOf("\n", start) + 1;
  let left = value.slice(0, offset).replace(/\s/g, "").length;
  while (at < end && (left > 0 || /\s/.test(source[at]!))) {
    if (!/\s/.test(source[at]!)) left--;
    if (quote === "'" && source.startsWith("''", at)) at++;
    at++;
  }
  return Math.min(at, Math.max(start, end - (quote === undefined ? 0 : 1)));
}
