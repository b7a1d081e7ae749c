/** How long a step of a trace is, and how many there are: those of `src/http/fleet/trace.ts`. */
export const STEP = 5_000;
export const STEPS = 180;

/**
 * The worst value in each of the last steps. `end`: the step of the last one, counted from 1970.
 * @typedef {{ readonly values: (number | null)[], end: number }} Trace
 */

/**
 * @param {readonly (number | null)[]} values The step of `now` last.
 * @param {number} now In milliseconds since 1970.
 * @returns {Trace}
 */
export function traceOf(values, now) {
  const missing = new Array(Math.max(0, STEPS - values.length)).fill(null);
  return { values: [...missing, ...values.slice(-STEPS)], end: Math.floor(now / STEP) };
}

/**
 * Goes on to `now`, with the value there is then.
 * @param {Trace} trace
 * @param {number} now
 * @param {number | null} value
 */
export function extend(trace, now, value) {
  const passed = Math.min(STEPS, Math.max(0, Math.floor(now / STEP) - trace.end));
  for (let n = 0; n < passed; n++) {
    trace.values.shift();
    trace.values.push(null);
  }
  trace.end += passed === STEPS ? Math.floor(now / STEP) - trace.end : passed;
  const last = trace.values.length - 1;
  const before = trace.values[last] ?? null;
  if (value !== null && (before === null || value > before)) trace.values[last] = value;
}

/**
 * The top of a drawing: what is in it and its limit, with some room above.
 * @param {Trace} trace
 * @param {number | undefined} limit
 */
export function topOf({ values }, limit) {
  const most = values.reduce((/** @type {number} */ top, value) => Math.max(top, value ?? 0), limit ?? 0);
  return most === 0 ? 1 : most * 1.15;
}

/**
 * The lines of a trace as a path, with gaps where nothing is known. A value alone is a short dash.
 * @param {Trace} trace
 * @param {{ readonly top: number, readonly height: number }} drawing
 */
export function pathOf({ values }, { top, height }) {
  let path = "";
  let isDrawing = false;
  values.forEach((value, x) => {
    if (value !== null) {
      const y = (height - (value / top) * height).toFixed(1);
      path += isDrawing ? `L${x} ${y}` : `M${x - 0.5} ${y}L${x} ${y}`;
    }
    isDrawing = value !== null;
  });
  return path;
}
