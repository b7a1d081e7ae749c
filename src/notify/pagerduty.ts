import { createHash } from "node:crypto";
import type { PagerdutyDestination } from "../config/mod.ts";
import type { Level } from "../policy/mod.ts";
import type { Bundle, Tally } from "./bundle.ts";
import type { Channel, HttpLetter } from "./channel.ts";
import { iso, tallyLine } from "./words.ts";

/** So many requests make a message; other subjects wait for the next. PagerDuty takes 120 a minute of a key. */
const LETTERS = 20;
/** What PagerDuty takes, in characters. */
const SUMMARY = 1024;
const KEY = 255;
/** So many queries of an incident are told. */
const QUERIES = 5;

const SEVERITIES: Readonly<Record<Level, string>> = {
  debug: "info",
  info: "info",
  warning: "warning",
  error: "error",
};

/**
 * Sends events to the Events API, version 2: an incident for each subject. It is triggered, or told again, under the same
 * key, and resolved when it is over.
 */
export function pagerdutyChannel({ url, key }: PagerdutyDestination): Channel<HttpLetter> {
  return {
    keepsState: true,
    letters: (bundle) =>
      events(bundle).slice(0, LETTERS).map(({ tally, actions }): readonly HttpLetter[] =>
        actions.map((action, index) => ({
          url,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ routing_key: key.reveal(), ...eventOf(tally, action) }),
          subjects: index === actions.length - 1 ? [tally.subject.key] : [],
        }))
      ).flat(),
  };
}

type Action = "trigger" | "resolve";

/** What began and was over within one message is told as both, so that somebody can see it. */
function events(
  { tallies }: Bundle,
): readonly { readonly tally: Tally; readonly actions: readonly Action[] }[] {
  return tallies.map((tally) => ({
    tally,
    actions: [
      ...tally.began ? ["trigger" as const] : [],
      ...tally.standing === "over" ? ["resolve" as const] : [],
    ],
  }));
}

function eventOf(tally: Tally, action: Action) {
  const { subject, level, first, last, count, words, text, queries } = tally;
  const dedup_key = dedupKey(subject.key);
  if (action === "resolve") return { event_action: action, dedup_key };
  const most = [...queries.values()].toSorted((a, b) => b.count - a.count).slice(0, QUERIES);
  return {
    ...{ event_action: action, dedup_key, client: "Query Sniper" },
    payload: {
      summary: cut(tallyLine(tally), SUMMARY),
      source: subject.database ?? "query-sniper",
      severity: SEVERITIES[level],
      timestamp: iso(last),
      component: subject.policy ?? subject.kind,
      group: subject.database ?? "query-sniper",
      class: subject.kind,
      custom_details: {
        ...{ since: iso(first), notices: count, latest: text },
        counts: Object.fromEntries(words),
        queries: most.map(({ text, count }) => `${count} x ${text}`),
      },
    },
  };
}

/** Equal for equal subjects, and never too long. */
export function dedupKey(key: string): string {
  if (key.length <= KEY) return key;
  const hash = createHash("sha256").update(key).digest("hex");
  return `${key.slice(0, KEY - hash.length - 1)}:${hash}`;
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
