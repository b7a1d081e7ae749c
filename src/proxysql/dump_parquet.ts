import type { SchemaElement } from "hyparquet";
import { DUMP_COLUMNS, DUMP_NAMES, type DumpRow, type DumpType } from "./dump_column.ts";
import type { DumpEncoder } from "./dump_encoder.ts";

const TYPES: Readonly<Record<DumpType, Pick<SchemaElement, "type" | "converted_type" | "logical_type">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT64" },
  boolean: { type: "BOOLEAN" },
  time: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
};

const SCHEMA: SchemaElement[] = [
  { name: "root", num_children: DUMP_NAMES.length },
  ...DUMP_NAMES.map((name): SchemaElement => ({
    name,
    ...TYPES[DUMP_COLUMNS[name].type],
    repetition_type: "OPTIONAL",
  })),
];

/** Apache Parquet: what is handed over at once is a group of rows. */
export async function parquetEncoder(): Promise<DumpEncoder> {
  const { ByteWriter, ParquetWriter } = await import("./parquet.ts");
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: SCHEMA, createdBy: "query-sniper" });
  /** What was written since; places within the file go on counting. */
  const taken = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    begin: taken,
    rows(rows) {
      if (rows.length === 0) return new Uint8Array();
      const columnData = DUMP_NAMES.map((name) => ({ name, data: columnOf(rows, name) }));
      void parquet.write({ columnData, rowGroupSize: rows.length });
      return taken();
    },
    end() {
      void parquet.finish();
      return taken();
    },
  };
}

function columnOf(rows: readonly DumpRow[], name: typeof DUMP_NAMES[number]): unknown[] {
  const isTime = DUMP_COLUMNS[name].type === "time";
  return rows.map((row) => {
    const value = row[name];
    return isTime && typeof value === "bigint" ? new Date(Number(value)) : value;
  });
}
