import { element } from "../assets/dom.js";
import { printable } from "../assets/words.js";
import { cell, gateLine, gatesOf, listed, standing, unknownLines } from "./group_words.js";
import { colorOf } from "./strip.js";

/** @import { GateJson, GroupShard, GroupState } from "../../../shards/coordinator/group_state.ts" */
/** @import { Line } from "./group_words.js" */

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {string} name As policies have it.
 * @property {"percent" | "count"} unit
 * @property {(shard: GroupShard) => number | null} of
 */

/** @type {readonly Column[]} */
const COLUMNS = [
  { title: "Rows", name: "rows", unit: "count", of: ({ total_entries: value }) => value },
  { title: "CPU", name: "cpu", unit: "percent", of: ({ cpu_percent: value }) => value },
  { title: "Memory", name: "memory", unit: "percent", of: ({ memory_percent: value }) => value },
  { title: "Disk", name: "disk", unit: "percent", of: ({ disk_percent: value }) => value },
  { title: "QPS", name: "qps", unit: "count", of: ({ queries_per_second: value }) => value },
  { title: "Connections", name: "connections", unit: "count", of: ({ connection_count: value }) => value },
];

/** The tones by which rows are ordered, the first one first. */
const ORDER = ["bad", "held", "warn", "well", "plain"];

/**
 * The gates of policies about the whole group.
 * @param {GroupState} state
 * @param {number} now
 * @returns {readonly Line[]}
 */
export function groupGates(state, now) {
  return gatesOf(state, undefined).map((gate) => gateLine(gate, now));
}

/**
 * The shards as they are shown: what is wrong first, else in their order.
 * @param {GroupState} state
 */
export function inOrder(state) {
  const rank = (/** @type {GroupShard} */ shard) =>
    ORDER.indexOf(standing(shard, gatesOf(state, shard.shard_id)).tone);
  return state.shards.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * A line for each shard with its values, and below it what is wrong. The roles keep it a table where it is laid out as
 * something else.
 * @param {GroupState} state
 * @param {{ readonly now: number, readonly isOld: boolean }} options
 */
export function shardTable(state, options) {
  const titles = ["Shard", "Slots", ...COLUMNS.map(({ title }) => title)];
  const heads = titles.map((title, index) =>
    element("th", { scope: "col", role: "columnheader", class: index === 0 ? undefined : "figure" }, title)
  );
  return element(
    "table",
    { role: "table", class: "shards", "aria-labelledby": "shards-title" },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
    element(
      "tbody",
      { role: "rowgroup" },
      ...inOrder(state).flatMap((shard) => rowsOf(shard, state, options)),
    ),
  );
}

/**
 * @param {GroupShard} shard
 * @param {GroupState} state
 * @param {{ readonly now: number, readonly isOld: boolean }} options
 */
function rowsOf(shard, state, { now, isOld }) {
  const gates = gatesOf(state, shard.shard_id);
  const { text, tone } = standing(shard, gates, isOld);
  const notes = notesOf(shard, gates, now);
  const figures = [
    { title: "Slots", text: shard.slots === null ? "unknown" : String(shard.slots) },
    ...COLUMNS.map(({ title, of, ...column }) => ({
      title,
      text: cell(shard, { ...column, value: of(shard) }),
    })),
  ];
  const head = element(
    "tr",
    { role: "row", class: notes.length > 0 ? "noted" : undefined, "data-tone": tone },
    element(
      "th",
      { scope: "row", role: "rowheader" },
      element("span", { class: `swatch ${colorOf(state, shard.shard_id)}`, "aria-hidden": "true" }),
      element("span", { class: "name" }, printable(shard.shard_id)),
      " ",
      element("span", { class: `verdict ${tone}` }, text),
    ),
    ...figures.map(({ title, text }) =>
      element(
        "td",
        { role: "cell", class: `figure${text === "unknown" ? " none" : ""}`, "data-title": title },
        text,
      )
    ),
  );
  if (notes.length === 0) return [head];
  const list = element("ul", { class: "troubles" }, ...listed(notes));
  const cells = element("td", { role: "cell", colspan: figures.length + 1 }, list);
  return [head, element("tr", { role: "row", class: "notes", "data-tone": tone }, cells)];
}

/**
 * What is wrong with a shard, and what is not known of it.
 * @param {GroupShard} shard
 * @param {readonly GateJson[]} gates
 * @param {number} now
 * @returns {readonly Line[]}
 */
function notesOf(shard, gates, now) {
  const { status, unknown, hot_key: hotKey } = shard;
  const unknowns = unknownLines(shard, COLUMNS.map(({ name }) => name));
  if (status === "unreachable") return unknowns;
  const lines = gates.map((gate) => gateLine(gate, now, Object.values(unknown)));
  const isTold = hotKey === undefined || gates.some(({ why }) => why?.startsWith("one key has"));
  const table = printable(hotKey?.table ?? "");
  return [
    ...lines,
    ...isTold ? [] : [{
      kind: "reason",
      text: `One key has ${hotKey.percent}% of its rows, in ${table}: no split divides it`,
    }],
    ...unknowns,
  ];
}
