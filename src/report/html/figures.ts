import { OUTCOMES } from "../../policy/mod.ts";
import type { Counts, Report } from "../model.ts";
import { dataTable, details } from "./data_table.ts";
import { joined, type Markup, markup, type Part } from "./markup.ts";
import { subjectOf } from "./subject.ts";
import { duration, figure, lengthOf, number, percent, plural } from "./words.ts";

/** Accounts that are named on the first screen. */
const NAMED = 5;

interface Figure {
  readonly name: string;
  readonly of: keyof Counts;
  readonly words: (value: number) => string;
  readonly less: string;
}

/** The four figures with their change, and who calls what was killed. */
export function figuresSection(report: Report): Markup {
  const subject = subjectOf(report.by);
  const figures: readonly Figure[] = [
    { name: "Kills", of: "kills", words: number, less: "fewer" },
    { name: "Would-be kills of dry runs", of: "would_kill", words: number, less: "fewer" },
    { name: "Time wasted", of: "wasted_ms", words: duration, less: "less" },
    { name: `Different ${subject.many}`, of: "distinct", words: number, less: "fewer" },
  ];
  return markup`<section aria-labelledby="in-short"><h2 id="in-short">In short</h2>
<dl class="figures">${figures.map((each) => card(report, each))}</dl>
${callers(report)}
${outcomes(report)}
</section>`;
}

function card(report: Report, { name, of, words, less }: Figure): Markup {
  const { totals, no_data } = report;
  const value = no_data ? markup`<span class="unknown">no data</span>` : figure(totals[of], words);
  const change = no_data
    ? ""
    : markup`<dd class="change">${changeText(report, { name, of, words, less })}</dd>`;
  return markup`<div><dt>${name}</dt><dd class="value">${value}</dd>${change}</div>`;
}

function changeText(report: Report, { of, words, less }: Figure): Part {
  const { totals } = report;
  const length = `the ${lengthOf(report)} before`;
  if (totals.before === null) return `no data of ${length}`;
  const [now, before] = [totals[of], totals.before[of]];
  if (now === before) return `the same as in ${length}`;
  const part = before === 0 ? "" : ` (${signed(now / before - 1)})`;
  const [arrow, word] = now < before ? ["▼", less] : ["▲", "more"];
  const change = `${words(Math.abs(now - before))} ${word}${part}`;
  const was = `${before === 0 ? "none" : words(before)} in ${length}`;
  return markup`<span class="arrow" aria-hidden="true">${arrow}</span> ${change},<br>${was}`;
}

/** A change as a part of what was before: `+12%`, `−3.4%`. */
function signed(part: number): string {
  const words = percent(Math.abs(part));
  return /^\d/.test(words) ? `${part < 0 ? "−" : "+"}${words}` : words;
}

/** "All kills come from four accounts": what to do next is often seen from that. */
function callers({ rows, totals, no_data }: Report): Markup | string {
  const all = totals.kills + totals.would_kill;
  if (no_data || all === 0) return "";
  const counts = new Map<string, number>();
  for (const { user, kills, would_kill } of rows.flatMap((row) => row.entry_points)) {
    counts.set(user, (counts.get(user) ?? 0) + kills + would_kill);
  }
  const accounts = [...counts].toSorted((a, b) => b[1] - a[1]);
  const listed = accounts.reduce((sum, [, count]) => sum + count, 0);
  if (listed === 0) return "";
  const named = accounts.slice(0, NAMED).map(([user, count]) =>
    markup`<b>${user || "(unknown)"}</b> ${percent(count / all)}`
  );
  const more = accounts.length > NAMED ? ` and ${number(accounts.length - NAMED)} more` : "";
  const part = listed >= all ? "All" : `At least ${percent(listed / all)} of all`;
  return markup`<p class="callers">${part} kills and would-be kills come from ${
    plural(accounts.length, "account")
  }: ${joined(named, ", ")}${more}.</p>`;
}

/** Names that no kill has as its outcome. */
const OTHERS: Readonly<Record<string, string>> = {
  "would-kill": "a dry run would have killed it",
  skipped: "selected, and not acted on for a reason",
  match: "a policy that only logs selected it",
  open: "not known yet",
};

function outcomes({ totals }: Report): Markup | string {
  const rows = Object.entries(totals.outcomes).filter(([, count]) => count > 0).toSorted((a, b) =>
    b[1] - a[1]
  );
  if (rows.length === 0) return "";
  const summary = rows.map(([name, count]) => `${name} ${number(count)}`).join(" · ");
  const table = dataTable({
    caption: "What came of the decisions",
    columns: [{ head: "Outcome" }, { head: "Times", figures: true }, { head: "Meaning" }],
    rows: rows.map(([name, count]) => [name, figure(count), meaningOf(name)]),
  });
  return markup`${details(markup`What came of them: ${summary}`, table)}`;
}

function meaningOf(name: string): string {
  const kill = Object.entries(OUTCOMES).find(([outcome]) => outcome === name);
  return kill?.[1].meaning ?? OTHERS[name] ?? "";
}
