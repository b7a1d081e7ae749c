import { element } from "./dom.js";
import { duration, printable, verdict, why } from "./words.js";

/** @import { ShownEvent } from "../../stream/board.ts" */

/** So many are kept. */
const KEPT = 60;

/** Looks at the latest decisions, and what else has happened, the newest first. */
export class Decisions {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} note
   */
  constructor(list, note) {
    this.list = list;
    this.note = note;
    this.left = 0;
  }

  /** @param {readonly ShownEvent[]} events The newest last. */
  begin(events) {
    this.left = 0;
    this.list.replaceChildren();
    this.add(events, 0);
  }

  /**
   * @param {readonly ShownEvent[]} events The newest last.
   * @param {number} left How many came beside them.
   */
  add(events, left) {
    this.left += left;
    this.list.prepend(...events.slice(-KEPT).reverse().map(line));
    while (this.list.children.length > KEPT) this.list.lastElementChild?.remove();
    this.note.textContent = this.list.children.length === 0
      ? "Nothing yet since the program began."
      : this.left > 0
      ? `${this.left} more came too fast to be shown: the log and the journal have them.`
      : "";
  }
}

/** @param {ShownEvent} event */
function line(event) {
  const { text, tone } = verdict(event);
  const { database } = /** @type {{ database?: string }} */ (/** @type {unknown} */ (event));
  const at = new Date(event.at);
  const time = element(
    "time",
    { datetime: event.at, title: at.toLocaleString() },
    at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
  );
  const head = [
    time,
    ...database === undefined ? [] : [element("b", {}, printable(database))],
    element("span", { class: `verdict ${tone}` }, printable(text)),
  ];
  const kind = event.event === "kill" && event.outcome === "skipped" ? "spared" : event.event;
  if (event.event !== "kill" && event.event !== "match") {
    const words = event.event === "gate"
      ? reason(event.policy, why(event.because, event.state !== "closed"))
      : printable(withoutName(event.text ?? "", database));
    return element(
      "li",
      { "data-kind": kind },
      element("p", { class: "line" }, ...spaced(head), element("span", { class: "why" }, words)),
    );
  }
  const { statement, session } = event;
  return element(
    "li",
    { "data-kind": kind },
    element(
      "details",
      {},
      element(
        "summary",
        { class: "line" },
        ...spaced(head),
        element("span", { class: "why" }, reason(event.policy, why(event.because))),
        element("code", {}, printable(statement?.digest_text ?? "")),
      ),
      element("p", {}, element("code", {}, printable(statement?.digest_text ?? "(no statement)"))),
      element("p", {}, sessionText(session, event)),
    ),
  );
}

/** @param {readonly Node[]} nodes */
function spaced(nodes) {
  return nodes.flatMap((node) => [node, " "]);
}

/**
 * @param {string} policy
 * @param {string} because
 */
function reason(policy, because) {
  return because === "" ? printable(policy) : `${printable(policy)}, because ${because}`;
}

/**
 * The sentence of an event begins with its database, which stands before it already.
 * @param {string} text
 * @param {string | undefined} database
 */
function withoutName(text, database) {
  return database !== undefined && text.startsWith(`${database}: `) ? text.slice(database.length + 2) : text;
}

/**
 * @param {import("../../../events/mod.ts").SessionReport} session
 * @param {{ readonly action: string, readonly mode: string, readonly note?: string }} event
 */
function sessionText({ id, user, host, db, program, time_ms, idle_time_ms }, { action, mode, note }) {
  const age = time_ms !== undefined
    ? `, running for ${duration(time_ms)}`
    : idle_time_ms !== undefined
    ? `, idle for ${duration(idle_time_ms)}`
    : "";
  return printable([
    `${action}${mode === "enforce" ? "" : " (dry run)"}`,
    `session ${id} of ${user ?? "an unknown user"}@${host ?? "unknown"}${db === "" ? "" : ` in ${db}`}${age}`,
    ...program ? [`program ${program}`] : [],
    ...note ? [note] : [],
  ].join(" · "));
}
