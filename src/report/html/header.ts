import type { Gap, Report } from "../model.ts";
import { joined, type Markup, markup, type Part } from "./markup.ts";
import { subjectOf } from "./subject.ts";
import { day, dayText, figure, lengthOf, moment, number, plural } from "./words.ts";

/** Gaps that are told one by one on the first screen. */
const TOLD_GAPS = 4;
const TOLD_NAMES = 4;

/** What the report is, of which time, and how much of that time it knows. */
export function header(report: Report): Markup {
  const { from, to } = report;
  return markup`<header>
<p class="kicker">Query Sniper report</p>
<h1>${titleOf(report)}<span class="when">${day(from)} to ${day(to)}</span></h1>
<p class="covers">${coverage(report)}</p>
${filterText(report)}
${warnings(report)}
</header>`;
}

/** The page's name in a list of windows. */
export function pageTitle(report: Report): string {
  return `${titleOf(report)}, ${dayText(report.from)} to ${dayText(report.to)} - Query Sniper`;
}

function titleOf({ by }: Report): string {
  return by === "digest" ? "Killed queries" : `Killed queries by ${subjectOf(by).one}`;
}

function coverage(report: Report): Markup {
  const { from, to, looks, errors, databases, last_look } = report;
  const last = last_look === null ? "" : markup`, the last one at ${moment(last_look)}`;
  const failed = errors === 0 ? "" : markup`; ${figure(errors)} failed`;
  const made = looks === 0
    ? "no looks at any database"
    : markup`${figure(looks)} ${looks === 1 ? "look" : "looks"} at ${plural(databases, "database")}`;
  return markup`Covers ${moment(from)} to ${moment(to)} (${
    lengthOf(report)
  }, all times in UTC): ${made}${last}${failed}.`;
}

function filterText({ filter }: Report): Markup | string {
  const parts = [
    ...(filter?.database === undefined ? [] : [markup`the database <b>${filter.database}</b>`]),
    ...(filter?.policy === undefined ? [] : [markup`the policy <b>${filter.policy}</b>`]),
  ];
  return parts.length === 0 ? "" : markup`<p class="filter">Only ${joined(parts, " and ")}.</p>`;
}

/** What keeps a reader from taking the figures for the whole truth. */
function warnings({ no_data, gaps, notes }: Report): Markup | string {
  const nothing = markup`<li
      class="grave"><strong>No data:</strong> the figures are unknown, not zero.</li>`;
  const items = [
    ...(no_data ? [nothing] : gapItems(gaps)),
    ...notes.map((note) => markup`<li>${note}${/[.?!]$/.test(note) ? "" : "."}</li>`),
  ];
  return items.length === 0
    ? markup`<p class="whole">No gaps.</p>`
    : markup`<ul class="warnings" aria-label="What to know of the figures">${items}</ul>`;
}

/** Gaps of the whole program first, then the longest. */
export function gapsInOrder(gaps: readonly Gap[]): readonly Gap[] {
  const length = ({ from, to }: Gap) => Date.parse(to) - Date.parse(from);
  return gaps.toSorted((a, b) =>
    Number(a.databases !== null) - Number(b.databases !== null) || length(b) - length(a)
  );
}

function gapItems(gaps: readonly Gap[]): readonly Markup[] {
  const items = gapsInOrder(gaps).slice(0, TOLD_GAPS).map((gap) =>
    markup`<li><strong>Gap of ${lengthOf(gap)}:</strong> no looks at ${
      gap.databases === null ? "any database" : namesText(gap.databases)
    } from ${moment(gap.from)} to ${moment(gap.to)}.</li>`
  );
  if (gaps.length <= TOLD_GAPS) return items;
  const more = plural(gaps.length - TOLD_GAPS, "more gap");
  return [...items, markup`<li>${more}: <a href="#gaps">times without looks</a>.</li>`];
}

/** Names, the first few of them in full. */
export function namesText(names: readonly string[], most = TOLD_NAMES): Part {
  const shown = joined(names.slice(0, most).map((name) => markup`<b>${name}</b>`), ", ");
  return names.length <= most ? shown : [shown, ` and ${number(names.length - most)} more`];
}
