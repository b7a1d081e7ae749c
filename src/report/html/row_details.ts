import type { EntryPoint, Report, Row } from "../model.ts";
import { dataTable } from "./data_table.ts";
import { namesText } from "./header.ts";
import { joined, type Markup, markup, type Part } from "./markup.ts";
import { subjectOf } from "./subject.ts";
import { day, dayText, figure, moment, number, percent, plural } from "./words.ts";

const NAMED_DATABASES = 40;
const LISTED_CALLERS = 10;

/** Who calls it and where, in a line. */
export function rowSummary(row: Row): Markup {
  const { databases, first_seen } = row;
  const where = databases.length === 1
    ? markup`on <b>${databases[0]!}</b>`
    : markup`on ${plural(databases.length, "database")}`;
  return markup`<span class="who">${callers(row)} ${where} · first seen ${day(first_seen)}</span>`;
}

function callers({ entry_points, kills, would_kill }: Row): Part {
  const all = kills + would_kill;
  const counts = new Map<string, number>();
  for (const point of entry_points) {
    counts.set(point.user, (counts.get(point.user) ?? 0) + point.kills + point.would_kill);
  }
  const accounts = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (accounts.length === 0) return "caller unknown,";
  const named = accounts.slice(0, 2).map(([user, count]) =>
    markup`<b>${user || "(unknown)"}</b>${all === 0 ? "" : ` ${percent(Math.min(1, count / all))}`}`
  );
  const more = accounts.length > 2 ? ` and ${number(accounts.length - 2)} more` : "";
  return markup`by ${joined(named, ", ")}${more}`;
}

/** Everything known of a row. */
export function rowDetails(report: Report, row: Row): Markup {
  const { skipped, databases, first_seen, last_seen, same_as } = row;
  const facts: readonly (readonly [string, Part])[] = [
    ...statementFacts(report, row),
    ["First seen", moment(first_seen)],
    ["Last seen", moment(last_seen)],
    ["Outcomes", outcomesText(row)],
    ["Skipped", figure(skipped)],
    ["Databases", databases.length === 0 ? "unknown" : namesText(databases, NAMED_DATABASES)],
    ...(same_as.length === 0 ? [] : [
      ["Counted with it (aliases)", joined(same_as.map((key) => markup`<code>${key}</code>`), ", ")] as const,
    ]),
    ...(row.exempt === null ? [] : [["Exempt", exemption(row)] as const]),
    ...(row.trend.length < 2 ? [] : [["Kills by period", trendText(report, row)] as const]),
  ];
  return markup`<dl class="facts">${
    facts.map(([name, value]) =>
      markup`<div>
<dt>${name}</dt>
<dd>${value}</dd>
</div>`
    )
  }</dl>
${entryPoints(row)}`;
}

function statementFacts({ by }: Report, { key, digest_text }: Row): readonly (readonly [string, Part])[] {
  if (digest_text === "" || digest_text === key) return [];
  const name = by === "digest" ? "Digest" : by === "shape" ? "Shape" : "Key";
  const text = subjectOf(by).isCode
    ? markup`<code class="statement">${digest_text}</code>`
    : markup`${digest_text}`;
  return [["Text", text], [name, markup`<code>${key || "(unknown)"}</code>`]];
}

function outcomesText({ outcomes }: Row): string {
  const named = Object.entries(outcomes).filter(([, count]) => count > 0);
  return named.length === 0 ? "none" : named.map(([name, count]) => `${name} ${number(count)}`).join(", ");
}

function exemption({ exempt }: Row): Part {
  if (exempt === null) return "";
  const { owner, reason, until, expired } = exempt;
  const end = until === null ? "without an end" : `until ${until}${expired ? ", which is over" : ""}`;
  return markup`${reason}; owner <b>${owner}</b>, ${end}`;
}

function trendText({ periods }: Report, { trend }: Row): Part {
  return markup`<span class="trend-figures">${
    joined(
      trend.map((kills, at) =>
        markup`<span>${periods[at] === undefined ? "" : dayText(periods[at].from)}: ${
          periods[at]?.looks === 0 && kills === 0 ? "no data" : figure(kills)
        }</span>`
      ),
      " ",
    )
  }</span>`;
}

function entryPoints({ entry_points, entry_points_total }: Row): Markup | string {
  if (entry_points.length === 0) return "";
  const table = dataTable({
    caption: "Who calls it",
    columns: [
      { head: "Account" },
      { head: "Host" },
      { head: "Program" },
      { head: "Tags" },
      { head: "Kills", figures: true },
      { head: "Dry run", figures: true },
    ],
    rows: entry_points.slice(0, LISTED_CALLERS).map((point) => [
      point.user || "(unknown)",
      point.host || "(unknown)",
      point.program || "–",
      tagsText(point),
      figure(point.kills),
      figure(point.would_kill),
    ]),
  });
  const more = entry_points_total - Math.min(entry_points.length, LISTED_CALLERS);
  return more <= 0 ? table : markup`${table}<p class="hint">${number(more)} more not listed.</p>`;
}

function tagsText({ tags }: EntryPoint): string {
  const named = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return named.length === 0 ? "–" : named.join(", ");
}
