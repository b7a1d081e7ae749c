import {
  columnsOf,
  coverageLines,
  entryPointsText,
  exemptText,
  figures,
  lists,
  outcomesText,
  partedRows,
  type Report,
  type Row,
} from "../../../report/mod.ts";
import { columns } from "../../columns.ts";
import { paragraph } from "../../table.ts";
import { shortened } from "../../../text/nearest.ts";

/** How many rows the table has: the first ones are those that matter. */
const MOST_ROWS = 20;

/** A report for people, in lines. */
export function reportText(report: Report): readonly string[] {
  const { own, exempt } = partedRows(report);
  const [first = "", ...covered] = coverageLines(report);
  return [
    first,
    ...covered.flatMap((line) => paragraph(line, "  ")),
    "",
    ...columns(figures(report).map(([name, now, before]) => [`  ${name}`, now, `before: ${before}`])),
    ...paragraph(`outcomes: ${outcomesText(report.totals.outcomes)}`, "  "),
    ...rowsText(report, own, { of: entryPointsText, prefix: "called by " }),
    ...exempt.length === 0
      ? []
      : ["", "exempt, and counted all the same", ...rowsText(report, exempt, { of: exemptText, prefix: "" })],
    ...lists(report).flatMap((
      [title, lines],
    ) => ["", title, ...lines.flatMap((line) => paragraph(line, "  "))]),
  ];
}

/** Each row, and below it a line with what else there is to say. */
function rowsText(
  report: Report,
  rows: readonly Row[],
  { of, prefix }: { readonly of: (row: Row) => string; readonly prefix: string },
): readonly string[] {
  if (rows.length === 0) return [];
  const cells = columnsOf(report);
  const shown = rows.slice(0, MOST_ROWS);
  const [headings = "", ...lines] = columns([
    cells.map(({ heading }) => heading),
    ...shown.map((row) => cells.map((column) => shortened(column.of(row)))),
  ]);
  const more = rows.length - shown.length;
  return [
    "",
    headings,
    ...lines.flatMap((line, index) => [line, ...paragraph(`${prefix}${of(shown[index]!)}`, "      ")]),
    ...more > 0 ? [`and ${more} more: --format json has them all`] : [],
  ];
}
