import { quoted } from "../text/nearest.ts";
import { type LocatedProblem, QUOTE_ADVICE, shownKey } from "./problem.ts";
import { openYaml } from "./yaml.ts";

/** The text of a file that could not be parsed. */
interface Text {
  readonly file: string;
  readonly source: string;
}

/**
 * Describes what the parser could not read. The words show nothing of the file but the names of keys, and with
 * `secretKeys` not even those, since any part of the text may be a password.
 * @throws The error itself, if it did not come from the parser.
 */
export async function syntaxProblems(
  { file, source }: Text,
  error: unknown,
  options: { readonly secretKeys: boolean },
): Promise<readonly LocatedProblem[]> {
  if (error instanceof RangeError) return [{ file, path: "", message: "nested too deeply" }];
  if (!(error instanceof SyntaxError)) throw error;
  const [text = ""] = error.message.split("\n");
  const match = /^(.*) at line (\d+), column (\d+):?$/.exec(text);
  const [message, line, column] = match === null
    ? [text, 1, 1]
    : [match[1]!, Number(match[2]), Number(match[3])];
  if (message.includes("more than 1 document")) {
    const message = "expected one YAML document: the file has more than one";
    return [{ file, line, column, path: "", message }];
  }
  if (message.includes("duplicated key")) {
    const problems = await duplicateKeys({ file, source }, options);
    if (problems.length > 0) return problems;
  }
  const { message: words, ...place } = wrongValue(source, line, message) ??
    { line, column, message: wordsFor(message) };
  return [{ file, ...place, path: "", message: `this is not YAML: ${words}` }];
}

async function duplicateKeys(
  { file, source }: Text,
  { secretKeys }: { readonly secretKeys: boolean },
): Promise<readonly LocatedProblem[]> {
  const { parsed, placeOf } = await openYaml(source);
  return parsed.errors.filter(({ code }) => code === "DUPLICATE_KEY").map(({ pos: [offset] }) => {
    const name = /^(?:"([^"]*)"|'([^']*)'|([^:\n]*?)(?=\s*:))/.exec(source.slice(offset));
    const shown = shownKey(name?.[1] ?? name?.[2] ?? name?.[3] ?? "", { secret: secretKeys });
    return { file, ...placeOf(offset), path: "", message: `this key is there twice${shown}` };
  });
}

/** The parser's own message if it is a fixed one. Its other messages quote the file. */
function wordsFor(message: string): string {
  const start = [[/\btag property\b|\btag !<|!<.*> (?:explicit )?tag\b/, "!"], [/\balias\b/, "*"]] as const;
  const character = start.find(([pattern]) => pattern.test(message))?.[1];
  if (character !== undefined) return cannotStart(character);
  return /^[A-Za-z0-9 ,:-]+$/.test(message)
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : "this cannot be read";
}

function cannotStart(character: string): string {
  return `a value cannot start with ${quoted(character)} here: put it in quotes`;
}

interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** How many lines above the error the value that caused it may start. */
function linesAbove(message: string): number {
  return message.includes("quoted scalar") ? Infinity : 2;
}

/** Finds a value that YAML does not read as text, on the line of the error or just above it. */
function wrongValue(source: string, line: number, message: string): SyntaxProblem | undefined {
  const lines = source.split("\n");
  for (let index = line - 1; index >= Math.max(0, line - 1 - linesAbove(message)); index--) {
    const value = valueOn(lines, index);
    if (value === undefined) continue;
    const wrong = value.isExpression ? wrongExpression(value) : wrongText(value, message);
    if (wrong === undefined) continue;
    return { line: index + 1, column: value.column + (wrong.offset ?? 0), message: wrong.message };
  }
}

interface WrittenValue {
  readonly text: string;
  readonly column: number;
  readonly isExpression: boolean;
  /** Whether it is within braces, so that the rest of the line may not belong to it. */
  readonly inFlow: boolean;
}

/** The value that starts on a line. */
function valueOn(lines: readonly string[], index: number): WrittenValue | undefined {
  const line = lines[index] ?? "";
  const flow = /^(.*[{,]\s*(?:when|where):\s+)(\S.*)$/.exec(line);
  if (flow !== null) return { text: flow[2]!, column: flow[1]!.length + 1, isExpression: true, inFlow: true };
  const block = /^(\s*(?:-\s+)?(?:([\w.-]+):\s+)?)(\S.*)$/.exec(line);
  if (block === null || block[1]!.trim() === "") return undefined;
  const [, before = "", key, text = ""] = block;
  const isExpression = key === undefined ? isProtection(lines, index) : key === "when" || key === "where";
  return { text, column: before.length + 1, isExpression, inFlow: false };
}

/** Whether the list item on this line is under `protect:`. */
function isProtection(lines: readonly string[], index: number): boolean {
  const above = lines.slice(0, index).findLast((line) => !/^\s*(?:-\s.*|#.*)?$/.test(line));
  return above !== undefined && /^\s*(?:-\s+)?protect:\s*(?:#.*)?$/.test(above);
}

/** A complete quoted string, with nothing after it that would belong to the value. */
const QUOTED = /^(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")\s*(?:$|#|[,}\]])/;

interface Reason {
  readonly message: string;
  /** The offset in the value; absent: its beginning. */
  readonly offset?: number;
}

function wrongExpression({ text, inFlow }: WrittenValue): Reason | undefined {
  if (QUOTED.test(text) || /^[|>][-+0-9]*\s*(?:#.*)?$/.test(text)) return undefined;
  if (/^['"]/.test(text)) return { message: `a leading quote starts a YAML string: ${QUOTE_ADVICE}` };
  if (/^[@`%*!|>{[]/.test(text)) {
    return { message: `an expression cannot start with ${quoted(text[0]!)} in YAML: ${QUOTE_ADVICE}` };
  }
  const comma = inFlow ? cuttingComma(text) : -1;
  if (comma >= 0) return { offset: comma, message: `"," within { } ends a value: ${QUOTE_ADVICE}` };
  const colon = text.indexOf(": ");
  if (inFlow || colon < 0) return undefined;
  return { offset: colon, message: `": " within an expression starts a YAML mapping: ${QUOTE_ADVICE}` };
}

/** The offset of a comma that cuts an expression inside its parentheses; -1 if there is none. */
function cuttingComma(text: string): number {
  const comma = text.indexOf(",");
  const before = text.slice(0, comma).replace(/'[^']*'|"[^"]*"/g, "");
  return comma >= 0 && /\([^)]*$/.test(before) ? comma : -1;
}

function wrongText({ text }: WrittenValue, message: string): Reason | undefined {
  if (/^(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")/.test(text) && !QUOTED.test(text)) {
    return { message: "a leading quote starts a YAML string: put the whole value in quotes" };
  }
  const [first = ""] = text;
  const isWrong = /[@`%]/.test(first) || wordsFor(message) === cannotStart(first);
  return isWrong ? { message: cannotStart(first) } : undefined;
}
