import { arrange, element, setText } from "./dom.js";
import { hold, lease, printable, reading, role } from "./words.js";

/** @import { Row } from "../../stream/row.ts" */

const HEADS = ["Database", "Role", "Lag", "History", "Mode", "Lease", ""];

/** Those that are well, or not known yet: a count, and a table on demand, which is made only then. */
export class Others {
  /**
   * @param {HTMLDetailsElement} place
   * @param {() => void} asked
   */
  constructor(place, asked) {
    this.place = place;
    this.count = element("span");
    this.body = element("tbody");
    /** @type {Map<string, HTMLTableRowElement>} */
    this.lines = new Map();
    place.append(
      element("summary", {}, this.count),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "Databases that are well" },
        element(
          "table",
          {},
          element(
            "thead",
            {},
            element(
              "tr",
              {},
              ...HEADS.map((head) =>
                element(head === "" ? "td" : "th", head === "" ? {} : { scope: "col" }, head)
              ),
            ),
          ),
          this.body,
        ),
      ),
    );
    place.addEventListener("toggle", asked);
  }

  /**
   * @param {readonly Row[]} rows
   * @param {object} options
   * @param {number} options.all How many there are with those that the filter hides.
   * @param {number} options.connecting How many of them are not known yet.
   * @param {(name: string) => void} options.pause
   */
  show(rows, { all, connecting, pause }) {
    const filtered = rows.length === all ? "" : `, ${rows.length} shown`;
    const more = connecting === 0 ? "" : `, ${connecting} connecting`;
    setText(this.count, `${all - connecting} well${more}${filtered}`);
    this.place.hidden = all === 0;
    if (!this.place.open) return;
    const names = new Set(rows.map(({ name }) => name));
    for (const name of this.lines.keys()) if (!names.has(name)) this.lines.delete(name);
    arrange(this.body, rows.map((row) => this.#line(row, pause)));
  }

  /**
   * @param {Row} row
   * @param {(name: string) => void} pause
   */
  #line(row, pause) {
    const { name, values, mode, hold: held } = row;
    let line = this.lines.get(name);
    if (line === undefined) {
      line = element(
        "tr",
        {},
        element("th", { scope: "row" }, printable(name)),
        ...HEADS.slice(1, -1).map(() => element("td")),
        element(
          "td",
          {},
          element(
            "button",
            { type: "button", class: "small", click: () => pause(name) },
            "Pause…",
            element("span", { class: "aside" }, ` ${printable(name)}`),
          ),
        ),
      );
      this.lines.set(name, line);
    }
    const texts = [
      role(row),
      "lag" in values ? reading("lag", values.lag) : "",
      "hll" in values ? reading("hll", values.hll) : "",
      `${mode === "enforce" ? "armed" : "dry run"}${held ? `, held: ${hold(held)}` : ""}`,
      lease(row).replace(/^lease: /, ""),
    ];
    const cells = [...line.children].slice(1);
    texts.forEach((text, index) => setText(/** @type {Element} */ (cells[index]), text));
    return line;
  }
}
