/** @import { Row } from "../../stream/row.ts" */

/** @type {readonly Row["standing"][]} */
const STANDINGS = ["hurt", "unreachable", "silent", "connecting", "recovering", "well"];

/** Those that are shown one by one. @param {Row} row */
export function isCard({ standing }) {
  return standing !== "well" && standing !== "connecting";
}

/**
 * The worst first. What is under somebody's finger, or has the focus, does not move: then the order is the one that was.
 * @param {readonly Row[]} rows
 * @param {HTMLElement} place Where they are.
 */
export function inOrder(rows, place) {
  const sorted = rows.map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => compare(a.key, b.key)).map(({ row }) => row);
  if (!place.matches(":focus-within")) return sorted;
  const before = [...place.children].map((child) => child.querySelector("h3")?.textContent);
  const rank = (/** @type {Row} */ { name }) => {
    const at = before.indexOf(name);
    return at < 0 ? before.length : at;
  };
  return sorted.sort((a, b) => rank(a) - rank(b));
}

/**
 * How bad it is: first the kind, then whether something may be killed, how far beyond a limit it is, by powers of two, so
 * that the order is calm, and since when.
 * @param {Row} row
 * @returns {readonly (number | string)[]}
 */
function keyOf({ name, standing, mode, values, limits, gates, since }) {
  const beyond = Math.max(
    ...Object.entries(values).map(([key, value]) => {
      const limit = limits[key];
      return typeof value === "number" && limit ? value / limit : 0;
    }),
    0,
  );
  const open = gates.filter(({ state }) => state === "open").map((gate) => gate.since).sort()[0] ?? since;
  return [
    STANDINGS.indexOf(standing),
    mode === "enforce" ? 0 : 1,
    standing === "hurt" ? -Math.floor(Math.log2(Math.max(beyond, 1))) : 0,
    standing === "recovering" ? "" : open,
    name,
  ];
}

/**
 * @param {readonly (number | string)[]} a
 * @param {readonly (number | string)[]} b
 */
function compare(a, b) {
  const at = a.findIndex((part, index) => part !== b[index]);
  if (at < 0) return 0;
  return /** @type {string} */ (a[at]) < /** @type {string} */ (b[at]) ? -1 : 1;
}
