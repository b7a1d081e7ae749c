/** Why a request got no answer. */
export const PROBLEMS = {
  refused: 400,
  not_allowed: 400,
  bad_request: 400,
  statement: 400,
  too_large: 400,
  unauthorized: 401,
  not_found: 404,
  moving: 409,
  shard_down: 503,
  map: 503,
  busy: 503,
  /** Whether a statement that writes was done is not known. */
  unknown_outcome: 503,
  deadline: 504,
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** A request that got no answer, or none for sure. */
export class RouterProblem extends Error {
  override readonly name = "RouterProblem";
  readonly code: ProblemCode;
  readonly hint: string | undefined;

  constructor(code: ProblemCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
