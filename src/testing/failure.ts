/** A failed expectation of a test. */
export interface TrialFailure {
  /** When, in milliseconds since the test began. */
  readonly at: number;
  /** What was expected, in short. */
  readonly what: string;
  /** One line each, like all texts here. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** What led to it. */
  readonly why: readonly string[];
}
