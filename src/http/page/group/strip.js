import { drawn, element } from "../assets/dom.js";
import { printable } from "../assets/words.js";

/** @import { GroupState } from "../../../shards/coordinator/group_state.ts" */

/** So many slots are in a line of the drawing, and so many colors are there. */
const [LINE, COLORS] = [128, 12];
export const SLOTS = 1_024;

/**
 * A text such as `0-511,600` as first and last slots.
 * @param {string} text
 * @returns {readonly (readonly [first: number, last: number])[]}
 */
export function rangesOf(text) {
  return text.split(",").filter((part) => part !== "").map((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return [first ?? 0, last ?? 0];
  });
}

/**
 * The parts of a range that are in one line each.
 * @param {readonly [first: number, last: number]} range
 * @returns {readonly { readonly x: number, readonly y: number, readonly width: number }[]}
 */
export function piecesOf([first, last]) {
  const pieces = [];
  for (let at = first; at <= last;) {
    const end = Math.min(last, at - at % LINE + LINE - 1);
    pieces.push({ x: at % LINE, y: Math.floor(at / LINE), width: end - at + 1 });
    at = end + 1;
  }
  return pieces;
}

/**
 * The class that has the color of a shard, the same everywhere on the page.
 * @param {GroupState} state
 * @param {string} shard
 */
export function colorOf({ shards }, shard) {
  const index = shards.findIndex(({ shard_id: id }) => id === shard);
  return index < 0 ? "color-none" : `color-${index % COLORS}`;
}

/**
 * All slots, in the color of the shard that owns each.
 * @param {GroupState} state
 * @param {boolean} isOld
 * @returns {readonly Element[]}
 */
export function strip(state, isOld) {
  const { map, moves } = state;
  if (map === undefined) return [element("p", { class: "empty" }, "The map of slots was not read yet.")];
  const owners = Object.entries(map.slots);
  const moving = moves.filter(({ from, slots }) => isOwned(map.slots[from] ?? "", slots));
  const parts = owners.map(([shard, slots]) => `${printable(shard)} ${sizeOf(slots)}`).join(", ");
  return [
    drawn(
      "svg",
      {
        class: "strip",
        viewBox: `0 0 ${LINE} ${SLOTS / LINE}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `The ${SLOTS} slots by shard: ${parts}`,
      },
      ...owners.flatMap(([shard, slots]) => bars(slots, { color: colorOf(state, shard), label: shard })),
      ...moving.flatMap(({ from, to, slots }) =>
        bars(slots, { color: colorOf(state, to), label: `${from} → ${to}`, isMoving: true })
      ),
    ),
    element(
      "p",
      { class: "legend" },
      `Slots 0 to ${SLOTS - 1}, ${LINE} in a line${
        moving.length > 0 ? "; the lower half of one that moves has the color of where it goes" : ""
      }. Map version ${map.version}${isOld ? ", not read again since" : ""}.`,
    ),
  ];
}

/**
 * @param {string} slots
 * @param {{ readonly color: string, readonly label: string, readonly isMoving?: boolean }} options
 */
function bars(slots, { color, label, isMoving = false }) {
  return rangesOf(slots).flatMap((range) =>
    piecesOf(range).map(({ x, y, width }) =>
      drawn(
        "rect",
        { class: color, x, y: y + (isMoving ? 0.45 : 0), width, height: isMoving ? 0.45 : 0.9 },
        drawn("title", {}, `${printable(label)}: slots ${range.join(" to ")}`),
      )
    )
  );
}

/** @param {string} slots */
export function sizeOf(slots) {
  return rangesOf(slots).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/**
 * Whether slots are still those of a shard; from the flip of a move on they are not.
 * @param {string} owned
 * @param {string} slots
 */
function isOwned(owned, slots) {
  const [[first] = [-1]] = rangesOf(slots);
  return rangesOf(owned).some(([from, to]) => from <= first && first <= to);
}
