/** @import { Summary } from "../../stream/summary.ts" */
/** @import { Row } from "../../stream/row.ts" */
/** @import { ShownEvent } from "../../stream/board.ts" */
/** @import { Clause } from "../../../language/mod.ts" */

/**
 * How something is meant: `bad` asks for a person, `warn` for a look, `held` says that nothing is killed.
 * @typedef {"well" | "bad" | "warn" | "held" | "plain"} Tone
 */

/** @typedef {{ readonly text: string, readonly tone: Tone }} Fact */

/** The same characters as in `src/text/control.ts`: invisible ones, which could reorder or hide what is beside them. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A text as it is shown, with escapes for what would not be seen.
 * @param {unknown} text
 */
export function printable(text) {
  return String(text).replace(
    CONTROL,
    (found) =>
      found.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** @type {readonly (readonly [string, number])[]} */
const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1_000]];

/**
 * A duration by its two largest units: `42s`, `2m 13s`, `1h 5m`.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds > 0 && milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const whole = Math.floor(milliseconds / 1_000) * 1_000;
  const first = UNITS.findIndex(([, length]) => whole >= length);
  if (first < 0) return "0s";
  return UNITS.slice(first, first + 2).map(([unit, length], index) => {
    const above = index === 0 ? whole : whole % /** @type {[string, number]} */ (UNITS[first])[1];
    return { unit, figure: Math.floor(above / length) };
  }).filter(({ figure }) => figure > 0).map(({ unit, figure }) => `${figure}${unit}`).join(" ");
}

/**
 * How long ago, exact where it is short.
 * @param {number} milliseconds
 */
export function ago(milliseconds) {
  return milliseconds < 10_000
    ? `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s ago`
    : `${duration(milliseconds)} ago`;
}

/**
 * A count: `950`, `12.3k`, `1.2M`.
 * @param {number} value
 */
export function count(value) {
  for (const [unit, size] of /** @type {const} */ ([["G", 1e9], ["M", 1e6], ["k", 1e3]])) {
    if (value >= size) {
      return `${(value / size).toFixed(value < 100 * size ? 1 : 0).replace(/\.0$/, "")}${unit}`;
    }
  }
  return String(Math.round(value));
}

/**
 * A value that was read, by its name.
 * @param {string} name
 * @param {unknown} value
 */
export function reading(name, value) {
  if (typeof value !== "number") return "unknown";
  return name === "hll" ? count(value) : duration(value);
}

/**
 * @param {number} number
 * @param {string} noun
 */
export function plural(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * What holds where a comparison does not.
 * @type {Readonly<Record<string, string>>}
 */
const OPPOSITES = { "<": "≥", ">": "≤", "<=": ">", ">=": "<", "=": "≠", "!=": "=", "<>": "=" };

/**
 * A clause with the values it compared in place of its names: `lag 42s > 30s`.
 * @param {Clause} clause
 * @param {boolean} holds Whether it is true; else what is true in its place is told.
 */
export function clause({ expression, left, right, by }, holds = true) {
  const way = by === undefined ? "" : ` by ${by}`;
  const [, name, operator] = /^([\w.]+) (<=|>=|<|>|=|!=|<>) \S+$/.exec(expression) ?? [];
  if (operator !== undefined && right !== undefined) {
    return printable(`${name} ${left}${way} ${holds ? operator : OPPOSITES[operator]} ${right}`);
  }
  if (right === undefined && left === "true" && holds) return printable(`${expression}${way}`);
  const against = right === undefined || expression.endsWith(right) ? "" : ` against ${right}`;
  return printable(`${expression}: ${left}${way}${against}`);
}

/**
 * @param {readonly Clause[]} because
 * @param {boolean} [hold]
 */
export function why(because, hold) {
  return because.map((each) => clause(each, hold)).join(", ");
}

/** @param {Row} row */
export function role({ read_only }) {
  return read_only === undefined ? "" : read_only ? "read-only" : "writable";
}

/** @param {Row} row */
export function lease({ lease }) {
  if (lease === undefined) return "";
  if (lease.state === "held") return "lease: here";
  if (lease.state === "elsewhere") return `lease: ${printable(lease.holder ?? "another program")}`;
  return `no lease: ${printable(lease.reason ?? "the server cannot lock")}`;
}

/** @type {Readonly<Record<string, string>>} */
const HOLDS = {
  paused: "kills are paused",
  grace: "it has just connected, or changed its role",
  journal: "the journal cannot be written",
  lease: "another program holds the lease, or nobody knows who does",
};

/**
 * Why nothing is killed on a database now.
 * @param {NonNullable<Row["hold"]>} hold
 */
export function hold({ reason, note }) {
  return `${HOLDS[reason] ?? printable(reason)}${note === undefined ? "" : `: “${printable(note)}”`}`;
}

/** Outcomes that say that a kill has worked. */
const WORKED = new Set(["killed", "rolling-back", "retried"]);
/** Outcomes that ask for a person. */
export const FAILED = new Set(["survived", "denied", "unconfirmed"]);

/**
 * What came of a decision, in a word or two.
 * @param {ShownEvent} event
 * @returns {Fact}
 */
export function verdict(event) {
  if (event.event === "match") return { text: "matched", tone: "plain" };
  if (event.event === "gate") {
    return { text: `gate ${event.state}`, tone: event.state === "closed" ? "well" : "warn" };
  }
  if (event.event !== "kill") {
    const state = "state" in event ? event.state : "";
    const text = state.startsWith(event.event) ? state : `${event.event} ${state}`.trim();
    return { text, tone: event.level === "info" ? "plain" : "warn" };
  }
  const { outcome, reason } = event;
  if (outcome === "skipped") return { text: `spared: ${reason ?? "unknown"}`, tone: "plain" };
  if (outcome === "would-kill") return { text: "would kill", tone: "held" };
  return { text: outcome, tone: FAILED.has(outcome) ? "bad" : WORKED.has(outcome) ? "warn" : "plain" };
}

/**
 * Kills by outcome: `14 kills, 0 survived`.
 * @param {Readonly<Record<string, number>>} kills
 * @returns {Fact}
 */
export function kills(kills) {
  const sum = (/** @type {(outcome: string) => boolean} */ wanted) =>
    Object.entries(kills).reduce((all, [outcome, times]) => wanted(outcome) ? all + times : all, 0);
  const [worked, dry] = [sum((outcome) => WORKED.has(outcome)), sum((outcome) => outcome === "would-kill")];
  const survived = sum((outcome) => outcome === "survived");
  const failed = sum((outcome) => FAILED.has(outcome)) - survived;
  const made = worked + survived + failed;
  const texts = [
    ...made > 0 || dry === 0 ? [made === 0 ? "no kills" : plural(worked, "kill")] : [],
    ...made > 0 ? [`${survived} survived`] : [],
    ...failed > 0 ? [`${failed} failed`] : [],
    ...dry > 0 ? [plural(dry, "would-be kill")] : [],
  ];
  return { text: texts.join(", "), tone: survived + failed > 0 ? "bad" : "plain" };
}
