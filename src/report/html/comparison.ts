import type { Change, Report } from "../model.ts";
import { dataTable } from "./data_table.ts";
import { type Markup, markup } from "./markup.ts";
import { nameOf, subjectOf } from "./subject.ts";
import { figure, moment, number, plural } from "./words.ts";

/** Changes of a kind that are listed. */
const LISTED = 50;

/** This period beside another one: before and after a fix. */
export function comparisonSection(report: Report): Markup | string {
  const { compare } = report;
  if (compare === undefined) return "";
  const kinds = [
    ["Worse", compare.worse],
    ["New", compare.new],
    ["Improved", compare.improved],
    ["Gone", compare.gone],
  ] as const;
  return markup`<section aria-labelledby="compared"><h2 id="compared">Compared with ${
    moment(compare.period.from)
  } to ${moment(compare.period.to)}</h2>
<p class="summary">${
    kinds.map(([name, { length }]) => `${number(length)} ${name.toLowerCase()}`).join(", ")
  }. Counts include would-be kills of dry runs.</p>
${kinds.map(([name, changes]) => changes.length === 0 ? "" : changeTable(report, name, changes))}
</section>`;
}

function changeTable({ by }: Report, name: string, changes: readonly Change[]): Markup {
  const subject = subjectOf(by);
  const sorted = changes.toSorted((a, b) => Number(b.certain) - Number(a.certain));
  const table = dataTable({
    caption: `${name}: ${plural(changes.length, subject.one, subject.many)}`,
    className: "stack wide",
    columns: [
      { head: subject.one },
      { head: "Before", figures: true },
      { head: "Now", figures: true },
      { head: "Is it chance?" },
      { head: "In words" },
    ],
    rows: sorted.slice(0, LISTED).map((change) => [
      subject.isCode ? markup`<code class="name">${nameOf(change)}</code>` : nameOf(change),
      figure(change.before),
      figure(change.now),
      change.certain ? markup`<strong>hardly</strong>` : "may be chance",
      change.words,
    ]),
  });
  const more = sorted.length - LISTED;
  return more <= 0
    ? table
    : markup`${table}<p class="hint">${number(more)} more: <code>--format json</code> has them all.</p>`;
}
