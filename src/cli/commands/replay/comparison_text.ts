import { clauseText } from "../../../events/mod.ts";
import type { ComparisonReport, Difference, SideName } from "../../../recording/mod.ts";
import { decisionLines, headline, notRecordedLines } from "./rehearsal_text.ts";

/** The files that are compared. */
export type ComparedFiles = Readonly<Record<SideName, string>>;

/** How two configurations differ on one database, for people. */
export function comparisonText(
  report: ComparisonReport,
  differences: readonly Difference[],
  files: ComparedFiles,
): readonly string[] {
  const { only_old, only_new, both } = report;
  const by = (side: Difference["killed_by"]) => differences.filter(({ killed_by }) => killed_by === side);
  return [
    headline(report.new),
    `  killed only by ${files.old}: ${only_old}; only by ${files.new}: ${only_new}; by both: ${both}`,
    ...notRecorded(report, "old", files),
    ...notRecorded(report, "new", files),
    ...section(`killed only by ${files.old}`, by("old"), (difference) => whyNot(difference, files.new)),
    ...section(`killed only by ${files.new}`, by("new"), (difference) => whyNot(difference, files.old)),
    ...section("killed by both, in another way", by("both"), otherWay),
  ];
}

function notRecorded(report: ComparisonReport, side: SideName, files: ComparedFiles): readonly string[] {
  return notRecordedLines(report[side].not_recorded).map((line) => `${line} (${files[side]})`);
}

function section(
  title: string,
  differences: readonly Difference[],
  more: (difference: Difference) => string,
): readonly string[] {
  if (differences.length === 0) return [];
  // If there are two, the one of the newer configuration.
  const decisions = differences.map((difference) => difference.new ?? difference.old!);
  return ["", `  ${title}:`, ...decisionLines(decisions, (index) => [more(differences[index]!)])];
}

function whyNot({ not_killed }: Difference, file: string): string {
  const { why = "", because = [] } = not_killed ?? {};
  return `not by ${file}: ${[why, ...because.map(clauseText)].join("; ")}`;
}

function otherWay({ old }: Difference): string {
  return `before: ${old?.policy}, ${old?.action}`;
}
