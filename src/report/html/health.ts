// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import type { HealthPoint, Report } from "../model.ts";
import {
  ABOVE,
  across,
  hatched,
  lagAxis,
  plot,
  px,
  type Span,
  type TimeAxis,
  timeAxis,
  type ValueAxis,
  valueAxis,
} from "./axis.ts";
import { dataTable, details } from "./data_table.ts";
import { type Markup, markup } from "./markup.ts";
import { duration, figure, lengthOf, momentText, number, plural } from "./words.ts";

const HEIGHT = 120;
/** The strip under the line, in which the kills are. */
const STRIP = 26;
/** A line is drawn in this many units from left to right, and stretched. */
const WIDE = 1000;

/** What the databases suffered from, and the kills meanwhile. */
export function healthSection(report: Report): Markup {
  const { health } = report;
  const known = health.filter(({ lag_s, hll }) => lag_s !== null || hll !== null);
  if (known.length === 0) {
    return markup`<section aria-labelledby="health">
<h2 id="health">Lag and history list</h2>
<p class="empty">Unknown: neither was read in this time.</p>
</section>`;
  }
  return markup`<section aria-labelledby="health"><h2 id="health">Lag and history list</h2>
<p class="hint">The most over all databases at each time, and the kills below it on the same time line. A line that breaks off: unknown; hatched: no looks.</p>
<div class="pair">${lagFigure(report)}${historyFigure(report)}</div>
${details("The figures of these charts", tableOf(health))}
</section>`;
}

function lagFigure(report: Report): Markup {
  const values = report.health.map(({ lag_s }) => lag_s);
  return seriesFigure(report, {
    name: "Replication lag",
    values,
    axis: lagAxis(known(values), HEIGHT),
    write: (seconds) => duration(seconds * 1000),
    className: "lag",
  });
}

function historyFigure(report: Report): Markup {
  const values = report.health.map(({ hll }) => hll);
  return seriesFigure(report, {
    name: "History list length",
    values,
    axis: valueAxis(known(values), { height: HEIGHT }),
    write: number,
    className: "history",
  });
}

interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly axis: ValueAxis;
  readonly write: (value: number) => string;
  readonly className: string;
}

function seriesFigure(report: Report, series: Series): Markup {
  const { health } = report;
  const { name, values, axis, className } = series;
  if (known(values).length === 0) {
    return markup`<figure>
<figcaption>${name}</figcaption>
<p class="empty">Unknown in this time.</p>
</figure>`;
  }
  const time = timeAxis(report);
  const spans = health.map(({ at }, index) => ({ from: at, to: health[index + 1]?.at ?? report.to }));
  const blank = report.gaps.filter(({ databases }) => databases === null);
  const drawn = [
    ...blank.map((gap) =>
      hatched(time, gap, { height: HEIGHT + STRIP, title: `No looks for ${lengthOf(gap)}` })
    ),
    ...killStrip(health, spans, time),
    markup`<svg class="${className}" x="0" y="0" width="100%" height="${
      ABOVE +
      HEIGHT
    }" viewBox="0 0 ${WIDE} ${ABOVE + HEIGHT}"
        preserveAspectRatio="none">
<path d="${pathOf(values, spans, { time, axis })}" />
</svg>`,
  ];
  const withStrip = { ...axis, height: HEIGHT + STRIP };
  return markup`<figure><figcaption>${name}</figcaption>${
    plot({ label: inWords(series, health), time, values: withStrip, drawn })
  }</figure>`;
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null);
}

/** A line with a step at each point; it breaks off where the value is unknown. */
function pathOf(
  values: readonly (number | null)[],
  spans: readonly Span[],
  { time, axis }: { readonly time: TimeAxis; readonly axis: ValueAxis },
): string {
  const corners = spans.flatMap(({ from, to }, at) => {
    const value = values[at] ?? null;
    return [from, to].map((iso) => ({ x: time.place(iso) * WIDE / 100, value }));
  });
  const path = line<typeof corners[number]>()
    .defined(({ value }) => value !== null)
    .x(({ x }) => x)
    .y(({ value }) => axis.top(value ?? 0))
    .digits(1);
  return path([...corners]) ?? "";
}

/** Each time with kills is a bar in the strip, and a band behind the line. */
function killStrip(
  health: readonly HealthPoint[],
  spans: readonly Span[],
  time: TimeAxis,
): readonly Markup[] {
  const most = health.reduce((a, { kills }) => Math.max(a, kills), 1);
  const bottom = ABOVE + HEIGHT + STRIP;
  return health.flatMap(({ at, kills }, index) => {
    if (kills === 0) return [];
    const from = time.place(at);
    const place = markup`x="${across(from)}" width="${across(time.place(spans[index]!.to) - from)}"`;
    const high = Math.max(4, (STRIP - 4) * kills / most);
    return [markup`<g>
<title>${momentText(at)}: ${plural(kills, "kill")}</title>
<rect class="behind" ${place} y="${ABOVE}" height="${HEIGHT + STRIP}" />
<rect class="kills" ${place} y="${px(bottom - high)}" height="${px(high)}" />
</g>`];
  });
}

function inWords({ name, values, write }: Series, health: readonly HealthPoint[]): string {
  const most = known(values).reduce((a, b) => Math.max(a, b));
  const at = health[values.indexOf(most)]!.at;
  const unknown = values.length - known(values).length;
  const kills = health.reduce((sum, point) => sum + point.kills, 0);
  return `${name}: at most ${write(most)}, at ${momentText(at)}${
    unknown === 0 ? "" : `; unknown at ${number(unknown)} of ${number(values.length)} points`
  }; ${plural(kills, "kill")} in the time shown. The table below has all figures`;
}

function tableOf(health: readonly HealthPoint[]): Markup {
  return dataTable({
    caption: "Lag, history list and kills; times in UTC",
    className: "",
    columns: [
      { head: "Since" },
      { head: "Most lag", figures: true },
      { head: "Longest history list", figures: true },
      { head: "Kills", figures: true },
    ],
    rows: health.map(({ at, lag_s, hll, kills }) => [
      momentText(at),
      figure(lag_s, (seconds) => duration(seconds * 1000)),
      figure(hll),
      figure(kills),
    ]),
  });
}
