import type { Mark, Report } from "../model.ts";
import { ABOVE, across, type TimeAxis } from "./axis.ts";
import { dataTable, details } from "./data_table.ts";
import { type Markup, markup } from "./markup.ts";
import { moment, momentText, plural } from "./words.ts";

/** Marks nearer to each other than this, in percent of the chart, share one sign: on a phone signs would hide each other. */
const NEAR = 9;
/** With more signs than this a phone shows their lines alone. */
const CROWDED = 6;
/** So many marks are listed under the chart; more of them on demand. */
const LISTED = 6;
/** A program that cron starts has one mark a minute: the page does not grow with them. */
const MOST = 200;

/** Marks of one place: with their numbers in the list. */
interface Sign {
  readonly place: number;
  readonly first: number;
  readonly last: number;
  readonly title: string;
}

/** What may have changed the figures, drawn into their chart. */
export function markSigns(marks: readonly Mark[], time: TimeAxis, height: number): readonly Markup[] {
  const signs = signsOf(marks.slice(0, MOST), time);
  const name = signs.length > CROWDED ? "mark crowded" : "mark";
  return signs.map(({ place, first, last, title }) => {
    const label = first === last ? `${first}` : `${first}–${last}`;
    const half = 5 + 3.5 * label.length;
    return markup`<g class="${name}">
<title>${title}</title>
<line x1="${across(place)}" x2="${across(place)}" y1="16" y2="${ABOVE + height}" />
<svg x="${across(place)}" y="0" overflow="visible">
<rect x="${-half}" width="${2 * half}" height="16" rx="8" />
<text y="12" text-anchor="middle">${label}</text>
</svg>
</g>`;
  });
}

function signsOf(marks: readonly Mark[], time: TimeAxis): readonly Sign[] {
  const signs: Sign[] = [];
  for (const [at, mark] of marks.entries()) {
    const place = time.place(mark.at);
    const title = `${momentText(mark.at)}: ${mark.text}`;
    const before = signs.at(-1);
    if (before !== undefined && place - before.place < NEAR) {
      signs[signs.length - 1] = { ...before, last: at + 1, title: `${before.title}\n${title}` };
    } else signs.push({ place, first: at + 1, last: at + 1, title });
  }
  return signs;
}

/** The marks in words, with the numbers that they have in the chart. */
export function markList({ marks }: Pick<Report, "marks">): Markup | string {
  if (marks.length === 0) return "";
  const table = dataTable({
    caption: "What may have changed the figures",
    columns: [{ head: "No." }, { head: "When (UTC)" }, { head: "What" }, { head: "Where" }, {
      head: "In words",
    }],
    rows: marks.slice(0, MOST).map(({ at, kind, database, text }, index) => [
      index + 1,
      moment(at),
      kind.replaceAll("-", " "),
      database ?? "whole program",
      text,
    ]),
  });
  const more = marks.length > MOST
    ? markup`<p>${
      plural(marks.length - MOST, "more mark")
    } not shown: <code>--format json</code> has them all.</p>`
    : "";
  if (marks.length > LISTED) {
    return markup`${details(`${plural(marks.length, "mark")} in this time`, [table, more])}`;
  }
  return markup`<ol class="marks">${
    marks.map(({ at, kind, database, text }) =>
      markup`<li><span class="kind">${kind.replaceAll("-", " ")}</span> ${moment(at)}${
        database === null ? "" : markup`, <b>${database}</b>`
      }: ${text}</li>`
    )
  }</ol>`;
}
