import type { NameRow } from "../../language/mod.ts";
import type { Need } from "../need.ts";

/** The row of a name, without the columns that its whole list shares. */
export type Row = Omit<NameRow, "scope" | "costly"> & {
  readonly part_of?: "replication" | "transaction" | "locks" | "holds";
  readonly needs?: readonly Need[];
};
