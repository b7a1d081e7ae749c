import { printable } from "../text/control.ts";
import type { Expression } from "./expression.ts";
import type { ComparedText, Fault, Way } from "./fault.ts";
import { compileLike, compileMatches } from "./pattern.ts";
import { didYouMean, shortened } from "../text/nearest.ts";
import type { Node } from "./syntax.ts";
import type { ExpressionProblem } from "./token.ts";
import type { NameRow } from "./vocabulary.ts";

/** A text in an expression that its name can never have, so that its clause has no effect. */
export interface Misfit extends ExpressionProblem {
  /** Such a text is possible, but most likely a mistake. */
  readonly isDoubtful: boolean;
  /** A mistake only in `where`; in `protect` it is just unnecessary. */
  readonly isOfWhere: boolean;
}

/** All texts of an expression that its names never have, or almost certainly never. */
export function misfitsOf(
  { tree, source, rows }: Pick<Expression, "tree" | "source" | "rows">,
): readonly Misfit[] {
  return comparedIn(tree, true).flatMap(({ start, end, ...compared }) => {
    const fault = faultOf(compared, rows.get(compared.name));
    if (fault === undefined) return [];
    const found = printable(shortened(source.slice(start, end)));
    const near = fault.meant === undefined ? "" : ` (did you mean ${printable(shortened(fault.meant))}?)`;
    const { why, isDoubtful = false, isOfWhere = false } = fault;
    const never = isDoubtful ? NEVER[compared.way].replace("never", "hardly ever") : NEVER[compared.way];
    const message = `${compared.name} ${never}, ${why}: ${found}${near}`;
    return [{ offset: start, message, isDoubtful, isOfWhere }];
  });
}

const NEVER: Readonly<Record<Way, string>> = {
  equal: "never has this value",
  like: "is never like this",
  matches: "never matches this",
};

type PlacedText = ComparedText & { readonly start: number; readonly end: number };

function comparedIn(node: Node, isAsked: boolean): readonly PlacedText[] {
  const equal = (name: Node, value: Node, isAsked: boolean): readonly PlacedText[] =>
    name.kind !== "name" || value.kind !== "string" ? [] : [{
      name: name.name,
      text: value.value,
      way: "equal",
      isLike: false,
      isAsked,
      start: value.start,
      end: value.end,
    }];
  switch (node.kind) {
    case "and":
    case "or":
      return [...comparedIn(node.left, isAsked), ...comparedIn(node.right, isAsked)];
    case "not":
      return comparedIn(node.operand, !isAsked);
    case "compare": {
      const asked = (node.operator === "=") === isAsked;
      return [...equal(node.left, node.right, asked), ...equal(node.right, node.left, asked)];
    }
    case "in":
      return node.list.flatMap((item) => equal(node.operand, item, node.negated !== isAsked));
    case "like":
    case "matches": {
      if (node.operand.kind !== "name") return [];
      const way = node.kind === "like" && !hasWildcard(node.pattern) ? "equal" : node.kind;
      const text = way === "equal" ? node.pattern.replace(/\\(.)/gs, "$1") : node.pattern;
      const [start, end] = [node.patternStart, node.end];
      return [{
        name: node.operand.name,
        text,
        way,
        isLike: node.kind === "like",
        isAsked: node.negated !== isAsked,
        start,
        end,
      }];
    }
    default:
      return [];
  }
}

function hasWildcard(pattern: string): boolean {
  return /[%_]/.test(pattern.replace(/\\./gs, ""));
}

function faultOf(compared: ComparedText, row: NameRow | undefined): Fault | undefined {
  if (row?.type !== "string") return undefined;
  return templateFault(compared, row) ??
    (row.values === undefined ? blankFault(compared, row) : valuesFault(compared, row)) ??
    patternFault(compared, row) ??
    row.fault?.(compared);
}

/** A placeholder that another program should have replaced; this one replaces none. */
function templateFault({ text }: ComparedText, row: NameRow): Fault | undefined {
  if (!/\$\{\w+\}|\$\([A-Za-z_]\w*\)|\{\{.*\}\}|^\$[A-Z_][A-Z0-9_]*$|^<[^<>]*>$/.test(text)) return undefined;
  const why = "variables are not replaced here";
  return row.text === "any" ? { why, isDoubtful: true } : { why };
}

function blankFault({ text, way }: ComparedText, row: NameRow): Fault | undefined {
  if (way === "matches" || row.statement || text === text.trim() || text.trim() === "") return undefined;
  const fault = { why: "it begins or ends with a blank", meant: `'${text.trim()}'` };
  return row.text === "any" ? { ...fault, isDoubtful: true } : fault;
}

/** For names with a fixed list of values: a pattern must match one of them. Equality was checked with the types. */
function valuesFault({ text, way, isAsked }: ComparedText, row: NameRow): Fault | undefined {
  const { name, values = [], selectable = values } = row;
  if (way === "equal") {
    // From `like`, which ignores letter case; `=` was checked with the types.
    const value = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (value === undefined) return { why: `it has other ones${didYouMean(text, values, "'")}` };
    if (!isAsked || selectable.includes(value)) return undefined;
    return { why: `no policy selects a session with this ${name}`, isOfWhere: true };
  }
  const matcher = way === "like" ? compileLike(text) : compileMatches(text);
  if (typeof matcher === "string" || values.some((value) => matcher(value, false))) return undefined;
  return { why: "no value that it can have does" };
}

const REGEX = 'these are signs of a regular expression, which "matches" takes';
/** Signs that no name of an account, schema or host contains. */
const SIGNS = /^\^|\$$|\.[*+?]|\[.*\]|[*|?]|\\[dwsb.]|\(.*\)/;
/** Signs that any other text may contain, but hardly at these places unless it is a regular expression. */
const SURE_SIGNS = /^\^[\w(%]|\.[*+]%?$|[\w)%]\$$/;

/** Finds the syntax of a different kind of pattern. */
function patternFault({ name, text, way, isLike }: ComparedText, row: NameRow): Fault | undefined {
  const isPlain = row.text === "account" || row.text === "host";
  if (way === "matches") {
    if (!isPlain || !text.replace(/\[[^\]]*\]/g, "").includes("%")) return undefined;
    return { why: 'in a regular expression "%" is no wildcard, but for "like" it is' };
  }
  if (isPlain && /^[\w.-]*\*[\w.-]*$/.test(text) && !text.includes(".*")) {
    return { why: '"*" is no wildcard, but "%" is', meant: `${name} like '${text.replaceAll("*", "%")}'` };
  }
  // Names may end in "$", like accounts of Windows machines.
  const signs = isPlain ? SIGNS : SURE_SIGNS;
  const isAddress = row.text === "host" && /^\[[0-9a-f:]+\]/i.test(text);
  if (!isAddress && signs.test(way === "equal" ? text.replace(/\$$/, "") : text)) {
    const fault = { why: REGEX, meant: `${name} matches '${text.replace(/(?<![.\\])%/g, ".*")}'` };
    return isPlain || isLike ? fault : { ...fault, isDoubtful: true };
  }
  if (!isPlain) return undefined;
  const inQuotes = /^(['"`])([^@]*)\1$/s.exec(text)?.[2];
  if (inQuotes !== undefined) return { why: "the quotes are part of this text", meant: `'${inQuotes}'` };
  if (way !== "equal" || !text.includes("%") || text.includes("@")) return undefined;
  return { why: '"%" is a wildcard for "like" only', meant: `${name} like '${text}'` };
}
