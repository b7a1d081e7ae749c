import { printable } from "../../../text/control.ts";
import { failureLines, type TestedFile, type TrialResult } from "./trial_text.ts";

/** The results in JUnit's format for CI systems. Time is simulated, so there are no durations. */
export function junitXml(files: readonly TestedFile[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="query-sniper test" ${counts(files.flatMap(({ results }) => results))}>`,
    ...files.flatMap(suite),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite({ file, results }: TestedFile): readonly string[] {
  return [
    `  <testsuite name="${escape(file)}" ${counts(results)}>`,
    ...results.flatMap((result) => testCase(file, result)),
    "  </testsuite>",
  ];
}

function testCase(file: string, { name, failures }: TrialResult): readonly string[] {
  const [first] = failures;
  const start = `    <testcase classname="${escape(file)}" name="${escape(name)}"`;
  if (first === undefined) return [`${start}/>`];
  const message = `${first.what}: expected ${first.expected.join(", ")}; found ${first.found.join(", ")}`;
  return [
    `${start}>`,
    `      <failure message="${escape(message)}" type="expectation">${
      failures.flatMap(failureLines).map(escape).join("\n")
    }</failure>`,
    "    </testcase>",
  ];
}

function counts(results: readonly TrialResult[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return `tests="${results.length}" failures="${failed}" errors="0" skipped="0"`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 cannot represent most control characters, so they are replaced. */
function escape(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
