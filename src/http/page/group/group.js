import { byId, element, setText } from "../assets/dom.js";
import { TopLine } from "../assets/top_line.js";
import { printable } from "../assets/words.js";
import { groupSentence } from "./group_sentence.js";
import { poll } from "./poll.js";
import { renew } from "./renew.js";
import { groupGates, shardTable } from "./shard_table.js";
import { strip } from "./strip.js";
import { isOld, listed, oldText } from "./group_words.js";
import { past, underWay } from "./under_way.js";

/** @import { GroupState } from "../../../shards/coordinator/group_state.ts" */

/** @type {{ readonly state: GroupState, readonly at: number } | undefined} */
let heard;
const line = new TopLine();
const banner = byId("paused", HTMLElement);

/** Shows what was heard last, as old as it is now. */
function draw() {
  const since = heard === undefined ? 0 : performance.now() - heard.at;
  line.age(() => heard && groupSentence(heard.state, since));
  if (heard === undefined || line.isStale) return;
  const { state } = heard;
  const now = Date.parse(state.now) + since;
  const warnings = [
    ...state.role === "dry-run" ? ["Dry run: nothing is changed, whatever the policies decide"] : [],
    ...state.paused === undefined
      ? []
      : [`Changes are paused: “${printable(state.paused)}” (remove the pause file to go on)`],
  ];
  banner.hidden = warnings.length === 0;
  renew(byId("paused-text", HTMLElement), warnings.map((text) => element("p", {}, text)));
  const age = {
    looks: oldText(state.looks, { now, isOld: isOld(state, "looks", now) }),
    metadata: oldText(state.metadata, { now, isOld: isOld(state, "metadata", now) }),
  };
  note("looks-note", age.looks && `Values and gates ${age.looks}`);
  note("metadata-note", age.metadata && `Slots, moves and changes ${age.metadata}`);
  renew(byId("group-gates", HTMLElement), listed(groupGates(state, now)));
  renew(byId("strip", HTMLElement), strip(state, age.metadata !== undefined));
  renew(byId("table", HTMLElement), [shardTable(state, { now, isOld: age.looks !== undefined })]);
  renew(byId("under-way", HTMLElement), underWay(state, now));
  renew(byId("past", HTMLElement), past(state, now));
  setText(byId("version", HTMLElement), printable(state.version));
}

/**
 * @param {string} id
 * @param {string | undefined} text
 */
function note(id, text) {
  const place = byId(id, HTMLElement);
  place.hidden = text === undefined;
  setText(place, text ?? "");
}

poll("/group", {
  take(/** @type {GroupState} */ state) {
    if (heard !== undefined && heard.state.version !== state.version) return location.reload();
    heard = { state, at: performance.now() };
    line.hear();
    draw();
  },
  fail(reason) {
    line.reason = reason;
    draw();
  },
});
setInterval(draw, 1_000);
