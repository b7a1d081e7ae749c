import { digest } from "../digest/mod.ts";
import { printable } from "../text/control.ts";
import { COMMANDS, SELECTABLE_COMMANDS } from "./command.ts";
import { compileLike, compileMatches } from "./pattern.ts";
import { hostFault } from "./host_misfit.ts";
import { didYouMean, shortened } from "../text/nearest.ts";
import { stateMisfit } from "./state.ts";
import type { Node } from "./syntax.ts";
import type { Problem } from "./token.ts";
import { vocabularyEntry } from "./vocabulary.ts";

/** A written text that what it is compared with never is: the clause is there, and says nothing. */
export interface Misfit extends Problem {
  /** There may be such a text, and hardly is it meant. */
  readonly isDoubtful: boolean;
  /** In `protect` it is merely needless. */
  readonly isOfWhere: boolean;
}

/** How a text is compared; `like` without a wildcard compares the whole of it, as `=` does. */
export type Way = "equal" | "like" | "matches";

/** A text as it is compared with a name. */
export interface Compared {
  readonly name: string;
  readonly text: string;
  readonly way: Way;
  /** It is written as a pattern of `like`, perhaps without a wildcard. */
  readonly isLike: boolean;
  /** The clause asks for it, and not for all others. */
  readonly isAsked: boolean;
}

/** What is wrong with a text: what to say, and perhaps what was meant. */
export interface Fault {
  readonly why: string;
  readonly meant?: string;
  readonly isDoubtful?: true;
  readonly isOfWhere?: true;
}

/** All texts of an expression that surely, or most probably, are never what they are compared with. */
export function misfitsOf(
  { tree, source }: { readonly tree: Node; readonly source: string },
): readonly Misfit[] {
  return comparedIn(tree, true).flatMap(({ start, end, ...compared }) => {
    const fault = faultOf(compared);
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

type Placed = Compared & { readonly start: number; readonly end: number };

function comparedIn(node: Node, isAsked: boolean): readonly Placed[] {
  const equal = (name: Node, value: Node, isAsked: boolean): readonly Placed[] =>
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

/** Names of which a text may hold anything. */
const ANY_TEXT = /^(?:sql$|program$|tag\.|attribute\.)/;
/** Names of accounts and schemas, of which hardly one has a sign. */
const PLAIN = ["user", "host", "db"];

function faultOf(compared: Compared): Fault | undefined {
  const { name, text, way } = compared;
  const entry = vocabularyEntry(name);
  if (entry?.type !== "string") return undefined;
  return templateFault(text, name) ??
    (entry.values === undefined ? blankFault(text, name, way) : valuesFault(compared, entry.values)) ??
    patternFault(compared) ??
    (Object.hasOwn(OF_NAME, name) ? OF_NAME[name]?.(compared) : undefined);
}

/** Whatever fills in such a text has not done so, and this program does not. */
function templateFault(text: string, name: string): Fault | undefined {
  if (!/\$\{\w+\}|\$\([A-Za-z_]\w*\)|\{\{.*\}\}|^\$[A-Z_][A-Z0-9_]*$|^<[^<>]*>$/.test(text)) return undefined;
  const why = "variables are not replaced here";
  return ANY_TEXT.test(name) ? { why, isDoubtful: true } : { why };
}

function blankFault(text: string, name: string, way: Way): Fault | undefined {
  if (way === "matches" || name === "sql" || text === text.trim() || text.trim() === "") return undefined;
  const fault = { why: "it begins or ends with a blank", meant: `'${text.trim()}'` };
  return ANY_TEXT.test(name) ? { ...fault, isDoubtful: true } : fault;
}

/** Of names whose values are known, some have to match; equality was checked with the types. */
function valuesFault({ name, text, way, isAsked }: Compared, values: readonly string[]): Fault | undefined {
  if (way === "equal") {
    // Of `like`, which ignores the case of letters; `=` was checked with the types.
    const value = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (value === undefined) return { why: `it has other ones${didYouMean(text, values, "'")}` };
    const isSelected = name !== "command" || !isAsked || SELECTABLE_COMMANDS.includes(value) ||
      !COMMANDS.some((command) => command === value);
    return isSelected ? undefined : { why: "no policy selects a session with this command", isOfWhere: true };
  }
  const matcher = way === "like" ? compileLike(text) : compileMatches(text);
  if (typeof matcher === "string" || values.some((value) => matcher(value, false))) return undefined;
  return { why: "no value that it can have does" };
}

const REGEX = 'these are signs of a regular expression, which "matches" takes';
/** In names of accounts and schemas such signs are none of the name. */
const SIGNS = /^\^|\$$|\.[*+?]|\[.*\]|[*|?]|\\[dwsb.]|\(.*\)/;
/** Other texts may hold them; these stand where a regular expression has them. */
const SURE_SIGNS = /^\^[\w(%]|\.[*+]%?$|[\w)%]\$$/;

/** The signs of another kind of pattern. */
function patternFault({ name, text, way, isLike }: Compared): Fault | undefined {
  const isPlain = PLAIN.includes(name);
  if (way === "matches") {
    if (!isPlain || !text.replace(/\[[^\]]*\]/g, "").includes("%")) return undefined;
    return { why: 'in a regular expression "%" is no wildcard, but for "like" it is' };
  }
  if (isPlain && /^[\w.-]*\*[\w.-]*$/.test(text) && !text.includes(".*")) {
    return { why: '"*" is no wildcard, but "%" is', meant: `${name} like '${text.replaceAll("*", "%")}'` };
  }
  // A name may end in "$", as accounts of machines do.
  const signs = isPlain ? SIGNS : SURE_SIGNS;
  const isAddress = name === "host" && /^\[[0-9a-f:]+\]/i.test(text);
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

const OF_NAME: Readonly<Partial<Record<string, (compared: Compared) => Fault | undefined>>> = {
  user: userFault,
  host: hostFault,
  db: schemaFault,
  digest: digestFault,
  state: ({ text, way }) => way === "equal" ? stateMisfit(text) : undefined,
  sql: statementFault,
};

/** The longest names that servers allow, in characters. */
const LONGEST_USER = 128;
const LONGEST_SCHEMA = 64;

function userFault({ text, way }: Compared): Fault | undefined {
  if (text.length > LONGEST_USER && way === "equal") return { why: "no account has such a long name" };
  if (way === "matches") return undefined;
  if (text === "") return { why: "who has no name is never selected", isDoubtful: true };
  const [, user, host] = /^['"`]?([^@]*?)['"`]?@['"`]?(.*?)['"`]?$/s.exec(text) ?? [];
  if (user === undefined || host === undefined) return undefined;
  const named = `user = '${user}'`;
  const meant = host === "" || host === "%"
    ? named
    : `${named} and host ${host.includes("%") ? "like" : "="} '${host}'`;
  return { why: "it is a name without a host", meant };
}

function schemaFault({ text, way }: Compared): Fault | undefined {
  if (way === "matches") return undefined;
  if (text.length > LONGEST_SCHEMA && way === "equal") return { why: "no schema has such a long name" };
  if (!text.includes(".")) return undefined;
  const [schema = ""] = text.split(".");
  return { why: "it is a schema, without a table", ...schema !== "" && { meant: `'${schema}'` } };
}

/** This program's own form: a hash of another version is of another text. */
const [VERSION = ""] = digest("SELECT 1").digest.split(":");

function digestFault({ text, way }: Compared): Fault | undefined {
  if (text === "" || way === "matches" || /^[%_]/.test(text)) return undefined;
  const found = /^v(\d+):/.exec(text);
  if (found === null) {
    if (/^[0-9a-f]{16}$/.test(text)) {
      return { why: "it begins with its version", meant: `'${VERSION}:${text}'` };
    }
    const why = /^[0-9a-f]{32}(?:[0-9a-f]{32})?$/i.test(text)
      ? "this is the server's own hash, `query-sniper digest --format json` prints it"
      : `it is a hash such as ${VERSION}:9f86d081884c7d65, which \`query-sniper digest --format json\` prints`;
    return { why };
  }
  if (`v${found[1]}` !== VERSION) return { why: `the hashes of this program begin with "${VERSION}:"` };
  const hash = text.slice(found[0].length);
  if (way === "like") {
    return /^[0-9a-f%_]*$/i.test(hash) ? undefined : { why: "its hash has hexadecimal digits" };
  }
  if (/^[0-9a-f]{16}$/.test(hash)) return undefined;
  const why = "its hash has 16 hexadecimal digits in small letters";
  return /^[0-9a-f]{16}$/i.test(hash) ? { why, meant: `'${VERSION}:${hash.toLowerCase()}'` } : { why };
}

/** Of these a statement may consist. */
const WHOLE = /^(?:commit|rollback|begin|shutdown|restart|help|stop|start|xa|)$/i;

function statementFault({ text, way }: Compared): Fault | undefined {
  if (way !== "equal" || !/^\S+$/.test(text) || WHOLE.test(text)) return undefined;
  const isBegin =
    /^(?:select|insert|update|delete|replace|with|alter|create|drop|call|load|set|show|truncate)$/i.test(
      text,
    );
  return {
    why: "it is the text of a whole statement",
    meant: `sql like '${isBegin ? `${text}%` : `%${text}%`}'`,
  };
}
