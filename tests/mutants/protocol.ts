/** What comes before each line that a runner writes for this program: tests may write there too. */
export const MARK = "\u0001mutants ";

/** What a runner is told: to run tests, in their order, until one of them fails. */
export interface Run {
  /** 0: the sources as they are; then all tests are run. */
  readonly mutant: number;
  readonly tests: readonly string[];
}

/** What a runner says first. */
export interface Loaded {
  readonly tests: readonly string[];
  /** The mutants that are reached while tests are loaded. */
  readonly loaded: readonly number[];
}

/** What came of a run. */
export interface Ran {
  readonly ran: readonly RanTest[];
}

/** What came of one test. */
export interface RanTest {
  readonly name: string;
  readonly failed: boolean;
  /** The mutants that it reaches; of the sources as they are only. */
  readonly hits: readonly number[];
  readonly ms: number;
}
