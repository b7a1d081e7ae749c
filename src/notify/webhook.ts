import type { WebhookDestination } from "../config/mod.ts";
import type { Bundle, Tally } from "./bundle.ts";
import type { Channel, HttpLetter } from "./channel.ts";
import { hmacSha256 } from "./hmac.ts";
import { iso } from "./words.ts";

/** More subjects than this are only counted. */
const SUBJECTS = 100;
/** So many queries of a subject are told, those that came most often. */
const QUERIES = 10;

/** Posts JSON, signed together with the time, so that nobody can make one up or send one again later. */
export function webhookChannel(name: string, { url, key }: WebhookDestination): Channel<HttpLetter> {
  return {
    keepsState: false,
    letters(bundle, now) {
      const body = JSON.stringify({ version: 1, channel: name, ...bundleJson(bundle, now) });
      const timestamp = String(Math.floor(now / 1000));
      const signature = hmacSha256(key, `${timestamp}.${body}`);
      const headers = {
        "content-type": "application/json",
        "x-query-sniper-timestamp": timestamp,
        "x-query-sniper-signature": `v1=${signature}`,
      };
      return [{ url, headers, body }];
    },
  };
}

function bundleJson(bundle: Bundle, now: number) {
  const { tallies, words, total, missed } = bundle;
  const told = tallies.slice(0, SUBJECTS);
  return {
    at: iso(now),
    total,
    counts: Object.fromEntries(words),
    subjects: told.map(tallyJson),
    left_out: total - told.reduce((sum, { count }) => sum + count, 0),
    missed,
  };
}

function tallyJson({ subject, level, standing, count, words, first, last, text, queries }: Tally) {
  const { kind, database, policy, key } = subject;
  return {
    ...{ key, kind, database, policy, level, standing, count },
    counts: Object.fromEntries(words),
    ...{ first: iso(first), last: iso(last), text },
    queries: [...queries].toSorted(([, a], [, b]) => b.count - a.count).slice(0, QUERIES)
      .map(([digest, { text, count }]) => ({ digest, digest_text: text, count })),
  };
}
