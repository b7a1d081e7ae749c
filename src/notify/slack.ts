import type { SlackDestination } from "../config/mod.ts";
import type { Bundle, Tally } from "./bundle.ts";
import type { Channel, HttpLetter } from "./channel.ts";
import { countsText, headline, iso } from "./words.ts";

/** More subjects than this are only counted, so that a message stays below what Slack takes. */
const SUBJECTS = 6;
/** So many queries of a subject are told. */
const QUERIES = 3;
/** The longest header, latest notice and query, as Slack gets them. */
const HEADER = 150;
const LATEST = 500;
const QUERY = 160;

/** Posts to an incoming webhook, as Block Kit. Texts of clients stand in code, and can neither link nor call anybody. */
export function slackChannel({ url }: SlackDestination): Channel<HttpLetter> {
  return {
    keepsState: false,
    letters: (bundle) => [{
      url,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message(bundle)),
    }],
  };
}

function message(bundle: Bundle) {
  const told = bundle.tallies.slice(0, SUBJECTS);
  const title = headline(bundle);
  return {
    text: escaped(title, HEADER),
    blocks: [
      { type: "header", text: { type: "plain_text", text: title.slice(0, HEADER), emoji: false } },
      ...told.map((tally) => ({ type: "section", text: markup(subjectText(tally)) })),
      { type: "context", elements: [markup(footText(bundle, told))] },
    ],
  };
}

/** Verbatim: Slack makes no links and calls nobody by itself. */
function markup(text: string) {
  return { type: "mrkdwn", text, verbatim: true };
}

function subjectText({ subject, standing, words, text, queries }: Tally): string {
  const { database, policy, kind } = subject;
  const state = standing === "open" ? " (open)" : standing === "over" ? " (over)" : "";
  const most = [...queries.values()].toSorted((a, b) => b.count - a.count).slice(0, QUERIES);
  return [
    `*${
      escaped([database, policy ?? kind].filter((name) => name !== undefined).join(" / "), HEADER)
    }*${state}: ` +
    countsText(words),
    code([escaped(text, LATEST)]),
    ...most.length === 0 ? [] : [code(most.map(({ text, count }) => `${count} x ${escaped(text, QUERY)}`))],
  ].join("\n");
}

function footText(bundle: Bundle, told: readonly Tally[]): string {
  const { total, missed, tallies } = bundle;
  const shown = told.reduce((sum, { count }) => sum + count, 0);
  const times = tallies.flatMap(({ first, last }) => [first, last]);
  return [
    `${total} in all: ${countsText(bundle.words)}`,
    ...total > shown ? [`${total - shown} of them are not shown above`] : [],
    ...missed > 0 ? [`${missed} of them were lost before they were sorted`] : [],
    ...times.length > 0 ? [`${iso(Math.min(...times))} to ${iso(Math.max(...times))}`] : [],
  ].join(" · ");
}

/** Lines in a block of code, whatever is in them. */
function code(lines: readonly string[]): string {
  return ["```", ...lines.map((line) => line.replaceAll("```", "'''")), "```"].join("\n");
}

const ENTITIES: ReadonlyMap<string, string> = new Map([["&", "&amp;"], ["<", "&lt;"], [">", "&gt;"]]);

/** Escapes what Slack would take for markup, and cuts what is longer then than `longest`. */
export function escaped(text: string, longest: number): string {
  let made = "";
  for (const character of text) {
    const next = ENTITIES.get(character) ?? character;
    if (made.length + next.length >= longest) return `${made}…`;
    made += next;
  }
  return made;
}
