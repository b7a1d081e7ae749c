import { checkCalls } from "./calls.ts";
import type { Catalog } from "./catalog.ts";
import { type Code, isOperator, isWord, readCode, textOf } from "./code.ts";
import { groupsMerge } from "./groups.ts";
import { isAggregate, type Merge, rowsMerge } from "./merge.ts";
import { type Placement, placementOf } from "./placement.ts";
import { readQuery, withChildren } from "./read_block.ts";
import type { Block } from "./block.ts";
import { refuseForeignAggregates } from "./foreign.ts";
import { Refusal } from "./refusal.ts";
import { readChange, readInsert } from "./write.ts";

/** Statements that can be planned. */
export const VERBS = ["select", "insert", "update", "delete", "replace"] as const;

export type PlannedVerb = typeof VERBS[number];

/** Where a statement is run, and how the answers become one. */
export interface Plan {
  readonly verb: PlannedVerb;
  /** The statement, without comments around it. */
  readonly sql: string;
  /** The tables that it names, sorted. */
  readonly tables: readonly string[];
  /** It reads no sharded table: any shard can answer. */
  readonly everywhere: boolean;
  /** All its rows are in these slots: on one shard it can be run as it is. Absent: in all slots. */
  readonly slots?: readonly number[];
  /** How it is run on several shards; absent where it cannot, or need not. */
  readonly scatter?: Scatter;
  /** Why it cannot be run on several shards. */
  readonly obstacle?: Refusal;
  /** It locks what it reads. */
  readonly locking: boolean;
}

/** One statement on several shards. */
export interface Scatter {
  readonly merge: Merge;
  /** Absent: all slots. */
  readonly slots?: readonly number[];
}

/**
 * Plans a statement.
 * @throws {Refusal} What is not certain to give what one server with all rows would give.
 */
export function plan(sql: string, catalog: Catalog): Plan {
  const code = readCode(sql);
  const verb = verbOf(code);
  const text = textOf(code, { from: 0, to: code.pieces.length });
  if (verb === "select") return planSelect(code, text, catalog);
  const { table, slots } = verb === "insert" || verb === "replace"
    ? readInsert(code, catalog)
    : readChange(code, catalog);
  return { verb, sql: text, tables: [table], everywhere: false, slots, locking: false };
}

/**
 * Reads a statement that is passed on as it is, to a program that divides the tables itself: one statement, of a known
 * kind, that names no function of which it is not known that it harms nobody, and writes no file.
 * @throws {Refusal}
 */
export function passedOn(sql: string): Pick<Plan, "verb" | "sql"> {
  const code = readCode(sql);
  const verb = verbOf(code);
  checkCalls(code, verb === "insert" || verb === "replace" ? columnsOf(code) : 0);
  for (const [at, piece] of code.pieces.entries()) {
    const next = code.pieces[at + 1];
    if (isWord(piece, "into") && (isWord(next, "outfile") || isWord(next, "dumpfile"))) {
      throw new Refusal("it writes a file on a server");
    }
  }
  return { verb, sql: textOf(code, { from: 0, to: code.pieces.length }) };
}

/** Where the columns of an INSERT begin: their parenthesis is no call. 0 where they are not named. */
function columnsOf({ pieces }: Code): number {
  const isOption = (at: number) => INSERT_OPTIONS.some((word) => isWord(pieces[at], word));
  let at = 1;
  while (isOption(at)) at++;
  at += isOperator(pieces[at + 1], ".") ? 3 : 1;
  return isOperator(pieces[at], "(") ? at : 0;
}

const INSERT_OPTIONS = ["low_priority", "delayed", "high_priority", "ignore", "into"];

function verbOf({ pieces: [first] }: Code): PlannedVerb {
  const verb = first?.kind === "word" ? VERBS.find((verb) => verb === first.text) : undefined;
  if (verb !== undefined) return verb;
  throw new Refusal(
    "it does not begin with SELECT, INSERT, UPDATE, DELETE or REPLACE",
    "no other statements are routed",
  );
}

function planSelect(code: Code, sql: string, catalog: Catalog): Plan {
  checkCalls(code);
  const blocks = readQuery(code, { from: 0, to: code.pieces.length }, catalog);
  const placement = placementOf(code, blocks);
  const { everywhere, slots } = placement;
  const all = blocks.flatMap((block) => [...withChildren(block)]);
  const locking = all.some(({ clauses }) => clauses.locking !== undefined);
  const tables = [...new Set(all.flatMap(({ sources }) => sources.map(({ table }) => table.name)))].sort();
  const found: Plan = { verb: "select", sql, tables, everywhere, ...slots && { slots }, locking };
  if (everywhere || slots?.length === 1) return found;
  try {
    if (locking) throw new Refusal("it locks rows of several shards");
    return { ...found, scatter: scatterOf(code, blocks, placement) };
  } catch (error) {
    if (!(error instanceof Refusal) || slots === undefined) throw error;
    return { ...found, obstacle: error };
  }
}

function scatterOf(code: Code, blocks: readonly Block[], { entangled, scatterSlots }: Placement): Scatter {
  if (entangled !== undefined) throw new Refusal(entangled, "join on the shard keys, or ask for one key");
  for (const [at, piece] of code.pieces.entries()) {
    if (isWord(piece, "over") && isOperator(code.pieces[at - 1], ")")) {
      throw new Refusal("window functions see the rows of one shard only");
    }
    if (isWord(piece, "against")) throw new Refusal("MATCH … AGAINST ranks by the rows of one shard");
  }
  const [block] = blocks as readonly [Block];
  for (const child of withChildren(block)) if (child !== block) refuseForeignAggregates(code, child);
  const merge = isAggregate(code, block) ? groupsMerge(code, block) : rowsMerge(code, block);
  return { merge, ...scatterSlots && { slots: scatterSlots } };
}
