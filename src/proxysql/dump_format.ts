import type { DumpConfig } from "../config/mod.ts";
import { DUMP_COLUMNS, DUMP_NAMES, type DumpRow, isoTime } from "./dump_column.ts";
import type { DumpEncoder } from "./dump_encoder.ts";
import { jsonOf } from "./value.ts";

/** The encoder of a format. */
export async function encoderOf(format: DumpConfig["format"]): Promise<DumpEncoder> {
  if (format === "parquet") return await (await import("./dump_parquet.ts")).parquetEncoder();
  return format === "csv" ? CSV : JSON_LINES;
}

const UTF8 = new TextEncoder();
const NOTHING = new Uint8Array();

const JSON_LINES: DumpEncoder = {
  begin: () => NOTHING,
  rows: (rows) => UTF8.encode(rows.map((row) => `${jsonOf(written(row))}\n`).join("")),
  end: () => NOTHING,
};

/** RFC 4180: a null is nothing, an empty text is `""`. */
const CSV: DumpEncoder = {
  begin: () => UTF8.encode(`${DUMP_NAMES.join(",")}\r\n`),
  rows: (rows) => UTF8.encode(rows.map((row) => `${csvOf(written(row))}\r\n`).join("")),
  end: () => NOTHING,
};

/** The row with its times as text. */
function written(row: DumpRow): DumpRow {
  return Object.fromEntries(DUMP_NAMES.map((name) => {
    const value = row[name];
    return [name, DUMP_COLUMNS[name].type === "time" && typeof value === "bigint" ? isoTime(value) : value];
  })) as DumpRow;
}

function csvOf(row: DumpRow): string {
  return DUMP_NAMES.map((name) => {
    const value = row[name];
    if (value === null) return "";
    if (typeof value !== "string") return String(value);
    return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }).join(",");
}
