import type { Change, Report } from "../model.ts";
import { dataTable, details } from "./data_table.ts";
import { type Markup, markup } from "./markup.ts";
import { nameOf, type Subject, subjectOf } from "./subject.ts";
import { figure, moment, number, plural } from "./words.ts";

/** Changes of a kind that are listed. */
const LISTED = 50;

/** This period beside another one: before and after a fix. What may be chance is told on demand. */
export function comparisonSection({ by, compare }: Report): Markup | string {
  if (compare === undefined) return "";
  const subject = subjectOf(by);
  const kinds = [
    ["Worse", compare.worse],
    ["New", compare.new],
    ["Improved", compare.improved],
    ["Gone", compare.gone],
  ] as const;
  const { from, to } = compare.period;
  return markup`<section aria-labelledby="compared"><h2 id="compared">Compared with ${moment(from)} to ${
    moment(to)
  }</h2>
<p class="summary">${kinds.map(summary).join("; ")}. Counts include would-be kills of dry runs.</p>
${kinds.map(([name, changes]) => kindOfChange(name, changes, subject))}
</section>`;
}

function summary([name, changes]: readonly [string, readonly Change[]]): string {
  const certain = changes.filter((change) => change.certain).length;
  const few = certain === 0 ? ", perhaps by chance" : `, ${number(certain)} of them hardly by chance`;
  return `${number(changes.length)} ${name.toLowerCase()}${changes.length === 0 ? "" : few}`;
}

function kindOfChange(name: string, changes: readonly Change[], subject: Subject): Markup {
  const certain = changes.filter((change) => change.certain);
  const others = changes.filter((change) => !change.certain);
  const title = `${name}, perhaps by chance`;
  return markup`${certain.length === 0 ? "" : changeTable(`${name}, hardly by chance`, certain, subject)}${
    others.length === 0
      ? ""
      : details(`${title}: ${number(others.length)}`, changeTable(title, others, subject))
  }`;
}

function changeTable(title: string, changes: readonly Change[], subject: Subject): Markup {
  const table = dataTable({
    caption: `${title}: ${plural(changes.length, subject.one, subject.many)}`,
    className: "stack wide",
    columns: [
      { head: subject.one },
      { head: "Before", figures: true },
      { head: "Now", figures: true },
      { head: "In words" },
    ],
    rows: changes.slice(0, LISTED).map((change) => [
      subject.isCode ? markup`<code class="name">${nameOf(change)}</code>` : nameOf(change),
      figure(change.before),
      figure(change.now),
      change.words,
    ]),
  });
  const more = changes.length - LISTED;
  return more <= 0
    ? table
    : markup`${table}<p class="hint">${number(more)} more: <code>--format json</code> has them all.</p>`;
}
