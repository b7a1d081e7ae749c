import { DumpReadError, linesOf } from "./dump_lines.ts";

/** What is read of a row; the times are in milliseconds since 1970. */
export interface DumpRecord {
  /** This program's digest; null where it is not sure. */
  readonly digest: string | null;
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

const NAMES = ["dump_id", "sniper_digest", "count", "from", "to"] as const;

type Fields = Readonly<Record<typeof NAMES[number], unknown>>;

/**
 * The rows of a dump, one in memory at a time.
 * @param id The dump that they have to be of.
 * @throws {DumpReadError}
 */
export async function* recordsOf(file: string, id: string): AsyncGenerator<DumpRecord, void, undefined> {
  const rows = /\.csv(?:\.gz)?$/.test(file) ? csvRows(file) : jsonRows(file);
  for await (const { line, fields } of rows) {
    const { dump_id, sniper_digest, count, from, to } = fields;
    const wrong = (what: string) => new DumpReadError(`${file}:${line}: ${what}`);
    if (dump_id !== id) throw wrong("this row is of another dump");
    const record = { digest: sniper_digest, count: Number(count), from: timeOf(from), to: timeOf(to) };
    if (sniper_digest !== null && typeof sniper_digest !== "string") {
      throw wrong('"sniper_digest" is no text');
    }
    if (count === null || !Number.isInteger(record.count) || record.count < 0) {
      throw wrong('"count" is no whole number');
    }
    if (!(record.from <= record.to)) throw wrong('"from" and "to" are no times, one after the other');
    yield record as DumpRecord;
  }
}

function timeOf(text: unknown): number {
  return typeof text === "string" ? Date.parse(text) : NaN;
}

interface Found {
  readonly line: number;
  readonly fields: Fields;
}

async function* jsonRows(file: string): AsyncGenerator<Found, void, undefined> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line++;
    const row = objectOf(text);
    if (row === undefined) throw new DumpReadError(`${file}:${line}: this is no JSON object`);
    if (Object.hasOwn(row, "manifest")) return;
    const missing = NAMES.find((name) => !Object.hasOwn(row, name));
    if (missing !== undefined) throw new DumpReadError(`${file}:${line}: there is no "${missing}"`);
    yield { line, fields: row as Fields };
  }
}

/** The object that a text is as JSON; undefined where it is none. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}

async function* csvRows(file: string): AsyncGenerator<Found, void, undefined> {
  let names: readonly (string | null)[] | undefined;
  let places: readonly number[] = [];
  for await (const { line, cells } of csvRecords(file)) {
    if (names === undefined) {
      names = cells;
      places = NAMES.map((name) => cells.indexOf(name));
      const missing = NAMES.find((_, at) => places[at]! < 0);
      if (missing !== undefined) throw new DumpReadError(`${file}:${line}: there is no column "${missing}"`);
      continue;
    }
    if (cells.length !== names.length) {
      throw new DumpReadError(`${file}:${line}: expected ${names.length} columns: ${cells.length}`);
    }
    yield { line, fields: Object.fromEntries(NAMES.map((name, at) => [name, cells[places[at]!]])) as Fields };
  }
  if (names === undefined) throw new DumpReadError(`${file}:1: there are no columns`);
}

/** A cell by RFC 4180, with what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?$)/y;

/** The records of a file, each with the line where it begins. What stands in quotes may have several lines. */
async function* csvRecords(
  file: string,
): AsyncGenerator<{ readonly line: number; readonly cells: readonly (string | null)[] }, void, undefined> {
  let [line, begin, text] = [0, 1, ""];
  for await (const more of linesOf(file)) {
    line++;
    text = text === "" ? more : `${text}\n${more}`;
    // Within quotes the record goes on.
    if (text.split('"').length % 2 === 0) {
      if (text.length > 2 ** 22) break;
      continue;
    }
    const cells = cellsOf(text);
    if (cells === undefined) throw new DumpReadError(`${file}:${begin}: this is no CSV`);
    yield { line: begin, cells };
    [text, begin] = ["", line + 1];
  }
  if (text !== "") throw new DumpReadError(`${file}:${begin}: a quoted text does not end`);
}

function cellsOf(text: string): readonly (string | null)[] | undefined {
  const cells: (string | null)[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    const found = CELL.exec(text);
    if (found === null) return undefined;
    const [, quoted, plain, end] = found;
    cells.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end !== ",") return CELL.lastIndex === text.length ? cells : undefined;
  }
}
