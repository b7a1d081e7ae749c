import { kills, plural, printable } from "./words.js";

/** @import { Summary } from "../../stream/summary.ts" */
/** @import { Fact, Tone } from "./words.js" */

/**
 * What the page says first: the head, how it is meant, and the facts under it.
 * @typedef {{ readonly head: string, readonly tone: Tone, readonly facts: readonly Fact[] }} Sentence
 */

/** @type {(text: string, tone?: Tone) => Fact} */
const fact = (text, tone = "plain") => ({ text, tone });

/**
 * Answers in one sentence: is the fleet hurt, is something done about it, does that help. All but for how long ago the
 * last look was, which changes without news.
 * @param {Summary} summary
 * @returns {Sentence}
 */
export function sentence(summary) {
  const { databases, standings, held } = summary;
  const hurt = standings.hurt ?? 0;
  const unseen = (standings.unreachable ?? 0) + (standings.silent ?? 0);
  // What cannot be looked at has no word on it.
  const unpaused = databases - (held.paused ?? 0) - (standings.unreachable ?? 0) -
    (standings.connecting ?? 0);
  const isPaused = (held.paused ?? 0) > 0 && unpaused <= 0;
  const facts = [
    ...hurt > 0 && isPaused ? [fact("kills are paused", "held")] : [],
    ...hurt > 0 || isPaused ? unseenFacts(summary) : [],
    ...gateFacts(summary),
    { ...kills(summary.kills), text: `${kills(summary.kills).text} in 10 min` },
    ...heldFacts(summary, isPaused),
    armedFact(summary),
    ...leaseFacts(summary),
  ];
  if (databases === 0) return { head: "No database is watched", tone: "warn", facts: [] };
  const of = databases === 1 ? "" : ` of ${databases}`;
  const are = plural(databases, "database");
  if (hurt > 0) return { head: `${hurt}${of} ${noun(databases)} hurt`, tone: "bad", facts };
  if (isPaused) {
    return { head: `Kills are paused${databases === 1 ? "" : ` on all ${are}`}`, tone: "held", facts };
  }
  if (unseen > 0) {
    return { head: `${unseen}${of} ${noun(databases)} cannot be watched`, tone: "warn", facts };
  }
  const connecting = standings.connecting ?? 0;
  if (connecting > 0) {
    return { head: `Connecting to ${connecting}${of} ${noun(databases)}`, tone: "warn", facts };
  }
  return { head: databases === 1 ? "The database is well" : `All ${are} well`, tone: "well", facts };
}

/** @param {number} databases */
function noun(databases) {
  return databases === 1 ? "database" : "databases";
}

/** @param {Summary} summary */
function unseenFacts({ standings }) {
  const { unreachable = 0, silent = 0 } = standings;
  return [
    ...unreachable > 0 ? [fact(`${unreachable} unreachable`, "warn")] : [],
    ...silent > 0 ? [fact(`${silent} without looks`, "warn")] : [],
  ];
}

/** @param {Summary} summary */
function gateFacts({ gates: { armed, dry } }) {
  return [
    ...armed > 0 ? [fact(`${plural(armed, "armed gate")} open`, "bad")] : [],
    ...dry > 0 ? [fact(`${plural(dry, "dry-run gate")} open`, "warn")] : [],
    ...armed + dry === 0 ? [fact("no gate open")] : [],
  ];
}

/**
 * @param {Summary} summary
 * @param {boolean} isPaused All of them.
 */
function heldFacts({ held, spent }, isPaused) {
  const { paused = 0, journal = 0, grace = 0, lease = 0 } = held;
  return [
    ...paused > 0 && !isPaused ? [fact(`paused on ${paused}`, "held")] : [],
    ...journal > 0 ? [fact(`nothing killed on ${journal}: the journal cannot be written`, "bad")] : [],
    ...grace > 0 ? [fact(`in grace: ${grace}`)] : [],
    ...lease > 0 ? [fact(`without the lease: ${lease}`)] : [],
    ...spent > 0 ? [fact(`budget spent on ${spent}`, "warn")] : [],
  ];
}

/** @param {Summary} summary */
function armedFact({ databases, armed }) {
  if (armed === 0) return fact("dry run: nothing is killed", "held");
  return fact(armed === databases ? "armed" : `armed on ${armed}, dry run on ${databases - armed}`);
}

/** @param {Summary} summary */
function leaseFacts({ lease: { held, unavailable, elsewhere } }) {
  const holders = Object.entries(elsewhere).sort((a, b) => b[1] - a[1]);
  const named = holders.slice(0, 2).map(([holder, times]) => {
    const only = holders.length === 1 && held === 0 && unavailable === 0;
    return only ? printable(holder) : `${printable(holder)} (${times})`;
  });
  const more = holders.length > 2 ? [`${holders.length - 2} others`] : [];
  const here = held === 0 ? [] : [holders.length === 0 ? "here" : `here (${held})`];
  const all = [...here, ...named, ...more];
  return [
    ...all.length > 0 ? [fact(`lease: ${all.join(", ")}`)] : [],
    ...unavailable > 0 ? [fact(`no lease on ${unavailable}: the server cannot lock`, "bad")] : [],
  ];
}
