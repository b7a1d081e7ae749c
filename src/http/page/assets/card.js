import { Chart } from "./chart.js";
import { arrange, element, setAttribute, setText } from "./dom.js";
import { figures } from "./figures.js";
import { ago, duration, hold, kills, lease, printable, role, why } from "./words.js";

/** @import { Row } from "../../stream/row.ts" */

/** @type {Readonly<Record<Row["standing"], string>>} */
const STANDINGS = {
  hurt: "hurt",
  unreachable: "unreachable",
  silent: "no looks",
  connecting: "connecting",
  recovering: "recovering",
  well: "well",
};

const SHOWN = /** @type {const} */ (["lag", "hll"]);

/** One database that asks for a look: what is wrong, what is done about it, and whether that helps. */
export class Card {
  /**
   * @param {string} name
   * @param {(name: string) => void} pause
   */
  constructor(name, pause) {
    this.standing = element("span", { class: "standing" });
    this.mode = element("span", { class: "mode" });
    this.about = element("p", { class: "about" });
    this.troubles = element("ul", { class: "troubles" });
    this.result = element("p", { class: "result" });
    this.charts = { lag: new Chart("lag"), hll: new Chart("hll") };
    this.plots = element("div", { class: "charts" });
    this.table = element("div", { class: "scroll" });
    this.more = element(
      "details",
      { class: "figures", toggle: () => this.#showFigures() },
      element("summary", {}, "Figures", element("span", { class: "aside" }, ` of ${printable(name)}`)),
      this.table,
    );
    this.button = element(
      "button",
      { type: "button", class: "small", click: () => pause(name) },
      "Pause…",
      element("span", { class: "aside" }, ` ${printable(name)}`),
    );
    this.element = element(
      "li",
      { class: "card" },
      element(
        "div",
        { class: "title" },
        ...[element("h3", {}, printable(name)), this.standing, this.mode, this.button],
      ),
      ...[this.about, this.troubles, this.plots],
      element("div", { class: "foot" }, this.result, this.more),
    );
  }

  /**
   * @param {Row} row
   * @param {number} now
   */
  begin(row, now) {
    for (const name of SHOWN) {
      const values = row.traces?.[name];
      if (values) this.charts[name].begin(values, now);
    }
  }

  /**
   * @param {Row} row
   * @param {number} now Of the service, in milliseconds since 1970.
   */
  show(row, now) {
    const { standing, mode, recent } = row;
    setAttribute(this.element, "data-standing", standing);
    setText(this.standing, STANDINGS[standing]);
    setAttribute(this.mode, "data-mode", mode);
    setText(this.mode, mode === "enforce" ? "armed" : "dry run");
    this.mode.hidden = standing === "unreachable";
    setText(
      this.about,
      [role(row), row.version, row.group, lease(row)].filter((text) => text).map(printable).join(" · "),
    );
    this.#showTroubles(troublesOf(row, now));
    const shown = SHOWN.filter((name) => name in row.values);
    arrange(this.plots, shown.map((name) => this.charts[name].element));
    for (const name of shown) this.charts[name].show(row, now);
    const counts = tally(recent.map(({ outcome }) => outcome));
    setText(this.result, recent.length === 0 ? "" : `${kills(counts).text} in 15 min`);
    this.result.classList.toggle("bad", kills(counts).tone === "bad");
    this.more.hidden = shown.length === 0;
    if (this.more.open) this.#showFigures();
  }

  /**
   * Draws what show() has told the charts.
   * @param {Row} row
   */
  plot(row) {
    for (const name of SHOWN) if (name in row.values) this.charts[name].plot(row);
  }

  /** @param {readonly { readonly kind: string, readonly text: string }[]} troubles */
  #showTroubles(troubles) {
    while (this.troubles.children.length > troubles.length) this.troubles.lastElementChild?.remove();
    troubles.forEach(({ kind, text }, index) => {
      const line = this.troubles.children[index] ?? this.troubles.appendChild(element("li"));
      setAttribute(line, "class", kind);
      setText(line, text);
    });
  }

  #showFigures() {
    if (this.more.open) this.table.replaceChildren(figures(this.charts));
  }
}

/**
 * What is wrong with a database, a line each.
 * @param {Row} row
 * @param {number} now
 */
function troublesOf({ standing, reason, advice, since, looked_at, gates, hold: held, budget }, now) {
  const past = (/** @type {string} */ at) => Math.max(0, now - Date.parse(at));
  const open = standing === "unreachable" ? [] : gates.filter(({ state }) => state !== "closed");
  return [
    ...standing === "unreachable"
      ? [{
        kind: "reach",
        text: `Unreachable for ${duration(past(since))}: ${printable(reason ?? "unknown")}`,
      }]
      : [],
    ...standing === "unreachable" && advice ? [{ kind: "advice", text: printable(advice) }] : [],
    ...standing === "silent"
      ? [{
        kind: "reach",
        text: looked_at ? `Its last look was ${ago(past(looked_at))}` : "No look has ended yet",
      }]
      : [],
    ...open.filter(({ because }) => because.length > 0).map((gate) => ({
      kind: gate.state === "open" ? `gate ${gate.mode}` : "gate unknown",
      text: `${printable(gate.policy)} ${gate.state} for ${duration(past(gate.since))}${
        gate.state === "open" && !gate.ready ? ", not long enough yet" : ""
      }${gate.mode === "enforce" ? "" : " (dry run)"}: ${why(gate.because)}`,
    })),
    ...standing === "recovering"
      ? gates.filter(({ state, before }) => state === "closed" && before === "open").map((gate) => ({
        kind: "gate closed",
        text: `${printable(gate.policy)} closed ${ago(past(gate.since))}: ${why(gate.because, false)}`,
      }))
      : [],
    ...held ? [{ kind: "hold", text: `Nothing is killed here now: ${hold(held)}` }] : [],
    ...budget === "spent"
      ? [{ kind: "hold", text: "Its budget of kills is spent: deciding and logging only" }]
      : [],
  ];
}

/** @param {readonly string[]} texts */
function tally(texts) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const text of texts) found[text] = (found[text] ?? 0) + 1;
  return found;
}
