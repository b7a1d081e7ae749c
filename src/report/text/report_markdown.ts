import type { Report, Row } from "../model.ts";
import { markdownTable, markdownText } from "./markdown.ts";
import {
  type Column,
  columnsOf,
  coverageLines,
  entryPointsText,
  exemptText,
  figures,
  lists,
  outcomesText,
  partedRows,
} from "./sections.ts";

/** How many rows a page has. */
const MOST_ROWS = 50;

/** A report as Markdown, in lines. All texts of statements and clients are escaped. */
export function reportMarkdown(report: Report): readonly string[] {
  const { own, exempt } = partedRows(report);
  const columns = columnsOf(report);
  return [
    "# What was killed",
    "",
    ...coverageLines(report).map((line) => `- ${markdownText(line)}`),
    "",
    ...markdownTable(
      [{ text: "", isNumber: false }, { text: "now", isNumber: true }, { text: "before", isNumber: true }],
      figures(report),
    ),
    "",
    `Outcomes: ${markdownText(outcomesText(report.totals.outcomes))}`,
    ...rowsTable(`By ${report.by}`, own, { columns, last: "called by", of: entryPointsText }),
    ...rowsTable("Exempt", exempt, { columns, last: "why", of: exemptText }),
    ...lists(report).flatMap(([title, lines]) => [
      "",
      `## ${markdownText(title[0]!.toUpperCase() + title.slice(1))}`,
      "",
      ...lines.map((line) => `- ${markdownText(line)}`),
    ]),
  ];
}

function rowsTable(
  title: string,
  rows: readonly Row[],
  { columns, last, of }: {
    readonly columns: readonly Column[];
    readonly last: string;
    readonly of: (row: Row) => string;
  },
): readonly string[] {
  if (rows.length === 0) return [];
  const more = rows.length - MOST_ROWS;
  return [
    "",
    `## ${markdownText(title)}`,
    "",
    ...markdownTable(
      [...columns.map(({ heading, isNumber }) => ({ text: heading, isNumber })), {
        text: last,
        isNumber: false,
      }],
      rows.slice(0, MOST_ROWS).map((row) => [...columns.map((column) => column.of(row)), of(row)]),
    ),
    ...more > 0 ? ["", `And ${more} more.`] : [],
  ];
}
