import { element } from "../assets/dom.js";
import { TIME } from "../assets/top_line.js";
import { count, duration, plural, printable } from "../assets/words.js";
import { ageOf, capital } from "./group_words.js";

/** @import { GroupState, MoveJson } from "../../../shards/coordinator/group_state.ts" */
/** @import { Change } from "../../../shards/coordinator/change.ts" */
/** @import { Tone } from "../assets/words.js" */

const CHANGE_STEPS = ["decided", "provisioning", "preparing", "planning", "moving", "releasing"];
const MOVE_STEPS = [
  ...["requested", "prepare", "copy", "catch-up", "verify", "freeze", "flip", "keep-old", "clean"],
];

/** How many of what has ended are shown. */
const PAST = 10;

/** How many ranges of slots are named. */
const RANGES = 4;

/**
 * What is under way, and what it waits for.
 * @param {GroupState} state
 * @param {number} now
 * @returns {readonly Element[]}
 */
export function underWay(state, now) {
  const { change, moves, waits_for: waits } = state;
  const items = [
    ...change === undefined ? [] : [changeItem(change, now)],
    ...moves.map((move) => moveItem(move, now, state.paused)),
  ];
  if (items.length === 0) {
    const text = state.metadata.at === undefined
      ? "The journals were not read yet."
      : "No change and no move is under way.";
    return [element("p", { class: "empty" }, text)];
  }
  const reason = waits === undefined ? [] : [element("p", { class: "waits" }, `Waits: ${printable(waits)}`)];
  return [...reason, ...items];
}

/**
 * @param {Change} change
 * @param {number} now
 */
function changeItem(change, now) {
  const { policy, cause, step, began, changed } = change;
  return item({
    title: `Change ${printable(change.id)}: ${changeText(change)}`,
    about: `for ${duration(ageOf(began, now))}, in this step for ${duration(ageOf(changed, now))}`,
    cause: policy === undefined ? cause : cause.startsWith(`${policy}:`) ? cause : `${policy}: ${cause}`,
    ...{ steps: CHANGE_STEPS, step },
    waits: waitText(change),
  });
}

/**
 * Why a change does not go on; undefined: it does.
 * @param {Pick<Change, "step" | "reason">} change
 */
export function waitText({ step, reason }) {
  const because = reason === undefined ? "" : `: ${printable(reason)}`;
  if (step === "cancelling") return `Is being cancelled${because}`;
  return reason === undefined ? undefined : `Waits${because}`;
}

/**
 * @param {MoveJson} move
 * @param {number} now
 * @param {string | undefined} paused Why all changes are.
 */
function moveItem(move, now, paused) {
  const { from, to, slots, slot_count: slotCount, step, began, changed, cause } = move;
  return item({
    title: `Move ${printable(move.id)}: ${printable(from)} → ${printable(to)}`,
    about: `${plural(slotCount, "slot")} (${someRanges(slots)}), ${count(move.rows_copied)} rows copied, ` +
      `for ${duration(ageOf(began, now))}, in this step for ${duration(ageOf(changed, now))}`,
    ...{ cause, steps: MOVE_STEPS, step, waits: restText(move, paused) },
  });
}

/** @param {string} slots */
function someRanges(slots) {
  const ranges = slots.split(",");
  const more = ranges.length - RANGES;
  return `${ranges.slice(0, RANGES).join(", ")}${more > 0 ? ` and ${plural(more, "range")} more` : ""}`;
}

/**
 * Why a move does not go on; undefined: it does.
 * @param {MoveJson} move
 * @param {string | undefined} paused
 */
export function restText({ state, reason }, paused) {
  const because = reason === undefined ? "" : `: ${printable(reason)}`;
  if (state === "paused") return `Paused${because || ": somebody paused it, “shards resume” goes on"}`;
  if (state === "aborting") return `Is being undone${because}`;
  if (reason !== undefined) return `Rests${because}`;
  return paused === undefined ? undefined : `Rests: changes are paused: ${printable(paused)}`;
}

/**
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.about
 * @param {string} options.cause
 * @param {readonly string[]} options.steps
 * @param {string} options.step
 * @param {string | undefined} options.waits
 */
function item({ title, about, cause, steps, step, waits }) {
  const at = steps.indexOf(step);
  return element(
    "article",
    { class: waits === undefined ? "work" : "work rests" },
    element("h3", {}, title),
    waits !== undefined && element("p", { class: "waits" }, waits),
    element(
      "ol",
      { class: "steps", "aria-label": "Steps" },
      ...steps.map((each, index) =>
        element(
          "li",
          {
            class: index < at ? "done" : index === at ? "now" : undefined,
            "aria-current": index === at && "step",
          },
          each,
          index < at && element("span", { class: "aside" }, " (done)"),
        )
      ),
    ),
    element("p", { class: "about" }, capital(about)),
    cause !== "" && element("p", { class: "about" }, `Because of ${printable(cause)}`),
  );
}

/**
 * What a change does, in words.
 * @param {Change} change
 */
export function changeText({ action, source, shard }) {
  const of = source === undefined ? "" : ` ${printable(source)}`;
  const added = shard === undefined
    ? ""
    : action === "split"
    ? ` into ${printable(shard)}`
    : ` ${printable(shard)}`;
  return `${action}${of}${added}`;
}

/**
 * The changes and moves that ended last.
 * @param {GroupState} state
 * @param {number} now
 * @returns {readonly Element[]}
 */
export function past({ past_changes: changes, past_moves: moves, metadata }, now) {
  const all = [...changes.map(pastChange), ...moves.map(pastMove)]
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, PAST);
  if (all.length === 0) {
    return metadata.at === undefined ? [] : [element("p", { class: "empty" }, "Nothing has ended yet.")];
  }
  return [element("ol", { class: "past" }, ...all.map((each) => pastItem(each, now)))];
}

/** Something that has ended.
 * @typedef {{ readonly at: string, readonly word: string, readonly tone: Tone, readonly text: string, readonly reason: string | undefined }} Past
 */

/**
 * @param {Change} change
 * @returns {Past}
 */
function pastChange(change) {
  const { changed, began, outcome, reason } = change;
  const by = change.policy === undefined ? "" : `, by ${printable(change.policy)}`;
  return {
    at: changed,
    word: outcome ?? "unknown",
    tone: outcome === "done" ? "well" : outcome === "cancelled" ? "held" : "bad",
    text: `change ${printable(change.id)}: ${changeText(change)}${by}, took ${span(began, changed)}`,
    reason,
  };
}

/**
 * @param {MoveJson} move
 * @returns {Past}
 */
function pastMove(
  { id, from, to, slot_count: slots, rows_copied: rows, state, began, changed, frozen_ms: frozen, reason },
) {
  const locked = frozen === undefined ? "" : `, locked for ${duration(frozen)}`;
  return {
    at: changed,
    word: state,
    tone: state === "done" ? "well" : "bad",
    text: `move ${printable(id)}: ${plural(slots, "slot")} from ${printable(from)} to ${printable(to)}, ${
      count(rows)
    } rows${locked}, took ${span(began, changed)}`,
    reason,
  };
}

/**
 * @param {string} began
 * @param {string} ended
 */
function span(began, ended) {
  return duration(ageOf(began, Date.parse(ended)));
}

/**
 * @param {Past} past
 * @param {number} now
 */
function pastItem({ at, word, tone, text, reason }, now) {
  const moment = new Date(at);
  return element(
    "li",
    {},
    element("time", { datetime: at, title: moment.toLocaleString() }, moment.toLocaleTimeString([], TIME)),
    " ",
    element("span", { class: `verdict ${tone}` }, word),
    ` ${text}, ended ${duration(ageOf(at, now))} ago`,
    reason !== undefined && element("span", { class: "why" }, ` ${printable(reason)}`),
  );
}
