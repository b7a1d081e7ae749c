import { type DatabaseJson, databaseJson, eventJson, STEP, TRACED } from "../fleet/mod.ts";
import type { DatabaseState } from "../fleet/mod.ts";
import { quoted } from "../../text/nearest.ts";
import { ApiError } from "./api_error.ts";
import type { ApiContext, ApiRequest, ApiRoute, QueryParameter } from "./api_route.ts";
import { noDatabase } from "./no_database.ts";
import { pausesJson } from "./pauses_json.ts";
import { list, object, oneOf, ref } from "./schema.ts";

/** How many decisions there are unless told, and at most. */
export const LIMIT = { default: 100, most: 500 };

export const DATABASE: QueryParameter = {
  name: "database",
  help: "only this one, by its name",
  schema: { type: "string" },
};
export const POLICY: QueryParameter = { name: "policy", help: "only this one", schema: { type: "string" } };

/** How many at most. */
export function limitOf(most: number, byDefault: number): QueryParameter {
  const schema = { type: "integer", minimum: 1, maximum: most, default: byDefault };
  return {
    name: "limit",
    help: `how many at most, the latest ones (default ${byDefault}, at most ${most})`,
    schema,
  };
}

/**
 * A number of decisions.
 * @throws {ApiError}
 */
export function readLimit(text: string | undefined, { most, default: byDefault }: typeof LIMIT): number {
  if (text === undefined) return byDefault;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  throw new ApiError(400, `limit is a whole number from 1 to ${most}: ${quoted(text)}`);
}

/** What is known of the fleet now. */
export const FLEET_ROUTES: readonly ApiRoute[] = [
  {
    method: "get",
    path: "/api/v1/status",
    summary: "The program, and its fleet in figures",
    answers: ref("Status"),
    answer: (_, context) => statusOf(context),
  },
  {
    method: "get",
    path: "/api/v1/databases",
    summary: "All databases, in the order of the configuration",
    answers: object({ databases: list(ref("Database")) }),
    answer: async (_, { http }) => {
      await http.pauses().state();
      return { databases: http.fleet.databases().map((state) => databaseOf(state, { http })) };
    },
  },
  {
    method: "get",
    path: "/api/v1/databases/{name}",
    summary: "One database, with the last minutes of its lag and its history list",
    inPath: { name: "the name of the database" },
    answers: ref("DatabaseDetails"),
    errors: { 404: "there is no such database" },
    answer: async ({ parameters: { name = "" } }, { http }) => {
      await http.pauses().state();
      const state = http.fleet.database(name);
      if (state === undefined) throw noDatabase(404, name, http.fleet.names);
      const traces = Object.fromEntries(TRACED.map((each) => [each, http.fleet.trace(name, each) ?? []]));
      return { ...databaseOf(state, { http }), traces: { step_ms: STEP, ...traces } };
    },
  },
  {
    method: "get",
    path: "/api/v1/gates",
    summary: "The gates of all databases",
    query: [
      DATABASE,
      { name: "state", help: "only gates that are so", schema: oneOf("open", "closed", "unknown") },
    ],
    answers: object({ gates: list(ref("DatabaseGate")) }),
    answer: gatesOf,
  },
  {
    method: "get",
    path: "/api/v1/decisions",
    summary: "The latest decisions since the program began, the newest first",
    query: [DATABASE, POLICY, limitOf(LIMIT.most, LIMIT.default)],
    answers: object({ decisions: list(ref("Decision")) }),
    answer: decisionsOf,
  },
];

function databaseOf(
  state: DatabaseState,
  { http }: Pick<ApiContext, "http">,
): DatabaseJson & { readonly paused?: string } {
  const paused = http.pauses().known(state.name);
  return { ...databaseJson(state), ...paused !== undefined && { paused } };
}

/** @throws {ApiError} */
function knownDatabase(name: string | undefined, { http }: ApiContext): string | undefined {
  if (name === undefined || http.fleet.names.includes(name)) return name;
  throw noDatabase(400, name, http.fleet.names);
}

function gatesOf({ parameters }: ApiRequest, context: ApiContext) {
  const only = knownDatabase(parameters["database"], context);
  const { state: wanted } = parameters;
  if (wanted !== undefined && !["open", "closed", "unknown"].includes(wanted)) {
    throw new ApiError(400, `state is one of open, closed, unknown: ${quoted(wanted)}`);
  }
  const databases = context.http.fleet.databases().filter(({ name }) => (only ?? name) === name);
  return {
    gates: databases.flatMap((state) =>
      databaseJson(state).gates.filter((gate) => (wanted ?? gate.state) === gate.state)
        .map((gate) => ({ database: state.name, ...gate }))
    ),
  };
}

function decisionsOf({ parameters }: ApiRequest, context: ApiContext) {
  const { policy, limit } = parameters;
  const database = knownDatabase(parameters["database"], context);
  const decisions = context.http.fleet.events.filter(({ event }) =>
    (event.event === "kill" || event.event === "match") &&
    (database ?? event.database) === event.database && (policy ?? event.policy) === event.policy
  );
  return { decisions: decisions.slice(-readLimit(limit, LIMIT)).toReversed().map(eventJson) };
}

async function statusOf({ http }: ApiContext) {
  const { version, started, clock, fleet } = http;
  const { file, journal } = http.config();
  const databases = { total: 0, connecting: 0, watched: 0, unreachable: 0, armed: 0, hurt: 0 };
  const gates = { enforce: 0, dry_run: 0 };
  const outcomes: Record<string, number> = {};
  const lease = { held: 0, elsewhere: 0, unavailable: 0 };
  let last = -Infinity;
  for (const state of fleet.databases()) {
    databases.total++;
    databases[state.reach]++;
    if (state.mode === "enforce") databases.armed++;
    const open = state.gates.filter((gate) => gate.state === "open" && gate.because.length > 0);
    if (open.length > 0) databases.hurt++;
    for (const { mode } of open) gates[mode === "enforce" ? "enforce" : "dry_run"]++;
    for (const [outcome, count] of Object.values(state.outcomes).flatMap(Object.entries<number>)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    }
    if (state.lease !== undefined) lease[state.lease.state]++;
    last = Math.max(last, state.lookedAt ?? -Infinity);
  }
  const usable = http.journalUsable();
  return {
    version,
    config: file,
    started: new Date(started).toISOString(),
    now: new Date(clock.wall()).toISOString(),
    databases,
    gates_open: gates,
    ...last !== -Infinity && { last_look: new Date(last).toISOString() },
    outcomes,
    lease,
    ...journal !== undefined && { journal: { file: journal, ...usable !== undefined && { usable } } },
    ...await pausesJson(http.pauses()),
  };
}
