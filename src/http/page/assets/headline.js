import { byId, element, setAttribute, setText } from "./dom.js";
import { sentence } from "./sentence.js";
import { ago, duration, plural, printable } from "./words.js";

/** @import { Summary } from "../../stream/summary.ts" */
/** @import { Row } from "../../stream/row.ts" */
/** @import { ShownPause } from "../../stream/pauses.ts" */
/** @import { Fact } from "./words.js" */

/** News older than this are stale, and nothing is read aloud more often than this; in milliseconds. */
const STALE = 3_000;
const ALOUD = 10_000;

/** What ends later is told with its date; in milliseconds. */
const DAY = 86_400_000;

/** @type {Intl.DateTimeFormatOptions} */
const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

/** The first sentence, whether it is still true, and what is paused. */
export class Headline {
  /** @param {{ pause: () => void, resume: () => void }} actions */
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
    this.resumeButton = byId("resume", HTMLButtonElement);
    this.resumeButton.addEventListener("click", resume);
    this.pauseButton = byId("pause", HTMLButtonElement);
    this.pauseButton.addEventListener("click", pause);
    // What stays in sight below it has to know how high it is.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--top", `${this.top.offsetHeight}px`);
    }).observe(this.top);
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
    const since = new Date(this.heard).toLocaleTimeString([], TIME);
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

  /**
   * What is paused: what the service says, or else what was seen at the databases.
   * @param {readonly Row[]} rows
   * @param {readonly ShownPause[]} pauses
   */
  show(rows, pauses) {
    const texts = pauses.length > 0 ? pauses.map(pauseText) : seenPauses(rows);
    // Who has just resumed by keyboard is not thrown back to the top of the page.
    if (texts.length === 0 && this.banner.contains(document.activeElement)) this.pauseButton.focus();
    this.banner.hidden = texts.length === 0;
    this.resumeButton.hidden = pauses.length > 0 && pauses.every(({ by }) => by === undefined);
    while (this.bannerText.children.length > texts.length) this.bannerText.lastElementChild?.remove();
    texts.forEach((text, index) => {
      setText(this.bannerText.children[index] ?? this.bannerText.appendChild(element("p")), text);
    });
  }
}

/** @param {ShownPause} pause */
function pauseText({ database, reason, by, until }) {
  const where = database === undefined ? "on all databases" : `on ${printable(database)}`;
  const who = by === undefined ? " (the pause file: remove it to go on)" : `, by ${printable(by)}`;
  const isSoon = Date.parse(until ?? "") - Date.now() < DAY;
  const moment = until === undefined ? undefined : new Date(until);
  const end = moment &&
    (isSoon ? moment.toLocaleTimeString([], TIME) : moment.toLocaleString([], { hourCycle: "h23" }));
  return `Kills are paused ${where}: “${printable(reason)}”${who}${
    end === undefined ? "" : `, until ${end}`
  }`;
}

/**
 * The reasons that databases gave.
 * @param {readonly Row[]} rows
 */
function seenPauses(rows) {
  const paused = rows.filter(({ hold }) => hold?.reason === "paused");
  const reached = rows.filter(({ reach }) => reach === "watched");
  return [...new Set(paused.map(({ hold }) => hold?.note ?? "paused"))].slice(0, 3).map((note) => {
    const names = paused.filter(({ hold }) => (hold?.note ?? "paused") === note).map(({ name }) =>
      printable(name)
    );
    const where = names.length === reached.length
      ? "on all databases"
      : names.length > 3
      ? `on ${plural(names.length, "database")}`
      : `on ${names.join(", ")}`;
    return `Kills are paused ${where}: “${printable(note)}”`;
  });
}
