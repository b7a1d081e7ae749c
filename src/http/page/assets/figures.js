import { element } from "./dom.js";
import { STEP } from "./trace.js";
import { reading } from "./words.js";

/** @import { Chart } from "./chart.js" */

const MINUTE = 60_000;

/**
 * What the drawings of a database show, as a table: the worst values of each minute, the latest first.
 * @param {Readonly<Record<"lag" | "hll", Chart>>} charts
 */
export function figures({ lag, hll }) {
  const shown = [lag, hll].filter(({ trace }) => trace.values.some((value) => value !== null));
  const end = Math.max(...shown.map(({ trace }) => trace.end), 0);
  const perMinute = MINUTE / STEP;
  const rows = Array.from({ length: 15 }, (_, index) => {
    const last = Math.floor(end / perMinute) - index;
    const cells = shown.map(({ name, trace }) => {
      const values = trace.values.filter((value, at) =>
        value !== null && Math.floor((trace.end - trace.values.length + 1 + at) / perMinute) === last
      );
      return element(
        "td",
        {},
        values.length === 0 ? "unknown" : reading(name, Math.max(.../** @type {number[]} */ (values))),
      );
    });
    const time = new Date(last * MINUTE).toLocaleTimeString([], {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    return element("tr", {}, element("th", { scope: "row" }, time), ...cells);
  });
  const heads = shown.map(({ name }) =>
    element("th", { scope: "col" }, name === "lag" ? "Most lag" : "Longest history")
  );
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Minute"), ...heads)),
    element("tbody", {}, ...rows),
  );
}
