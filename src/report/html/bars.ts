import type { PeriodCounts, Report } from "../model.ts";
import { ABOVE, across, hatched, plot, px, type TimeAxis, timeAxis, valueAxis } from "./axis.ts";
import { dataTable, details } from "./data_table.ts";
import { type Markup, markup } from "./markup.ts";
import { markList, markSigns } from "./marks.ts";
import { DAY, dayText, figure, momentText, number, plural, shortDay, shortNumber } from "./words.ts";

const HEIGHT = 170;
/** Figures stand on the bars where there are no more of them than this. */
const LABELLED = 14;

/** Kills and would-be kills over time, with what may have changed them. */
export function barsSection(report: Report): Markup {
  const { periods } = report;
  if (periods.length === 0) return markup``;
  const unit = unitOf(periods);
  const time = axisOf(periods);
  const values = valueAxis(periods.map(total), { height: HEIGHT, whole: true });
  const drawn = [
    ...periods.map((period) => bar(period, time, values.top)),
    ...markSigns(report.marks, time, HEIGHT),
    ...(periods.length > LABELLED ? [] : periods.map((period) => barLabel(period, time, values.top))),
  ];
  const className = periods.length > 8 ? "many" : "few";
  return markup`<section aria-labelledby="over-time"><h2 id="over-time">Kills by ${unit}</h2>
<figure>${legend(report)}${plot({ label: inWords(periods, unit), time, values, drawn, className })}</figure>
${markList(report)}
${details("The figures of this chart", tableOf(periods, unit), true)}
</section>`;
}

/** Where each bar can have its own, the dates stand below the bars. */
function axisOf(periods: readonly PeriodCounts[]): TimeAxis {
  const axis = timeAxis({ from: periods[0]!.from, to: periods.at(-1)!.to });
  if (periods.length > LABELLED) return axis;
  const ticks = periods.map(({ from, to }) => ({
    place: (axis.place(from) + axis.place(to)) / 2,
    label: shortDay(from),
  }));
  return { ...axis, ticks };
}

function total({ kills, would_kill }: PeriodCounts): number {
  return kills + would_kill;
}

/**
 * Nothing is known of it. Journals of the first version have kills and no looks: such a period has a figure, and is hatched
 * since there may have been more.
 */
function isBlank(period: PeriodCounts): boolean {
  return period.looks === 0 && total(period) === 0;
}

function unitOf([first]: readonly PeriodCounts[]): string {
  return Date.parse(first!.to) - Date.parse(first!.from) > DAY ? "week" : "day";
}

function legend({ totals, periods }: Report): Markup {
  const entries = [
    ["kills", "kills"],
    ...(totals.would_kill > 0 ? [["would-kill", "would-be kills of dry runs"]] : []),
    ...(periods.some(({ looks }) => looks === 0) ? [["no-data", "no data"]] : []),
  ];
  return markup`<ul class="legend">${
    entries.map(([name = "", words = ""]) =>
      markup`<li><svg width="14" height="14" aria-hidden="true"><rect class="${name}" width="14" height="14"/></svg>${words}</li>`
    )
  }</ul>`;
}

function bar(period: PeriodCounts, time: TimeAxis, top: (value: number) => number): Markup {
  const { kills, would_kill, looks } = period;
  const title = `${spanText(period)}: ${countsText(period)}`;
  const ground = looks === 0 ? hatched(time, period, { height: HEIGHT, title }) : "";
  const [from, to] = [time.place(period.from), time.place(period.to)];
  const place = markup`x="${across(from + (to - from) * 0.12)}" width="${across((to - from) * 0.76)}"`;
  const rect = (name: string, least: number, most: number) =>
    most === least
      ? ""
      : markup`<rect class="${name}" ${place} y="${px(top(most))}" height="${px(top(least) - top(most))}" />`;
  return markup`<g><title>${title}</title>${ground}${rect("kills", 0, kills)}${
    rect("would-kill", kills, kills + would_kill)
  }</g>`;
}

function barLabel(period: PeriodCounts, time: TimeAxis, top: (value: number) => number): Markup {
  const { kills, would_kill } = period;
  const place = (time.place(period.from) + time.place(period.to)) / 2;
  const text = isBlank(period)
    ? "no data"
    : would_kill === 0
    ? shortNumber(kills)
    : `${shortNumber(kills)}+${shortNumber(would_kill)}`;
  const bottom = isBlank(period) ? ABOVE + HEIGHT / 2 : top(total(period)) - 5;
  return markup`<text class="value ${isBlank(period) ? "blank" : ""}" x="${across(place)}" y="${
    px(bottom)
  }" text-anchor="middle">${text}</text>`;
}

function countsText(period: PeriodCounts): string {
  if (isBlank(period)) return "no data";
  const { kills, would_kill } = period;
  return `${plural(kills, "kill")}${would_kill === 0 ? "" : `, ${plural(would_kill, "would-be kill")}`}`;
}

function spanText({ from, to }: PeriodCounts): string {
  const length = Date.parse(to) - Date.parse(from);
  if (length === DAY && from.endsWith("T00:00:00.000Z")) return dayText(from);
  return `${momentText(from)} to ${momentText(to)}`;
}

function inWords(periods: readonly PeriodCounts[], unit: string): string {
  const known = periods.filter((period) => !isBlank(period));
  const blank = periods.length - known.length;
  const most = known.toSorted((a, b) => total(b) - total(a))[0];
  return `Bars of ${plural(periods.length, unit)}${
    blank === 0 ? "" : `, ${number(blank)} of them without data`
  }${
    most === undefined ? "" : `; the most: ${spanText(most)}, ${countsText(most)}`
  }. The table below has all figures`;
}

function tableOf(periods: readonly PeriodCounts[], unit: string): Markup {
  return dataTable({
    caption: `Kills by ${unit}, times in UTC`,
    className: "",
    columns: [
      { head: unit === "week" ? "Week" : "Day" },
      { head: "Kills", figures: true },
      { head: "Would-be kills", figures: true },
      { head: "Looks", figures: true },
    ],
    rows: periods.map((period) => [
      spanText(period),
      isBlank(period) ? "no data" : figure(period.kills),
      isBlank(period) ? "no data" : figure(period.would_kill),
      figure(period.looks),
    ]),
  });
}
