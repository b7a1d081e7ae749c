import type { Problems } from "../yaml/mod.ts";

/** Collects what is wrong in a file. */
export interface Findings {
  readonly problems: Problems;
  /** What is valid, but probably a mistake. */
  readonly warnings: Problems;
}
