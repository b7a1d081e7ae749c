import { quoted } from "../text/nearest.ts";
import { type Document, formatPath, type LocatedProblem, openYaml, type Path } from "../yaml/mod.ts";

/** How a comment begins that looks like the rest of an expression. */
const CONTINUES = /^#[ \t]*(?:(?:and|or|not)\b|[<>=!])/i;

/** Matches lines that may have such a comment: a cheap test, before a parser is loaded. */
const SUSPECT = /^[ \t]*(?:-|.*(?:when|where|protect):)[ \t].*[ \t]#[ \t]*(?:(?:and|or|not)\b|[<>=!])/im;

/**
 * Finds expressions that a comment may have cut: YAML reads `running # and user = 'app'` as `running`, which is
 * valid and selects far more.
 */
export async function cutExpressions({ file, source }: Document): Promise<readonly LocatedProblem[]> {
  if (!SUSPECT.test(source)) return [];
  const [{ parsed, placeOf }, { visit }] = await Promise.all([
    openYaml(source),
    import("../yaml/yaml_parser.ts"),
  ]);
  const found: LocatedProblem[] = [];
  visit(parsed, {
    Scalar(_, node, ancestors) {
      const [, end = 0, after = 0] = node.range ?? [];
      const comment = /^[ \t]*(#.*)/.exec(source.slice(end, after))?.[1] ?? "";
      const path = pathOf([...ancestors, node]);
      if (node.type !== "PLAIN" || !CONTINUES.test(comment) || !isExpression(path)) return;
      const message =
        `the expression ends where this comment starts, put the whole of it in double quotes if it goes on: ${
          quoted(comment)
        }`;
      found.push({ file, ...placeOf(source.indexOf("#", end)), path: formatPath(path), message });
    },
  });
  return found;
}

interface Node {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly items?: readonly unknown[];
}

/** The path of the last of these nodes, each of which is within the one before it. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.slice(1).flatMap((node, index): Path => {
    const parent = nodes[index] as Node;
    if ("key" in parent) return parent.value === node ? [String((parent.key as Node | null)?.value)] : [];
    const at = parent.items?.indexOf(node) ?? -1;
    return at < 0 || "key" in (node as Node) ? [] : [at];
  });
}

function isExpression(path: Path): boolean {
  const [list, last] = path.slice(-2);
  return last === "when" || last === "where" || (list === "protect" && typeof last === "number");
}
