import { drawn, element, setAttribute, setText } from "./dom.js";
import { extend, pathOf, STEP, STEPS, topOf, traceOf } from "./trace.js";
import { FAILED, kills, reading } from "./words.js";

/** @import { Row } from "../../stream/row.ts" */

const HEIGHT = 44;
const MINUTES = (STEP * STEPS) / 60_000;

/** @type {Readonly<Record<string, string>>} */
const TITLES = { lag: "Lag", hll: "History" };

/** The last minutes of one value: a line, its limit, and the kills. */
export class Chart {
  /** @param {"lag" | "hll"} name */
  constructor(name) {
    this.name = name;
    this.trace = traceOf([], 0);
    this.value = element("b");
    this.limit = element("span", { class: "limit" });
    this.line = drawn("path", { class: "line" });
    this.edge = drawn("line", { class: "edge", x1: 0, x2: STEPS });
    this.ticks = drawn("g", { class: "ticks" });
    this.drawing = drawn(
      "svg",
      { viewBox: `0 0 ${STEPS} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      ...[this.edge, this.ticks, this.line],
    );
    this.element = element(
      "figure",
      { class: `chart ${name}` },
      element("figcaption", {}, `${TITLES[name]} `, this.value, " ", this.limit),
      this.drawing,
    );
  }

  /**
   * @param {readonly (number | null)[]} values
   * @param {number} now
   */
  begin(values, now) {
    this.trace = traceOf(values, now);
  }

  /**
   * Shows the value, and goes on to it.
   * @param {Row} row
   * @param {number} now Of the service, in milliseconds since 1970.
   */
  show(row, now) {
    const value = row.values[this.name];
    const limit = row.limits[this.name];
    extend(this.trace, now, typeof value === "number" && isFresh(row) ? value : null);
    setText(this.value, reading(this.name, value));
    const isOver = typeof value === "number" && limit !== undefined && value > limit;
    this.element.classList.toggle("over", isOver);
    setText(this.limit, limit === undefined ? "" : `limit ${reading(this.name, limit)}`);
  }

  /**
   * Draws the line, which takes longer than all the rest.
   * @param {Row} row
   */
  plot(row) {
    const limit = row.limits[this.name];
    const top = topOf(this.trace, limit);
    setAttribute(this.line, "d", pathOf(this.trace, { top, height: HEIGHT }));
    const edge = limit === undefined ? -9 : HEIGHT - (limit / top) * HEIGHT;
    setAttribute(this.edge, "y1", edge.toFixed(1));
    setAttribute(this.edge, "y2", edge.toFixed(1));
    this.#showTicks(row);
    setAttribute(this.drawing, "aria-label", this.#words(row));
  }

  /** @param {Row} row */
  #showTicks({ recent }) {
    const path = (/** @type {string} */ of) =>
      recent.filter(({ outcome }) => kindOf(outcome) === of)
        .map(({ at }) => STEPS - 1 - (this.trace.end - Math.floor(Date.parse(at) / STEP)))
        .filter((x, index, all) => x >= 0 && all.indexOf(x) === index)
        .map((x) => `M${x} 0V${of === "failed" ? HEIGHT : HEIGHT / 4}`).join("");
    for (const kind of ["worked", "dry", "failed"]) {
      let tick = this.ticks.querySelector(`.${kind}`);
      if (tick === null) this.ticks.append(tick = drawn("path", { class: kind }));
      setAttribute(tick, "d", path(kind));
    }
  }

  /** @param {Row} row */
  #words({ recent, limits }) {
    const known = this.trace.values.filter((value) => value !== null);
    if (known.length === 0) return `${TITLES[this.name]}: unknown in the last ${MINUTES} minutes`;
    const limit = limits[this.name];
    const outcomes = recent.map(({ outcome }) => outcome);
    const counts = Object.fromEntries(
      outcomes.map((outcome) => [outcome, outcomes.filter((other) => other === outcome).length]),
    );
    return [
      `${TITLES[this.name]} in the last ${MINUTES} minutes: now ${this.value.textContent}`,
      `most ${reading(this.name, Math.max(...known))}`,
      ...limit === undefined ? [] : [`limit ${reading(this.name, limit)}`],
      kills(counts).text,
    ].join(", ");
  }
}

/** @param {Row} row */
function isFresh({ standing }) {
  return standing !== "unreachable" && standing !== "silent";
}

/** @param {string} outcome */
function kindOf(outcome) {
  return outcome === "would-kill" ? "dry" : FAILED.has(outcome) ? "failed" : "worked";
}
