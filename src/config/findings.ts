import type { Problems } from "../yaml/mod.ts";

/** Where what is found in a file is told. */
export interface Findings {
  readonly problems: Problems;
  /** What is allowed, and hardly what was meant. */
  readonly warnings: Problems;
}
