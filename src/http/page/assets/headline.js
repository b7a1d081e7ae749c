import { byId, element, setText } from "./dom.js";
import { sentence } from "./sentence.js";
import { TIME, TopLine } from "./top_line.js";
import { ago, plural, printable } from "./words.js";

/** @import { Summary } from "../../stream/summary.ts" */
/** @import { Row } from "../../stream/row.ts" */
/** @import { ShownPause } from "../../stream/pauses.ts" */
/** @import { Said } from "./top_line.js" */

/** What ends later is told with its date; in milliseconds. */
const DAY = 86_400_000;

/** The first sentence, whether it is still true, and what is paused. */
export class Headline {
  /** @param {{ pause: () => void, resume: () => void }} actions */
  constructor({ pause, resume }) {
    this.line = new TopLine();
    this.banner = byId("paused", HTMLElement);
    this.bannerText = byId("paused-text", HTMLElement);
    /** @type {Summary | undefined} */
    this.summary = undefined;
    this.resumeButton = byId("resume", HTMLButtonElement);
    this.resumeButton.addEventListener("click", resume);
    this.pauseButton = byId("pause", HTMLButtonElement);
    this.pauseButton.addEventListener("click", pause);
  }

  get isStale() {
    return this.line.isStale;
  }

  /** @param {Summary | undefined} summary */
  hear(summary) {
    this.line.hear();
    if (summary !== undefined) this.summary = summary;
    this.age();
  }

  /** @param {string} reason */
  fail(reason) {
    this.line.reason = reason;
    this.age();
  }

  /** Says what is known, and how old it is. */
  age() {
    const { summary } = this;
    this.line.age(() => summary && said(summary, Date.now() - this.line.heard));
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

/**
 * @param {Summary} summary
 * @param {number} since How long ago it came, in milliseconds.
 * @returns {Said}
 */
function said(summary, since) {
  const { head, tone, facts } = sentence(summary);
  const { last_look_ms: look } = summary;
  const last = look === null ? "no look yet" : `last look ${ago(look + since)}`;
  const { hurt = 0 } = summary.standings;
  return {
    ...{ head, tone },
    facts: [...facts, { text: last, tone: look !== null && look + since > 10_000 ? "bad" : "plain" }],
    title: hurt > 0 ? `(${hurt} hurt) ` : tone === "well" ? "" : "! ",
    aloud: `${head}. ${facts.filter((fact) => fact.tone === "held").map(({ text }) => text).join(", ")}`,
  };
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
