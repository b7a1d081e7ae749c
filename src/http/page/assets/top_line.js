import { byId, element, setAttribute, setText } from "./dom.js";
import { duration } from "./words.js";

/** @import { Fact, Tone } from "./words.js" */

/** News older than this are stale, and nothing is read aloud more often than this; in milliseconds. */
const STALE = 3_000;
const ALOUD = 10_000;

/** @type {Intl.DateTimeFormatOptions} */
export const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

/**
 * What the top of a page says: the head, how it is meant, the facts under it, and what stands before the name of the page.
 * @typedef {object} Said
 * @property {string} head
 * @property {Tone} tone
 * @property {readonly Fact[]} facts
 * @property {string} title
 * @property {string} aloud For those who hear the page.
 */

/** The top of a page: one sentence, and whether it is still true. */
export class TopLine {
  constructor() {
    this.top = byId("top", HTMLElement);
    this.head = byId("head", HTMLElement);
    this.facts = byId("facts", HTMLElement);
    this.aloud = byId("aloud", HTMLElement);
    this.name = document.title;
    this.heard = Date.now();
    this.reason = "";
    this.isStale = false;
    this.spoken = { text: "", at: -Infinity };
    // What stays in sight below it has to know how high it is.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--top", `${this.top.offsetHeight}px`);
    }).observe(this.top);
  }

  /** Something has come, at this moment. */
  hear() {
    this.heard = Date.now();
    this.reason = "";
  }

  /**
   * Says what is known, or how old it is.
   * @param {() => Said | undefined} say Undefined before anything has come.
   */
  age(say) {
    const silent = Date.now() - this.heard;
    const said = say();
    this.isStale = silent > STALE || said === undefined;
    setAttribute(
      document.body,
      "data-state",
      said === undefined ? "connecting" : this.isStale ? "stale" : "live",
    );
    if (said === undefined) {
      setText(this.head, this.reason === "" ? "Connecting…" : `No answer from Query Sniper: ${this.reason}`);
    } else if (this.isStale) this.#sayStale(silent);
    else this.#say(said);
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
    document.title = `? ${this.name}`;
    this.#speak(`No news since ${since}`);
  }

  /** @param {Said} said */
  #say({ head, tone, facts, title, aloud }) {
    setAttribute(this.top, "data-tone", tone);
    setText(this.head, head);
    this.#list(facts);
    document.title = `${title}${this.name}`;
    this.#speak(aloud);
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
}
