import { identifierText } from "./identifier.ts";
import { codeOf } from "./code.ts";
import {
  FIRST,
  type Items,
  lastOf,
  newItems,
  push,
  pushClose,
  pushHidden,
  pushOtherName,
  pushValue,
} from "./item.ts";
import { DEFAULT_QUOTING } from "./quote.ts";
import type { Token, TokenKind } from "./token.ts";
import { tokenize } from "./tokenizer.ts";
import { write, writtenText } from "./written.ts";

/** The optimizer hints (manual: "Optimizer Hints"). */
const HINTS: ReadonlySet<string> = new Set(
  `BKA NO_BKA BNL NO_BNL DERIVED_CONDITION_PUSHDOWN NO_DERIVED_CONDITION_PUSHDOWN GROUP_INDEX NO_GROUP_INDEX
  HASH_JOIN NO_HASH_JOIN INDEX NO_INDEX INDEX_MERGE NO_INDEX_MERGE JOIN_FIXED_ORDER JOIN_INDEX NO_JOIN_INDEX
  JOIN_ORDER JOIN_PREFIX JOIN_SUFFIX MAX_EXECUTION_TIME MERGE NO_MERGE MRR NO_MRR NO_ICP NO_RANGE_OPTIMIZATION
  ORDER_INDEX NO_ORDER_INDEX QB_NAME RESOURCE_GROUP SEMIJOIN NO_SEMIJOIN SET_VAR SKIP_SCAN NO_SKIP_SCAN SUBQUERY`
    .split(/\s+/),
);

/** The strategies that SEMIJOIN and SUBQUERY name. */
const STRATEGIES: ReadonlySet<string> = new Set(
  ["DUPSWEEDOUT", "FIRSTMATCH", "INTOEXISTS", "LOOSESCAN", "MATERIALIZATION"],
);

const LITERALS: ReadonlySet<TokenKind> = new Set<TokenKind>(["number", "string", "parameter"]);

/** The longest text of a hint, in characters and in pieces. */
const MAX_TEXT = 1024;

/** What has been read of a hint. */
interface Reading {
  readonly body: string;
  readonly items: Items;
}

/** Outside or inside the parentheses of a hint, which do not nest. */
type Depth = 0 | 1;

/**
 * The text of an optimizer hint in a digest: names kept, values replaced. What does not look like hints, such
 * as a remark or an unknown hint, becomes "?", and so does all after it: MariaDB takes it for a comment, in
 * which anything may stand. Undefined for an empty one.
 * @param comment the whole comment, with its marks
 */
export function hintText(comment: string): string | undefined {
  const body = comment.slice(3, -2);
  const items = ITEMS;
  items.length = FIRST;
  const reading: Reading = { body, items };
  let depth: Depth | undefined = 0;
  for (const token of tokenize(body, DEFAULT_QUOTING)) {
    if (items.length - FIRST > MAX_TEXT) depth = undefined;
    else depth = depth === 0 ? readName(reading, token) : readArgument(reading, token);
    if (depth === undefined) break;
  }
  if (depth !== 0) pushHidden(items);
  if (items.length === FIRST) return undefined;
  // No piece of it stands in the statement.
  const isWhole = write(items, NO_STATEMENT, MAX_TEXT);
  return `/*+ ${writtenText()}${isWhole ? "" : " ?"} */`;
}

/** Reads the name of a hint, or the parenthesis after it; undefined if it is none. */
function readName({ items, body }: Reading, token: Token): Depth | undefined {
  const text = body.slice(token.start, token.end).toUpperCase();
  const opens = text === "(" && items.length > FIRST;
  if (!opens && (token.kind !== "word" || !HINTS.has(text))) return undefined;
  push(items, codeOf(text));
  return opens ? 1 : 0;
}

/** Reads a part of what is in a hint's parentheses; undefined if it has no place there. */
function readArgument(reading: Reading, token: Token): Depth | undefined {
  const { items, body } = reading;
  const text = body.slice(token.start, token.end);
  if (text === ")") {
    pushClose(items);
    return 0;
  }
  const assigned = lastOf(items) === EQUALS;
  if (text === "-" && assigned) return 1;
  if (text === "," || text === "=") push(items, codeOf(text));
  else if (assigned || LITERALS.has(token.kind)) pushValue(items);
  else return readArgumentName(reading, token);
  return 1;
}

function readArgumentName({ items, body }: Reading, token: Token): Depth | undefined {
  const text = body.slice(token.start, token.end);
  if (token.kind === "word" && STRATEGIES.has(text.toUpperCase())) {
    push(items, codeOf(text.toUpperCase()));
    return 1;
  }
  // A query block, `@name`; the table in front of it shows no space between.
  const block = token.kind === "variable";
  const name = block || token.kind === "word" || token.kind === "quoted"
    ? identifierText(block ? text.slice(1) : text)
    : undefined;
  if (name === undefined) return undefined;
  if (block && lastOf(items) === NAME && body[token.start - 1]?.trim()) {
    items.length--;
    pushOtherName(items, `${items.texts[items.length]}@${name}`);
  } else pushOtherName(items, block ? `@${name}` : name);
  return 1;
}

/** The pieces of the hint at hand: one at a time. */
const ITEMS = newItems(MAX_TEXT + 8);
const NO_STATEMENT = new Uint16Array(0);
const [EQUALS, NAME] = [codeOf("="), codeOf("`other name`")] as const;
