import { byId, element, setAttribute, setText } from "./dom.js";
import { sentence } from "./sentence.js";
import { ago, duration, plural, printable } from "./words.js";

/** @import { Summary } from "../../stream/summary.ts" */
/** @import { Row } from "../../stream/row.ts" */
/** @import { Fact } from "./words.js" */

/** News older than this are stale, and nothing is read aloud more often than this; in milliseconds. */
const STALE = 3_000;
const ALOUD = 10_000;

/** The first sentence, whether it is still true, and what is paused. */
export class Headline {
  /** @param {{ pause: () => void, resume: (database?: string) => void }} actions */
  constructor({ pause, resume }) {
    this.top = byId("top", HTMLElement);
    this.head = byId("head", HTMLElement);
    this.facts = byId("facts", HTMLElement);
    this.aloud = byId("aloud", HTMLElement);
    this.banner = byId("paused", HTMLElement);
    this.bannerText = byId("paused-text", HTMLElement);
    /** @type {Summary | undefined} */
    this.summary = undefined;
    this.heard = Date.now();
    this.reason = "";
    this.isStale = false;
    this.spoken = { text: "", at: -Infinity };
    /** @type {readonly Row[]} */
    this.paused = [];
    byId("pause", HTMLButtonElement).addEventListener("click", pause);
    byId("resume", HTMLButtonElement).addEventListener("click", () => {
      resume(this.paused.length === 1 && this.summary?.databases !== 1 ? this.paused[0]?.name : undefined);
    });
  }

  /** @param {Summary | undefined} summary */
  hear(summary) {
    this.heard = Date.now();
    this.reason = "";
    if (summary !== undefined) this.summary = summary;
    this.age();
  }

  /** @param {string} reason */
  fail(reason) {
    this.reason = reason;
    this.age();
  }

  /** Says what is known, and how old it is. */
  age() {
    const silent = Date.now() - this.heard;
    this.isStale = silent > STALE || this.summary === undefined;
    setAttribute(
      document.body,
      "data-state",
      this.summary === undefined ? "connecting" : this.isStale ? "stale" : "live",
    );
    if (this.summary === undefined) {
      setText(this.head, this.reason === "" ? "Connecting…" : `No answer from Query Sniper: ${this.reason}`);
      return;
    }
    if (this.isStale) this.#sayStale(silent);
    else this.#say(this.summary);
  }

  /** @param {number} silent */
  #sayStale(silent) {
    const since = new Date(this.heard).toLocaleTimeString([], { hour12: false });
    setAttribute(this.top, "data-tone", "stale");
    setText(this.head, `No news for ${duration(silent)}`);
    const why = this.reason === "" ? "" : ` (${this.reason})`;
    this.#list([{
      text: `all below is as of ${since}, and may be wrong by now; trying again${why}`,
      tone: "plain",
    }]);
    document.title = "? Query Sniper";
    this.#speak(`No news since ${since}`);
  }

  /** @param {Summary} summary */
  #say(summary) {
    const { head, tone, facts } = sentence(summary);
    setAttribute(this.top, "data-tone", tone);
    setText(this.head, head);
    const { last_look_ms: look } = summary;
    const since = Date.now() - this.heard;
    const last = look === null ? "no look yet" : `last look ${ago(look + since)}`;
    this.#list([...facts, { text: last, tone: look !== null && look + since > 10_000 ? "bad" : "plain" }]);
    const { hurt = 0 } = summary.standings;
    document.title = `${hurt > 0 ? `(${hurt} hurt) ` : tone === "well" ? "" : "! "}Query Sniper`;
    this.#speak(
      `${head}. ${facts.filter((fact) => fact.tone === "held").map(({ text }) => text).join(", ")}`,
    );
  }

  /** @param {readonly Fact[]} facts */
  #list(facts) {
    while (this.facts.children.length > facts.length) this.facts.lastElementChild?.remove();
    facts.forEach(({ text, tone }, index) => {
      const place = this.facts.children[index] ?? this.facts.appendChild(element("span"));
      setAttribute(place, "class", `fact ${tone}`);
      setText(place, text);
    });
  }

  /** @param {string} text */
  #speak(text) {
    const now = Date.now();
    if (text === this.spoken.text || now - this.spoken.at < ALOUD) return;
    this.spoken = { text, at: now };
    setText(this.aloud, text);
  }

  /** @param {readonly Row[]} rows */
  show(rows) {
    const paused = this.paused = rows.filter(({ hold }) => hold?.reason === "paused");
    this.banner.hidden = paused.length === 0;
    if (paused.length === 0) return;
    const notes = [...new Set(paused.map(({ hold }) => hold?.note ?? "paused"))];
    const where = paused.length === rows.length
      ? "on all databases"
      : paused.length > 3
      ? `on ${plural(paused.length, "database")}`
      : `on ${paused.map(({ name }) => printable(name)).join(", ")}`;
    const more = notes.length > 2 ? `, and ${notes.length - 2} more reasons` : "";
    setText(
      this.bannerText,
      `Kills are paused ${where}: ${
        notes.slice(0, 2).map((note) => `“${printable(note)}”`).join(", ")
      }${more}`,
    );
  }
}
