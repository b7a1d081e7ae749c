import type { Skeleton } from "./skeleton.ts";

/**
 * One pass over the bytes of statements, which finds where each of them ends, and makes its skeleton. It follows the
 * rules of token.ts under the default sql_mode, but goes on behind what those functions give up on.
 */
export interface Scan {
  /** The text. Behind its `end` it has room for a byte more. */
  bytes: Uint8Array;
  end: number;
  readonly skeleton: Skeleton;
  /** Whether the statement has comments. */
  commented: boolean;
  /** Whether a string of it has a backslash before its own quote. */
  escaped: boolean;
  /** Whether it has what is likely to be part of a string under another sql_mode. */
  odd: boolean;
  /** In a version comment, which the next end mark ends. */
  version: boolean;
  /** The mark of what is open at the end of the text: a quote, or the start of a comment; "" for nothing. */
  open: "" | "'" | '"' | "`" | "#" | "/*";
  /** From here on the text can be read again with more text behind it, when that mark stands in front of it. */
  resume: number;
}
