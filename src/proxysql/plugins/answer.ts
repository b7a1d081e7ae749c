import { DUMP_COLUMNS, type DumpType } from "../dump_column.ts";
import { printable } from "../../text/control.ts";
import { quoted, shortened } from "../../text/nearest.ts";
import { type Call, CALLS } from "./message.ts";

/** What a plugin said that it may not say; the message is fit to print. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** What a plugin exports. */
export interface Exported {
  readonly calls: ReadonlySet<Call>;
  readonly columns: ReadonlyMap<string, DumpType>;
}

/** A value of a column of a plugin's. */
export type PluginValue = string | bigint | boolean | null;

const TYPES: readonly DumpType[] = ["text", "integer", "boolean", "time"];
const COLUMN = /^[a-z][a-z0-9_]{0,62}$/;

const MOST_COLUMNS = 16;
const MOST_REASONS = 10;
/** The longest value of a column, in characters. */
const MOST_VALUE = 1000;

/**
 * What a plugin exports: only the functions that are called, and the columns.
 * @throws {AnswerError}
 */
export function readExported(json: string): Exported {
  const { names, columns } = JSON.parse(json) as {
    readonly names: Readonly<Record<string, string>>;
    readonly columns: unknown;
  };
  const known: readonly string[] = [...CALLS, "columns"];
  const calls = new Set<Call>();
  for (const [name, type] of Object.entries(names)) {
    if (!known.includes(name)) {
      throw new AnswerError(`it exports what is none of ${known.join(", ")}: ${quoted(name)}`);
    }
    if (name === "columns") continue;
    if (type !== "function") throw new AnswerError(`${quoted(name)} is no function: ${quoted(type)}`);
    calls.add(name as Call);
  }
  if (calls.size === 0) throw new AnswerError(`it exports none of the functions ${CALLS.join(", ")}`);
  const isNamed = Object.hasOwn(names, "columns");
  if (isNamed !== calls.has("dumpColumns")) {
    throw new AnswerError('"dumpColumns" and "columns" come together: the other one is missing');
  }
  return { calls, columns: isNamed ? readColumns(columns) : new Map() };
}

function readColumns(columns: unknown): ReadonlyMap<string, DumpType> {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    throw new AnswerError('"columns" is no object of names, each with a type');
  }
  const entries = Object.entries(columns);
  if (entries.length === 0 || entries.length > MOST_COLUMNS) {
    throw new AnswerError(`expected 1 to ${MOST_COLUMNS} columns: ${entries.length}`);
  }
  return new Map(entries.map(([name, type]): [string, DumpType] => {
    if (!COLUMN.test(name)) {
      throw new AnswerError(
        `a column has lower case letters, digits and underscores: ${quoted(name)}`,
      );
    }
    if (Object.hasOwn(DUMP_COLUMNS, name)) {
      throw new AnswerError(`every dump has this column: ${quoted(name)}`);
    }
    const known = TYPES.find((each) => each === type);
    if (known === undefined) {
      throw new AnswerError(`the type of column ${quoted(name)} is none of ${TYPES.join(", ")}`);
    }
    return [name, known];
  }));
}

/** Reasons of a plugin's, fit to print. @throws {AnswerError} */
export function readReasons(json: string): readonly string[] {
  const reasons: unknown = JSON.parse(json);
  if (!Array.isArray(reasons) || !reasons.every((reason) => typeof reason === "string")) {
    throw new AnswerError('"health" returns no list of texts');
  }
  if (reasons.length > MOST_REASONS) {
    throw new AnswerError(`"health" returns more than ${MOST_REASONS} reasons: ${reasons.length}`);
  }
  return reasons.map((reason) => printable(shortened(reason)));
}

/** Values of a plugin's columns, a list for each row. @throws {AnswerError} */
export function readCells(
  json: string,
  { rows, columns }: { readonly rows: number; readonly columns: ReadonlyMap<string, DumpType> },
): readonly (readonly PluginValue[])[] {
  const table: unknown = JSON.parse(json);
  if (!Array.isArray(table) || table.length !== rows) {
    throw new AnswerError('"dumpColumns" gives not as many rows as it got');
  }
  const types = [...columns];
  return table.map((cells: unknown, row) => {
    if (!Array.isArray(cells) || cells.length !== types.length) {
      throw new AnswerError(`"dumpColumns" gives no columns for row ${row + 1}`);
    }
    return types.map(([name, type], at) => {
      const value = valueOf(cells[at], type);
      if (value !== undefined) return value;
      throw new AnswerError(`column ${quoted(name)} of row ${row + 1} is no ${type}`);
    });
  });
}

/** A value of a type; undefined where it is of another one. An integer beyond 53 bits is a text in a list. */
function valueOf(cell: unknown, type: DumpType): PluginValue | undefined {
  if (cell === null) return null;
  switch (type) {
    case "text":
      return typeof cell === "string" && cell.length <= MOST_VALUE && cell.isWellFormed() ? cell : undefined;
    case "boolean":
      return typeof cell === "boolean" ? cell : undefined;
    case "integer":
      return integerOf(cell);
    case "time": {
      const time = typeof cell === "string" && cell.length <= 40 ? Date.parse(cell) : NaN;
      return Number.isNaN(time) ? undefined : BigInt(time);
    }
  }
}

function integerOf(cell: unknown): bigint | undefined {
  if (Number.isSafeInteger(cell)) return BigInt(cell as number);
  const text: unknown = Array.isArray(cell) ? cell[0] : undefined;
  if (typeof text !== "string" || !/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
