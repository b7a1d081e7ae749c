import type { NameRow } from "../../language/mod.ts";
import type { Need } from "../need.ts";

/** The row of a name, but for what all of its list have in common. */
export type Row = Omit<NameRow, "scope" | "costly"> & {
  readonly part_of?: "replication" | "transaction" | "locks" | "holds";
  readonly needs?: readonly Need[];
};
