import type { Report } from "../model.ts";
import { dataTable } from "./data_table.ts";
import { gapsInOrder, namesText } from "./header.ts";
import { type Markup, markup } from "./markup.ts";
import { day, duration, figure, lengthOf, moment, number } from "./words.ts";

/** Rows of a table; what is longer is said to be cut. */
const LISTED = 50;

/** Digests that may be the same query. */
export function proposalsSection({ proposals }: Report): Markup | string {
  if (proposals.length === 0) return "";
  const table = dataTable({
    caption: "Perhaps the same query",
    className: "stack untitled",
    columns: [
      { head: "Stopped" },
      { head: "Last seen" },
      { head: "Started" },
      { head: "First seen" },
      { head: "Why" },
    ],
    rows: proposals.slice(0, LISTED).map((each) => [
      markup`<code>${each.old}</code>`,
      day(each.stopped),
      markup`<code>${each.new}</code>`,
      day(each.started),
      each.why,
    ]),
  });
  return markup`<section aria-labelledby="same"><h2 id="same">Perhaps the same query under another digest</h2>
<p class="hint">They are counted apart until <code>aliases</code> in the configuration says that they are the same.</p>
${table}${cut(proposals.length)}</section>`;
}

/** How long gates stood open, the longest first. */
export function gatesSection({ gates }: Report): Markup | string {
  if (gates.length === 0) return "";
  const table = dataTable({
    caption: "Open gates",
    className: "stack untitled",
    columns: [
      { head: "Database" },
      { head: "Policy" },
      { head: "Times", figures: true },
      { head: "Open for", figures: true },
    ],
    rows: gates.toSorted((a, b) => b.open_ms - a.open_ms).slice(0, LISTED).map((each) => [
      each.database,
      each.policy,
      figure(each.times),
      figure(each.open_ms, duration),
    ]),
  });
  return markup`<section aria-labelledby="gates"><h2 id="gates">How long gates stood open</h2>
<p class="hint">A gate is open while its policy's <code>when</code> is true: while the database is hurt.</p>
${table}${cut(gates.length)}</section>`;
}

/** Every time without looks. */
export function gapsSection({ gaps }: Report): Markup | string {
  if (gaps.length === 0) return "";
  const table = dataTable({
    caption: "Gaps, those of the whole program first",
    className: "stack untitled",
    columns: [{ head: "From" }, { head: "To" }, { head: "Length" }, { head: "Databases" }],
    rows: gapsInOrder(gaps).slice(0, LISTED).map((gap) => [
      moment(gap.from),
      moment(gap.to),
      lengthOf(gap),
      gap.databases === null ? "all: the program made no looks" : namesText(gap.databases, 20),
    ]),
  });
  return markup`<section aria-labelledby="gaps"><h2 id="gaps">Times without looks</h2>
${table}${cut(gaps.length)}</section>`;
}

function cut(length: number): Markup | string {
  if (length <= LISTED) return "";
  return markup`<p class="hint">${
    number(length - LISTED)
  } more: <code>--format json</code> has them all.</p>`;
}
