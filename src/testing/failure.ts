/** Something that is not as a test expects it. */
export interface TrialFailure {
  /** When, in milliseconds since the test began. */
  readonly at: number;
  /** What was asked for. */
  readonly what: string;
  /** A line each, as all texts here. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** What led to it. */
  readonly why: readonly string[];
}
