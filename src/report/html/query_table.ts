import type { Report, Row } from "../model.ts";
import { byProxyText } from "../text/sections.ts";
import { type Markup, markup } from "./markup.ts";
import { rowDetails, rowSummary } from "./row_details.ts";
import { nameOf, subjectOf } from "./subject.ts";
import { duration, figure, number, percent, plural } from "./words.ts";

/** So many rows that are first by kills are shown, and as many by share and by time wasted. */
const SHOWN = 50;

/** Every query with its figures; those that are exempt apart, expired exemptions first. */
export function queriesSection(report: Report): Markup {
  const { rows, by, no_data } = report;
  const { many } = subjectOf(by);
  const title = `${many[0]!.toUpperCase()}${many.slice(1)}`;
  const exempt = rows.filter((row) => row.exempt !== null)
    .toSorted((a, b) => Number(b.exempt!.expired) - Number(a.exempt!.expired));
  const others = rows.filter((row) => row.exempt === null);
  const none = no_data ? "No data: nothing was looked at in this time." : "None in this time.";
  return markup`<section aria-labelledby="queries"><h2 id="queries">${title}</h2>
${others.length === 0 ? markup`<p class="empty">${none}</p>` : queryTable(report, others, title)}
</section>
${
    exempt.length === 0 ? "" : markup`<section aria-labelledby="exempt"><h2 id="exempt">Exempt</h2>
<p class="hint">Their owners have said why these are let be. They count in all figures above.</p>
${queryTable(report, exempt, `Exempt ${many}`)}
</section>`
  }`;
}

function queryTable(report: Report, rows: readonly Row[], caption: string): Markup {
  const shown = firstOf(rows);
  const heads = [
    ["Rank", "figure"],
    [subjectOf(report.by).one, "text"],
    ["Trend", "figure trend-cell"],
    ...["Kills", "Dry run", "Mean", "Worst", "Wasted", "Share"].map((head) => [head, "figure"]),
  ];
  return markup`<table class="queries stack" role="table" aria-label="${caption}">
<thead role="rowgroup"><tr role="row">${
    heads.map(([head = "", name = ""]) =>
      markup`<th scope="col" role="columnheader" class="${name}">${head}</th>`
    )
  }</tr></thead>
${shown.map((row) => rowGroup(report, row))}
</table>
${notShown(rows, shown)}`;
}

/** In the order that they have; many may share a rank. */
function firstOf(rows: readonly Row[]): readonly Row[] {
  const ranks = (["kills", "share", "wasted_ms"] as const).map((by) => ({ ranks }: Row) => ranks[by]);
  const first = new Set(
    ranks.flatMap((rank) =>
      rows.filter((row) => rank(row) !== null).toSorted((a, b) => rank(a)! - rank(b)!).slice(0, SHOWN)
    ),
  );
  return rows.filter((row) => first.has(row));
}

function notShown(rows: readonly Row[], shown: readonly Row[]): Markup | string {
  if (shown.length === rows.length) return "";
  const sumOf = (some: readonly Row[]) => some.reduce((sum, { kills }) => sum + kills, 0);
  const kills = plural(sumOf(rows) - sumOf(shown), "kill");
  return markup`<p class="hint">${
    number(rows.length - shown.length)
  } more with ${kills} together are not shown: <code>--format csv</code> and <code>--format json</code> have them all.</p>`;
}

function rowGroup(report: Report, row: Row): Markup {
  const { kills, would_kill, mean_ms, worst_ms, wasted_ms, share, ranks, exempt } = row;
  const tone = exempt === null ? "" : exempt.expired ? "expired" : "exempt";
  return markup`<tbody role="rowgroup" class="${tone}">
<tr role="row">
${cell("Rank", figure(ranks.kills), "rank")}
<th scope="row" role="rowheader" class="text">${nameMarkup(report, row)}</th>
${trendCell(row)}
${cell("Kills", markup`${figure(kills)}${before(row)}`, "kills")}
${cell("Dry run", figure(would_kill))}
${cell("Mean", figure(mean_ms, duration))}
${cell("Worst", figure(worst_ms, duration))}
${cell("Wasted", markup`${figure(wasted_ms, duration)}${place(ranks.wasted_ms)}`)}
${
    cell(
      "Share",
      markup`${figure(share, percent)}${ranks.share === null ? "" : place(ranks.share)}${byProxy(row)}`,
    )
  }
</tr>
<tr role="row" class="more">
<td role="cell" colspan="9">
${badge(row)}<details><summary>${rowSummary(row)}</summary>
${rowDetails(report, row)}</details>
</td>
</tr>
</tbody>`;
}

function cell(head: string, content: Markup, name = ""): Markup {
  return markup`<td role="cell" class="figure ${name}" data-head="${head}">${content}</td>`;
}

function nameMarkup({ by }: Report, row: Row): Markup {
  const name = nameOf(row);
  return subjectOf(by).isCode
    ? markup`<code class="name">${name}</code>`
    : markup`<span class="name">${name}</span>`;
}

function badge({ exempt }: Row): Markup | string {
  if (exempt === null) return "";
  const { owner, reason, until, expired } = exempt;
  const state = expired ? "Exemption expired" : "Exempt";
  const end = until === null ? ", no end" : ` ${expired ? "on" : "until"} ${until}`;
  return markup`<div class="exemption"><span class="badge">${state}${end}</span> <span class="owner">${owner}: ${reason}</span></div>`;
}

function before({ before, kills }: Row): Markup {
  if (before === null) return markup`<span class="was">before: no data</span>`;
  if (before === 0 && kills > 0) return markup`<span class="was">before: none</span>`;
  return markup`<span class="was">before: ${figure(before)}</span>`;
}

/** By dumps of ProxySQL's digests. */
function byProxy({ by_proxy }: Row): Markup | string {
  if (by_proxy === undefined) return "";
  return markup`<span class="was">${byProxyText(by_proxy)}${
    by_proxy === null ? " executions" : ""
  } by ProxySQL</span>`;
}

function place(rank: number): Markup {
  return markup`<span class="was">rank ${number(rank)}</span>`;
}

/** Kills by period as small bars; the details have their figures. */
function trendCell({ trend }: Row): Markup {
  const most = trend.reduce((a, b) => Math.max(a, b), 0);
  const words = most === 0
    ? "no kills"
    : `at most ${plural(most, "kill")}, the last ${number(trend.at(-1)!)}`;
  const step = 100 / trend.length;
  const bars = trend.map((count, at) => {
    const high = count === 0 ? 1 : Math.max(2, 20 * count / most);
    const place = markup`x="${(at * step).toFixed(2)}" width="${(step * 0.8).toFixed(2)}"`;
    const name = count === 0 ? "none" : "kills";
    return markup`<rect class="${name}" ${place} y="${(20 - high).toFixed(1)}" height="${high.toFixed(1)}"/>`;
  });
  return cell(
    "Trend",
    markup`<svg class="trend" width="88" height="20" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="${words}">${bars}</svg>`,
    "trend-cell",
  );
}
