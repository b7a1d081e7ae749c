import type { WideRow } from "./dump_column.ts";

/** Makes bytes of rows. */
export interface DumpEncoder {
  /** What stands before all rows. */
  begin(): Uint8Array;
  rows(rows: readonly WideRow[]): Uint8Array;
  /** What stands behind them. */
  end(): Uint8Array;
}
