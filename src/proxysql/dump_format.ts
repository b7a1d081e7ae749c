import type { DumpConfig } from "../config/mod.ts";
import { type ColumnTypes, type WideRow, writtenRow } from "./dump_column.ts";
import type { DumpEncoder } from "./dump_encoder.ts";
import { jsonOf } from "./value.ts";

/** The encoder of a format, for rows of these columns. */
export async function encoderOf(format: DumpConfig["format"], columns: ColumnTypes): Promise<DumpEncoder> {
  if (format === "parquet") return await (await import("./dump_parquet.ts")).parquetEncoder(columns);
  return format === "csv" ? csvEncoder(columns) : jsonLinesEncoder(columns);
}

const UTF8 = new TextEncoder();
const NOTHING = new Uint8Array();

function jsonLinesEncoder(columns: ColumnTypes): DumpEncoder {
  return {
    begin: () => NOTHING,
    rows: (rows) => UTF8.encode(rows.map((row) => `${jsonOf(writtenRow(row, columns))}\n`).join("")),
    end: () => NOTHING,
  };
}

/** RFC 4180: a null is nothing, an empty text is `""`. */
function csvEncoder(columns: ColumnTypes): DumpEncoder {
  const names = [...columns.keys()];
  return {
    begin: () => UTF8.encode(`${names.join(",")}\r\n`),
    rows: (rows) => UTF8.encode(rows.map((row) => `${csvOf(writtenRow(row, columns), names)}\r\n`).join("")),
    end: () => NOTHING,
  };
}

function csvOf(row: WideRow, names: readonly string[]): string {
  return names.map((name) => {
    const value = row[name]!;
    if (value === null) return "";
    if (typeof value !== "string") return String(value);
    return value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }).join(",");
}
