import { PAST_OUTCOMES, REPORT_KEYS } from "../../report/mod.ts";
import type { Question } from "../archive/question.ts";
import { ApiError } from "./api_error.ts";
import {
  type ApiContext,
  type ApiRequest,
  type ApiRoute,
  JsonText,
  type QueryParameter,
} from "./api_route.ts";
import { DATABASE, limitOf, POLICY, readLimit } from "./fleet_routes.ts";
import { oneOf, ref, TEXT } from "./schema.ts";

/** How many decisions of the past there are unless told, and at most. */
const LIMIT = { default: 100, most: 1000 };

const WHEN = "how long ago, such as 24h, or a time in UTC, such as 2026-11-20T10:03 or 10:03";
const UNTIL: QueryParameter = { name: "until", help: "to when, in the same way (default now)", schema: TEXT };

const ERRORS = {
  404: "there is no journal (`journal: off`)",
  503: "the journal cannot be read, too many ask, or there was no answer within 30 s",
};

/** What is asked of the journal, as the commands of these names ask it. */
export const ARCHIVE_ROUTES: readonly ApiRoute[] = [
  {
    method: "get",
    path: "/api/v1/history",
    summary: "Decisions of the journal, the newest first",
    query: [
      { name: "since", help: `from when on: ${WHEN} (default 24h)`, schema: TEXT },
      UNTIL,
      DATABASE,
      POLICY,
      { name: "digest", help: "only this digest, or those that begin so", schema: TEXT },
      { name: "user", help: "only sessions of this user", schema: TEXT },
      { name: "outcome", help: "only what came to this", schema: oneOf(...PAST_OUTCOMES) },
      { name: "session", help: "only this session, by its id", schema: { type: "integer" } },
      limitOf(LIMIT.most, LIMIT.default),
    ],
    answers: ref("History"),
    errors: ERRORS,
    answer: (request, context) => ask("history", request, context),
  },
  {
    method: "get",
    path: "/api/v1/report",
    summary: "The scorecard of a period, from the journal",
    query: [
      { name: "since", help: `from when on: ${WHEN} (default 7d)`, schema: TEXT },
      UNTIL,
      { name: "by", help: `what counts as one: ${REPORT_KEYS.join(", ")} or tag.KEY`, schema: TEXT },
      DATABASE,
      POLICY,
      {
        name: "compare",
        help: "also with so long before, such as 7d, or with a period FROM/TO",
        schema: TEXT,
      },
    ],
    answers: ref("Report"),
    errors: ERRORS,
    answer: (request, context) => ask("report", request, context),
  },
];

async function ask(
  kind: Question["kind"],
  { parameters }: ApiRequest,
  { http, archive }: ApiContext,
): Promise<JsonText> {
  const { journal, exempt, aliases } = http.config();
  const { limit, ...parts } = parameters;
  const most = readLimit(limit, LIMIT);
  if (journal === undefined) throw new ApiError(404, "There is no journal: the configuration has it off");
  const question = { kind, journal, parts, limit: most, now: http.clock.wall(), exempt, aliases };
  const found = await archive.ask(question);
  if (found.kind === "found") return new JsonText(found.json);
  throw new ApiError(found.kind === "wrong" ? 400 : 503, found.message);
}
