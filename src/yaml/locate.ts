import type { Document } from "./document.ts";
import {
  fileOf,
  formatPath,
  InFile,
  type LocatedProblem,
  type Path,
  type Problem,
  QUOTE_ADVICE,
} from "./problem.ts";
import { openYaml } from "./yaml.ts";

/** Locates problems in several files, the first of which is the main one. */
export async function locateAll(
  documents: readonly Document[],
  problems: readonly Problem[],
): Promise<readonly LocatedProblem[]> {
  const located = await Promise.all(documents.map((document, index) => {
    const file = index === 0 ? undefined : document.file;
    return locate(document, problems.filter(({ path }) => fileOf(path) === file));
  }));
  return located.flat();
}

/** Locates problems in one file. */
export async function locate(
  { file, source }: Document,
  problems: readonly Problem[],
): Promise<LocatedProblem[]> {
  if (problems.length === 0) return [];
  const { parsed, placeOf } = await openYaml(source);
  const located = problems.map(({ path, message, at }): LocatedProblem => {
    const node = findNode(parsed.contents, path, at === "key");
    let offset = node?.range?.[0] ?? 0;
    let hint = "";
    if (typeof at === "object" && typeof node?.value === "string") {
      const { value } = node;
      const end = node.range?.[1] ?? offset;
      if (node.comment && at.offset + 1 >= value.length - 60 && /not closed|: found the end$/.test(message)) {
        hint = `; YAML takes " #" as the start of a comment: ${QUOTE_ADVICE}`;
      }
      offset = scalarOffset(source, { start: offset, end }, value, at.offset);
    }
    return { file, ...placeOf(offset), path: formatPath(path), message: message + hint };
  });
  return located.sort((a, b) => a.line! - b.line! || a.column! - b.column!);
}

interface YamlNode {
  readonly range?: readonly [number, number, number] | null;
  readonly comment?: string | null;
  readonly value?: unknown;
}

/** The node at a path, or its nearest existing ancestor. */
function findNode(root: unknown, path: Path, key: boolean): YamlNode | undefined {
  let node = root as (YamlNode & { readonly items?: readonly unknown[] }) | null;
  for (const [depth, step] of path.entries()) {
    if (step instanceof InFile) continue;
    const items = node?.items;
    if (items === undefined) break;
    if (typeof step === "number") {
      node = (items[step] as YamlNode | undefined) ?? node;
      continue;
    }
    const name = typeof step === "string" ? step : step.reveal();
    const pair = (items as readonly { key?: YamlNode; value?: YamlNode | null }[])
      .find((item) => item.key?.value === name);
    if (pair === undefined) break;
    const wantsKey = key && depth === path.length - 1;
    node = (wantsKey ? pair.key : pair.value ?? pair.key) as YamlNode;
  }
  return node ?? undefined;
}

/**
 * The position in the source of the character at `offset` of a scalar's value. YAML folds lines and doubles quotes
 * but keeps all other characters, so the characters that are not white space are counted.
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
