import type { Alias, Exempt } from "../../config/mod.ts";

/** What a worker is asked of the journal. */
export interface Question {
  readonly kind: "history" | "report";
  /** The journal file. */
  readonly journal: string;
  /** The parts of the question as they were written. */
  readonly parts: Readonly<Record<string, string>>;
  /** Of a history: how many of the latest decisions. */
  readonly limit: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly exempt: readonly Exempt[];
  readonly aliases: readonly Alias[];
}

/**
 * What it answers. `found`: JSON, as a text, so that the thread that makes looks has nothing to do with it. `wrong`: the
 * question is; `failed`: the journal cannot be read.
 */
export type Answer =
  | { readonly kind: "found"; readonly json: string }
  | { readonly kind: "wrong" | "failed"; readonly message: string };
