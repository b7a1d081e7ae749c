import { ago, duration, plural, printable } from "../assets/words.js";
import { ageOf, gatesOf, hotShards, isOld, serving, short } from "./group_words.js";

/** @import { GroupState } from "../../../shards/coordinator/group_state.ts" */
/** @import { Fact, Tone } from "../assets/words.js" */
/** @import { Said } from "../assets/top_line.js" */

/** @type {(text: string, tone?: Tone) => Fact} */
const fact = (text, tone = "plain") => ({ text, tone });

/**
 * What the page of a group says first: is something wrong, and is something done about it; then who does it.
 * @param {GroupState} state
 * @param {number} since How long ago it came, in milliseconds.
 * @returns {Said}
 */
export function groupSentence(state, since) {
  const now = Date.parse(state.now) + since;
  const [worst, ...others] = troubles(state, now);
  const work = workOf(state);
  const hot = hotShards(state).size;
  const doing = [
    ...state.paused === undefined ? [] : ["changes are paused"],
    ...work === undefined ? [] : [work.text],
  ];
  const { head, tone } = worst === undefined
    ? calm(state, work)
    : { head: [worst.head ?? worst.text, ...doing].join("; "), tone: worst.tone };
  return {
    ...{ head, tone },
    facts: [roleFact(state), ...others, ...waitFacts(state), ...policyFacts(state), lookFact(state, now)],
    title: hot > 0 ? `(${hot} hot) ` : tone === "well" ? "" : "! ",
    aloud: `${head}. ${roleFact(state).text}`,
  };
}

/**
 * What is wrong, the worst first.
 * @param {GroupState} state
 * @param {number} now
 * @returns {readonly (Fact & { readonly head?: string })[]} With a head that says more than the fact.
 */
function troubles(state, now) {
  const { looks, metadata, disagreement } = state;
  const all = serving(state);
  const lost = all.filter(({ status }) => status === "unreachable").length;
  const hot = hotShards(state).size;
  const unknown = state.gates.filter(({ state }) => state === "unknown").length;
  return [
    ...lost > 0 ? [fact(`${some(lost, all.length)} cannot be reached`, "bad")] : [],
    ...looks.problem === undefined
      ? []
      : [fact(`The shards cannot be looked at: ${text(looks.problem)}`, "bad")],
    ...metadata.problem === undefined
      ? []
      : [fact(`The map and the journals cannot be read: ${text(metadata.problem)}`, "bad")],
    ...disagreement === undefined
      ? []
      : [fact(`The map and the shards disagree: ${text(disagreement)}`, "bad")],
    ...looks.problem === undefined && isOld(state, "looks", now)
      ? [fact(`No look at the shards for ${duration(ageOf(looks.at ?? "", now))}`, "bad")]
      : [],
    ...metadata.problem === undefined && isOld(state, "metadata", now)
      ? [fact(`No answer from the metadata for ${duration(ageOf(metadata.at ?? "", now))}`, "bad")]
      : [],
    ...hot > 0 ? [fact(all.length === 1 ? "The shard is hot" : `${some(hot, all.length)} hot`, "bad")] : [],
    ...looks.at === undefined && looks.problem === undefined
      ? [fact(`Looking at ${plural(all.length, "shard")} for the first time`, "warn")]
      : [],
    ...unknown > 0 ? [unknownGates(unknown, all.length)] : [],
  ];
}

/**
 * @param {number} unknown
 * @param {number} all
 * @returns {Fact & { readonly head: string }}
 */
function unknownGates(unknown, all) {
  const text = `${plural(unknown, "gate")} unknown`;
  const head = all === 1 ? "The shard is not known to be hot" : `None of ${all} shards is known to be hot`;
  return { text, tone: "warn", head: `${head}: ${text}` };
}

/**
 * @param {number} number
 * @param {number} all
 */
function some(number, all) {
  return all === 1 ? "The shard" : `${number} of ${all} shards`;
}

/** @param {string} reason */
function text(reason) {
  return short(printable(reason));
}

/**
 * @param {GroupState} state
 * @param {Fact | undefined} work
 * @returns {Fact & { readonly head: string }}
 */
function calm(state, work) {
  const all = serving(state).length;
  const doing = work === undefined ? "" : `; ${work.text}`;
  const well = all === 1 ? "The shard is well" : `All ${all} shards well`;
  const said = state.paused !== undefined
    ? fact(`Changes are paused: “${text(state.paused)}”${doing}`, "held")
    : all === 0
    ? fact("There is no shard", "warn")
    : fact(`${well}${doing}`, work?.tone ?? "well");
  return { ...said, head: said.text };
}

/**
 * What is under way; a change and its move are one.
 * @param {GroupState} state
 * @returns {Fact | undefined}
 */
function workOf({ moves, change }) {
  const resting = moves.filter(({ state }) => state === "paused").length;
  if (resting > 0) return fact(`${plural(resting, "move")} paused`, "warn");
  if (moves.length > 0) return fact(`${plural(moves.length, "move")} under way`, "well");
  return change && fact("1 change under way", "well");
}

/** @param {GroupState} state */
function roleFact({ role, role_why: reason }) {
  if (role === "active") return fact("active: this coordinator changes the group");
  if (role === "dry-run") return fact("dry run: this coordinator changes nothing", "held");
  return fact(`standby, this coordinator changes nothing: ${text(reason ?? "unknown")}`, "held");
}

/** @param {GroupState} state */
function waitFacts({ waits_for: reason }) {
  return reason === undefined ? [] : [fact(`what is under way waits: ${text(reason)}`, "warn")];
}

/** @param {GroupState} state */
function policyFacts(state) {
  if (state.policies === 0) return [fact("no policies")];
  const open = gatesOf(state, undefined).filter(({ state }) => state === "open");
  return open.length === 0 ? [] : [fact(`${plural(open.length, "gate")} of the whole group open`, "bad")];
}

/**
 * @param {GroupState} state
 * @param {number} now
 */
function lookFact(state, now) {
  const { at } = state.looks;
  if (at === undefined) return fact("no look yet", "warn");
  return fact(`last look ${ago(ageOf(at, now))}`, isOld(state, "looks", now) ? "bad" : "plain");
}
