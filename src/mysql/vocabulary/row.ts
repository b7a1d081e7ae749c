import type { NameRow } from "../../language/mod.ts";
import type { Need } from "../need.ts";

/** A row of one of the lists, without the columns that are the same for the whole list. */
export type Row = Omit<NameRow, "scope" | "costly"> & {
  readonly part_of?: "replication" | "transaction" | "locks" | "holds" | "proxied";
  readonly needs?: readonly Need[];
};
