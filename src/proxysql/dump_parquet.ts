import type { SchemaElement } from "hyparquet";
import type { ColumnTypes, DumpType, WideRow } from "./dump_column.ts";
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

function schemaOf(columns: ColumnTypes): SchemaElement[] {
  return [
    { name: "root", num_children: columns.size },
    ...[...columns].map(([name, type]): SchemaElement => ({
      name,
      ...TYPES[type],
      repetition_type: "OPTIONAL",
    })),
  ];
}

/** Apache Parquet: what is handed over at once is a group of rows. */
export async function parquetEncoder(columns: ColumnTypes): Promise<DumpEncoder> {
  const { ByteWriter, ParquetWriter } = await import("./parquet.ts");
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: "query-sniper" });
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
      const columnData = [...columns].map(([name, type]) => ({ name, data: columnOf(rows, name, type) }));
      void parquet.write({ columnData, rowGroupSize: rows.length });
      return taken();
    },
    end() {
      void parquet.finish();
      return taken();
    },
  };
}

function columnOf(rows: readonly WideRow[], name: string, type: DumpType): unknown[] {
  return rows.map((row) => {
    const value = row[name];
    return type === "time" && typeof value === "bigint" ? new Date(Number(value)) : value;
  });
}
