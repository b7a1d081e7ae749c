// Charts are as wide as the page lets them: all that stands beside each other is placed in percent, and all that stands above
// each other in pixels. So their texts stay readable on a phone, and on paper.

// @ts-types="@types/d3-scale"
import { scaleLinear, scaleUtc } from "d3-scale";
import { type Markup, markup } from "./markup.ts";
import { DAY, duration, shortNumber } from "./words.ts";

/** Room above a plot for what is written on top of it, and below it for the time, in pixels. */
export const ABOVE = 24;
const BELOW = 22;

/** A stretch of time. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** Time from left to right. */
export interface TimeAxis {
  /** Where a moment is, in percent; outside the chart at its edge. */
  place(iso: string): number;
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

/** How ticks are written that are less than a day, less than a month, or more apart; January by its year. */
const FORMATS = {
  hour: new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" }),
  month: new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "short" }),
  year: new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", year: "numeric" }),
};

export function timeAxis({ from, to }: Span): TimeAxis {
  const scale = scaleUtc([new Date(from), new Date(to)], [0, 100]).clamp(true);
  const ticks = scale.ticks(8);
  const step = ticks.length < 2 ? DAY : ticks[1]!.getTime() - ticks[0]!.getTime();
  return {
    place: (iso) => scale(new Date(iso)),
    ticks: ticks.map((tick) => ({ place: scale(tick), label: FORMATS[unitOf(tick, step)].format(tick) })),
  };
}

function unitOf(tick: Date, step: number): keyof typeof FORMATS {
  if (step < DAY) return tick.getTime() % DAY === 0 ? "day" : "hour";
  if (step < 28 * DAY) return "day";
  return tick.getUTCMonth() === 0 ? "year" : "month";
}

/** Figures from the bottom to the top. */
export interface ValueAxis {
  readonly height: number;
  /** How far below the top of the chart a value is, in pixels. */
  top(value: number): number;
  readonly ticks: readonly { readonly top: number; readonly label: string }[];
}

/** @param values None of them negative; they need not be whole. */
export function valueAxis(
  values: readonly number[],
  { height, unit = 1, write = shortNumber, whole = false }: {
    readonly height: number;
    /** What `write` is given is in this many of the values' own units; ticks are round in it. */
    readonly unit?: number;
    readonly write?: (value: number) => string;
    readonly whole?: boolean;
  },
): ValueAxis {
  const most = values.reduce((a, b) => Math.max(a, b), 0) / unit;
  const scale = scaleLinear([0, most === 0 ? 1 : most], [ABOVE + height, ABOVE]).nice(3);
  const ticks = scale.ticks(3).filter((tick) => !whole || Number.isInteger(tick));
  return {
    height,
    top: (value) => scale(value / unit),
    ticks: ticks.map((tick) => ({ top: scale(tick), label: write(tick) })),
  };
}

/** An axis of lags in seconds, round in the unit that fits them. */
export function lagAxis(seconds: readonly number[], height: number): ValueAxis {
  const most = seconds.reduce((a, b) => Math.max(a, b), 0);
  const unit = most > 7200 ? 3600 : most > 120 ? 60 : 1;
  return valueAxis(seconds, {
    height,
    unit,
    write: (value) => value === 0 ? "0" : duration(value * unit * 1000),
  });
}

/** `12.34%`, as SVG has it. */
export function across(place: number): string {
  return `${Number(place.toFixed(3))}%`;
}

/** Pixels, as SVG has them. */
export function px(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** A chart: its scale at the left, and what is drawn. `label` says in words what there is to see. */
export function plot(
  { label, time, values, drawn, className = "" }: {
    readonly label: string;
    readonly time: TimeAxis;
    readonly values: ValueAxis;
    readonly drawn: readonly Markup[];
    readonly className?: string;
  },
): Markup {
  const height = ABOVE + values.height + BELOW;
  return markup`<div class="plot ${className}">
<svg class="scale" width="56" height="${height}" aria-hidden="true">${
    values.ticks.map((
      { top, label },
    ) => markup`<text x="50" y="${px(top + 4)}" text-anchor="end">${label}</text>`)
  }</svg>
<svg class="area" width="100%" height="${height}" role="img"
        aria-label="${label}">${
    values.ticks.map(({ top }) =>
      markup`<line class="grid" x1="0" x2="100%" y1="${px(top)}" y2="${px(top)}" />`
    )
  }${drawn}${timeLabels(time, ABOVE + values.height)}</svg>
</div>`;
}

/** Every second label is left out where there is little room. */
function timeLabels({ ticks }: TimeAxis, bottom: number): readonly Markup[] {
  return ticks.map(({ place, label }, at) => {
    const anchor = place < 1.5 ? "start" : place > 98.5 ? "end" : "middle";
    return markup`<g class="${at % 2 === 0 ? "tick" : "tick other"}">
<line x1="${across(place)}" x2="${across(place)}" y1="${bottom}" y2="${bottom + 4}" />
<text x="${across(place)}" y="${bottom + 17}" text-anchor="${anchor}">${label}</text>
</g>`;
  });
}

/** A stretch of time of which nothing is known. */
export function hatched(
  time: TimeAxis,
  span: Span,
  { height, title }: { readonly height: number; readonly title: string },
): Markup {
  const from = time.place(span.from);
  return markup`<rect class="no-data" x="${across(from)}" width="${
    across(
      time.place(span.to) - from,
    )
  }" y="${ABOVE}" height="${height}">
<title>${title}</title>
</rect>`;
}
