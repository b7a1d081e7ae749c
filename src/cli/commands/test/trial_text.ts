import { time, type TrialFailure } from "../../../testing/mod.ts";

/** A file of tests that were run. */
export interface TestedFile {
  readonly file: string;
  readonly results: readonly TrialResult[];
}

/** A test that was run. */
export interface TrialResult {
  readonly name: string;
  /** Empty if it passed. */
  readonly failures: readonly TrialFailure[];
}

/** What failed, for people. */
export function failedText(file: string, { name, failures }: TrialResult): readonly string[] {
  return [`FAILED ${file}: ${name}`, ...failures.flatMap(failureLines)];
}

/** One failure: when and what, then what was expected and found, then why. */
export function failureLines({ at, what, expected, found, why }: TrialFailure): readonly string[] {
  return [
    `  at ${time(at)}, ${what}`,
    ...labelled("expected", expected),
    ...labelled("found", found),
    ...labelled("because", why),
  ];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `    ${(index === 0 ? label : "").padEnd(10)}${line}`);
}
