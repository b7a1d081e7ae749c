import { element } from "../assets/dom.js";
import { TIME } from "../assets/top_line.js";
import { count, duration, printable, why } from "../assets/words.js";

/** @import { GateJson, GroupShard, GroupState, Source } from "../../../shards/coordinator/group_state.ts" */
/** @import { Fact } from "../assets/words.js" */

/** A line about what is wrong; `kind` is its class.
 * @typedef {{ readonly kind: string, readonly text: string }} Line */

/** Longer texts of others are cut where they are in the way. */
const SHORT = 160;

/** @param {string} text */
export function short(text) {
  return text.length <= SHORT ? text : `${text.slice(0, SHORT - 1)}…`;
}

/**
 * @param {string} at
 * @param {number} now Of the coordinator, in milliseconds since 1970.
 */
export function ageOf(at, now) {
  return Math.max(0, now - Date.parse(at));
}

/**
 * How old a part of the page is, where it is not new; undefined: it is.
 * @param {Source} source
 * @param {{ readonly now: number, readonly isOld: boolean }} options
 */
export function oldText({ at, problem }, { now, isOld }) {
  if (problem === undefined && !isOld) return undefined;
  const time = at === undefined
    ? "not read yet"
    : `of ${new Date(at).toLocaleTimeString([], TIME)}, ${duration(ageOf(at, now))} old`;
  return problem === undefined ? time : `${time}: ${printable(problem)}`;
}

/**
 * Whether a part was read longer ago than it should be.
 * @param {GroupState} state
 * @param {"looks" | "metadata"} part
 * @param {number} now
 */
export function isOld({ looks, metadata }, part, now) {
  const { at } = part === "looks" ? looks : metadata;
  return at !== undefined && ageOf(at, now) > 10_000 + (part === "looks" ? 3 * looks.interval_ms : 0);
}

/**
 * @param {readonly Line[]} lines
 * @returns {readonly HTMLElement[]}
 */
export function listed(lines) {
  return lines.map(({ kind, text }) => element("li", { class: kind }, text));
}

/** The gates of a shard, or with undefined those of the group.
 * @param {GroupState} state
 * @param {string | undefined} shard
 */
export function gatesOf({ gates }, shard) {
  return gates.filter((gate) => gate.shard === shard);
}

/** The shards that serve, or will: one that is drained is none any more.
 * @param {GroupState} state
 */
export function serving({ shards }) {
  return shards.filter(({ status }) => status !== "drained");
}

/** The names of the shards that a policy finds hot.
 * @param {GroupState} state
 */
export function hotShards({ gates }) {
  return new Set(gates.flatMap(({ shard, state }) => state === "open" && shard !== undefined ? [shard] : []));
}

/**
 * How a shard is, in a word or two.
 * @param {GroupShard} shard
 * @param {readonly GateJson[]} gates Its own.
 * @param {boolean} [wasSeen] Whether that is how it was seen some time ago.
 * @returns {Fact}
 */
export function standing(shard, gates, wasSeen = false) {
  const { text, tone } = standingNow(shard, gates);
  return wasSeen ? { text: `was ${text}`, tone: tone === "well" ? "plain" : tone } : { text, tone };
}

/**
 * @param {GroupShard} shard
 * @param {readonly GateJson[]} gates
 * @returns {Fact}
 */
function standingNow({ status, moving }, gates) {
  if (status === "unreachable") return { text: "unreachable", tone: "bad" };
  const open = gates.filter(({ state }) => state === "open");
  if (open.length > 0) {
    return open.every(({ mode }) => mode === "dry-run")
      ? { text: "hot (dry run)", tone: "held" }
      : { text: "hot", tone: "bad" };
  }
  if (status === "unknown") return { text: "not looked at yet", tone: "plain" };
  if (status === "joining") return { text: "no slots yet", tone: "plain" };
  if (status !== "healthy") return { text: status, tone: "plain" };
  if (gates.length > 0) return { text: "unknown", tone: "warn" };
  return { text: moving ? "well, moving" : "well", tone: "well" };
}

/** @param {GateJson["action"]} action */
function deed(action) {
  return action === "log" ? "it is only told" : action;
}

/**
 * What a policy does about its open gate.
 * @param {GateJson} gate
 * @param {number} now
 */
function consequence({ verdict, action, mode, why: held, for_ms: wait, since }, now) {
  const dry = mode === "dry-run" ? " (dry run)" : "";
  const no = mode === "dry-run" ? `would not ${action} now (dry run)` : `no ${action} now`;
  if (verdict === "held") return `${no}: ${printable(held ?? "unknown")}`;
  if (verdict === "acting") return `${action} is under way`;
  if (verdict === "acts") return `${action} begins`;
  if (verdict === "would") return `would ${action} (dry run)`;
  if (verdict === "tells") return deed(action);
  const left = since === undefined ? wait : wait - ageOf(since, now);
  return left > 0
    ? `${deed(action)}${dry} in ${duration(Math.max(1_000, left))}`
    : `${deed(action)}${dry} at the next look`;
}

/**
 * A gate that is not closed, with the values that decided.
 * @param {GateJson} gate
 * @param {number} now
 * @param {readonly string[]} [told] Reasons that are told beside it.
 * @returns {Line}
 */
export function gateLine(gate, now, told = []) {
  const { policy, state, since, because, by, mode } = gate;
  const name = printable(policy);
  if (state === "unknown") {
    const unknown = because.map(({ expression, left }) =>
      told.some((reason) => left.includes(reason)) ? expression : `${expression} (${left})`
    );
    return { kind: "gate unknown", text: `${name}: nobody knows whether ${printable(unknown.join(", "))}` };
  }
  const age = since === undefined ? "" : ` for ${duration(ageOf(since, now))}`;
  const values = why(because, by !== "until");
  return { kind: `gate ${mode}`, text: `${name} open${age}: ${values}; ${consequence(gate, now)}` };
}

/**
 * A value of a shard in its cell.
 * @param {GroupShard} shard
 * @param {{ readonly name: string, readonly value: number | null, readonly unit: "percent" | "count" }} column
 */
export function cell({ unknown, rows_exact: isExact, status }, { name, value, unit }) {
  if (value === null) return "unknown";
  const text = unit === "percent" ? `${Math.round(value)}%` : count(value);
  if (name in unknown || "all" in unknown) return `≥ ${text}`;
  return name === "rows" && !isExact && status !== "unknown" ? `about ${text}` : text;
}

/**
 * Why values of a shard are not known; values with one reason are told together.
 * @param {GroupShard} shard
 * @param {readonly string[]} names What is shown of it.
 * @returns {readonly Line[]}
 */
export function unknownLines({ unknown, status, total_entries: rows }, names) {
  const reasons = new Map(/** @type {[string, string[]][]} */ ([]));
  for (const [name, reason] of Object.entries(unknown)) {
    const shown = name === "rows" && rows !== null ? "more rows" : name;
    if (name === "all" || names.includes(name)) reasons.set(reason, [...reasons.get(reason) ?? [], shown]);
  }
  if (status === "unreachable") {
    const [reason = "nobody knows why"] = reasons.keys();
    return [{ kind: "reach", text: capital(printable(reason)) }];
  }
  return [...reasons].map(([reason, of]) => ({
    kind: "reason",
    text: `${of.includes("all") ? "Unknown" : `${of.join(", ")} unknown`}: ${
      printable(reason.replaceAll("`", ""))
    }`,
  }));
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
