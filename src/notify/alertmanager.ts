import { Secret } from "../text/secret.ts";
import type { AlertmanagerDestination } from "../config/mod.ts";
import type { Tally } from "./bundle.ts";
import type { Channel, HttpLetter } from "./channel.ts";
import type { Subject } from "./notice.ts";
import { countsText, iso } from "./words.ts";

/** So many alerts make a message; other subjects wait for the next. */
const ALERTS = 100;
/** How long an alert fires: what lasts, until it is told to be over; what merely happened, for this long. */
const LASTING = 24 * 3_600_000;
const PASSING = 600_000;

/** One name for each kind of subject: labels are what an alert is known by, so they never change with its state. */
const NAMES: Readonly<Record<Subject["kind"], string>> = {
  policy: "QuerySniperPolicy",
  budget: "QuerySniperBudget",
  lease: "QuerySniperLease",
  pause: "QuerySniperPaused",
  journal: "QuerySniperJournal",
  unreachable: "QuerySniperUnreachable",
};

/** Posts alerts to the API, version 2, of an Alertmanager: one for each subject, which ends when it is over. */
export function alertmanagerChannel({ url }: AlertmanagerDestination): Channel<HttpLetter> {
  const to = new Secret(`${url.reveal().replace(/\/+$/, "")}/api/v2/alerts`);
  return {
    keepsState: true,
    letters(bundle, now) {
      const told = bundle.tallies.slice(0, ALERTS);
      if (told.length === 0) return [];
      return [{
        url: to,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(told.map((tally) => alertOf(tally, now))),
        subjects: told.map(({ subject: { key } }) => key),
      }];
    },
  };
}

function alertOf({ subject, standing, words, first, text, queries }: Tally, now: number) {
  const { kind, database, policy } = subject;
  const end = standing === "over" ? now : now + (standing === "open" ? LASTING : PASSING);
  const most = [...queries.values()].toSorted((a, b) => b.count - a.count)[0];
  return {
    labels: {
      ...{
        alertname: NAMES[kind],
        job: "query-sniper",
        severity: kind === "policy" ? "warning" : "critical",
      },
      ...database !== undefined && { database },
      ...policy !== undefined && { policy },
    },
    annotations: {
      ...{ summary: countsText(words), description: text },
      ...most !== undefined && { query: most.text },
    },
    startsAt: iso(first),
    endsAt: iso(end),
  };
}
