import { Card } from "./card.js";
import { Decisions } from "./decisions.js";
import { arrange, byId, setText } from "./dom.js";
import { follow } from "./feed.js";
import { Headline } from "./headline.js";
import { Others } from "./others.js";
import { PauseDialog } from "./pause.js";
import { inOrder, isCard } from "./order.js";

/** @import { Row } from "../../stream/row.ts" */
/** @import { ShownPause } from "../../stream/pauses.ts" */
/** @import { BoardChange, BoardState, ShownEvent } from "../../stream/board.ts" */

/** @type {Map<string, Row>} */
const rows = new Map();
/** @type {Map<string, Card>} */
const cards = new Map();
/** @type {Set<string>} */
const changed = new Set();
/** Whose lines are to be drawn, those that are seen first in front. @type {Set<string>} */
const unplotted = new Set();
/** The moment of the service's clock that was heard last, and when that was by this page's own. */
let heard = { now: Date.now(), at: performance.now() };
/** @type {readonly ShownPause[]} */
let pauses = [];
/** @type {string | undefined} */
let build;
let isDue = false;
let isPlotting = false;

/** Drawing lines takes so much of a frame, in milliseconds: so many hurt databases do not stop the page. */
const SLICE = 10;

const place = byId("cards", HTMLElement);
const none = byId("none", HTMLElement);
const filter = byId("filter", HTMLInputElement);
const dialog = new PauseDialog({
  names: () => [...rows.keys()].sort((a, b) => a.localeCompare(b)),
  pauses: () => pauses,
});
const others = new Others(byId("others", HTMLDetailsElement), draw);
const decisions = new Decisions(byId("decisions-list", HTMLElement), byId("decisions-note", HTMLElement));
const headline = new Headline({
  pause: () => dialog.open("pause"),
  resume: () => dialog.open("resume"),
});

/** @param {string} name */
const pause = (name) => dialog.open("pause", name);

/** What the service's clock shows now, in milliseconds since 1970. */
function serviceNow() {
  return heard.now + performance.now() - heard.at;
}

/** @param {BoardState & { readonly build: string, readonly version: string }} state */
function takeState(state) {
  if (build !== undefined && build !== state.build) return location.reload();
  build = state.build;
  setText(byId("version", HTMLElement), state.version);
  const names = new Set(state.databases.map(({ name }) => name));
  for (const name of rows.keys()) if (!names.has(name)) rows.delete(name);
  for (const row of state.databases) {
    rows.set(row.name, row);
    begin(row, row);
  }
  decisions.begin(state.events);
}

/** @param {BoardChange} change */
function takeChange({ databases }) {
  for (const part of databases) {
    const { name } = /** @type {{ name: string }} */ (part);
    const row = rows.get(name);
    if (row === undefined) continue;
    const merged = /** @type {Record<string, unknown>} */ ({ ...row, ...part });
    for (const [key, value] of Object.entries(part)) if (value === null) delete merged[key];
    const next = /** @type {Row} */ (/** @type {unknown} */ (merged));
    rows.set(name, next);
    begin(next, part);
  }
}

/**
 * @param {Row} row
 * @param {object} news What came of it: with traces its drawings begin anew.
 */
function begin(row, news) {
  changed.add(row.name);
  if (!("traces" in news) || !isCard(row)) return;
  let card = cards.get(row.name);
  if (card === undefined) cards.set(row.name, card = new Card(row.name, pause));
  card.begin(row, heard.now);
}

function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    const now = serviceNow();
    const wanted = filter.value.trim().toLowerCase();
    const all = [...rows.values()];
    const matching = wanted === "" ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted));
    for (const name of cards.keys()) {
      const row = rows.get(name);
      if (row === undefined || !isCard(row)) cards.delete(name);
    }
    const shown = inOrder(matching.filter(isCard), place);
    for (const row of shown) {
      const card = cards.get(row.name);
      if (card !== undefined && (changed.has(row.name) || card.element.parentElement === null)) {
        card.show(row, now);
        unplotted.add(row.name);
      }
    }
    changed.clear();
    plot();
    arrange(place, shown.flatMap(({ name }) => cards.get(name)?.element ?? []));
    const well = (/** @type {Row[]} */ of) => of.filter((row) => !isCard(row));
    others.show(well(matching), {
      all: well(all).length,
      connecting: all.filter(({ standing }) => standing === "connecting").length,
      pause,
    });
    none.hidden = shown.length > 0;
    setText(
      none,
      wanted === ""
        ? "No database is hurt, and none has been in the last 10 minutes."
        : "No hurt database has such a name.",
    );
    headline.show(all, pauses);
  });
}

/** Draws lines, and goes on in the next frame. */
function plot() {
  if (isPlotting) return;
  const end = performance.now() + SLICE;
  for (const name of unplotted) {
    unplotted.delete(name);
    const row = rows.get(name);
    if (row !== undefined) cards.get(name)?.plot(row);
    if (performance.now() > end) break;
  }
  isPlotting = unplotted.size > 0;
  if (!isPlotting) return;
  requestAnimationFrame(() => {
    isPlotting = false;
    plot();
  });
}

/** What grows older without news. */
function age() {
  headline.age();
  if (headline.isStale) return;
  for (const [name, row] of rows) if (isCard(row)) changed.add(name);
  draw();
}

follow("/api/v1/stream", {
  take(event, data) {
    if (data.now !== undefined) heard = { now: Date.parse(data.now), at: performance.now() };
    if (event === "state") takeState(data);
    if (event === "change") takeChange(data);
    if (event === "events") decisions.add(data.events, data.left_out);
    pauses = data.pauses ?? pauses;
    headline.hear(data.summary);
    draw();
  },
  fail: (reason) => headline.fail(reason),
});

filter.addEventListener("input", draw);
byId("spared", HTMLInputElement).addEventListener("change", ({ target }) => {
  const { checked } = /** @type {HTMLInputElement} */ (target);
  byId("decisions-list", HTMLElement).classList.toggle("no-spared", !checked);
});
byId("decisions-box", HTMLDetailsElement).open = matchMedia("(min-width: 40rem)").matches;
setInterval(age, 1_000);
