import type { EmailDestination } from "../config/mod.ts";
import type { Bundle, Tally } from "./bundle.ts";
import type { Channel } from "./channel.ts";
import { countsText, headline, iso, tallyLine } from "./words.ts";

/** More subjects than this are only counted. */
const SUBJECTS = 50;
/** So many queries of a subject are told, those that came most often. */
const QUERIES = 5;
/** The longest subject line, in characters. */
const SUBJECT = 200;

/** Sends mails of plain text: texts of clients stand in the body alone, where they are nothing but text. */
export function emailChannel(name: string, server: EmailDestination): Channel {
  return {
    keepsState: false,
    letters: (bundle) => [{
      server,
      subject: headline(bundle).slice(0, SUBJECT),
      text: bodyOf(name, bundle),
      // Nobody's automatic answer is wanted.
      headers: { "Auto-Submitted": "auto-generated", "X-Query-Sniper-Channel": name },
    }],
  };
}

function bodyOf(name: string, bundle: Bundle): string {
  const { tallies, total, missed, words } = bundle;
  const told = tallies.slice(0, SUBJECTS);
  const shown = told.reduce((sum, { count }) => sum + count, 0);
  return [
    ...told.flatMap(subjectLines),
    `${total} in all: ${countsText(words)}`,
    ...total > shown ? [`${total - shown} of them are not shown above`] : [],
    ...missed > 0 ? [`${missed} of them were lost before they were sorted`] : [],
    "",
    "-- ",
    `Query Sniper, channel ${name}`,
    "",
  ].join("\n");
}

function subjectLines(tally: Tally): readonly string[] {
  const { first, last, text, queries } = tally;
  const most = [...queries].toSorted(([, a], [, b]) => b.count - a.count).slice(0, QUERIES);
  return [
    tallyLine(tally),
    `  ${iso(first)}${last === first ? "" : ` to ${iso(last)}`}`,
    `  ${text}`,
    ...most.map(([digest, { text, count }]) => `  ${count} x ${digest} ${text}`),
    "",
  ];
}
