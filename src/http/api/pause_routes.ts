import { valueOfType } from "../../language/mod.ts";
import { printable } from "../../text/control.ts";
import { quoted } from "../../text/nearest.ts";
import type { Pauses } from "../../watch/mod.ts";
import { ioReason } from "../../yaml/mod.ts";
import { ApiError } from "./api_error.ts";
import type { ApiContext, ApiRequest, ApiRoute } from "./api_route.ts";
import { whoAsks } from "./asker.ts";
import { noDatabase } from "./no_database.ts";
import { pausesJson } from "./pauses_json.ts";
import { ref } from "./schema.ts";

/** The longest pause that ends by itself, in milliseconds. */
const LONGEST = 7 * 86_400_000;
/** The longest reason, and the longest name of somebody, in characters. */
const LONGEST_TEXTS = { reason: 200, by: 80 };

export const PAUSE_ROUTES: readonly ApiRoute[] = [
  {
    method: "get",
    path: "/api/v1/pauses",
    summary: "What is paused",
    answers: ref("Pauses"),
    answer: (_, { http }) => pausesJson(http.pauses()),
  },
  {
    method: "post",
    path: "/api/v1/pause",
    summary: "Pauses kills on one database, or on all: when this answers, none is sent any more",
    body: "PauseRequest",
    answers: ref("Pauses"),
    errors: { 404: "there is no such database", 503: "it could not be written down: nothing has changed" },
    answer: pause,
  },
  {
    method: "post",
    path: "/api/v1/resume",
    summary: "Ends the pause of one database, or the one of all; no other one, and no pause file",
    body: "ResumeRequest",
    answers: ref("Pauses"),
    errors: {
      404: "there is no such database",
      409: "there is no such pause, or something else pauses it as well",
      503: "it could not be written down: nothing has changed",
    },
    answer: resume,
  },
];

async function pause(request: ApiRequest, context: ApiContext) {
  const { database, reason, by, duration } = readBody(request, ["database", "reason", "by", "duration"]);
  if (reason === undefined) throw new ApiError(400, "reason is missing: say why kills are to be paused");
  const asked = { ...knownDatabase(database, context), reason, by: whoAsks(request.hono, by) };
  const pauses = context.http.pauses();
  const lasts = readDuration(duration);
  await written(pauses, () => pauses.pause(asked, lasts));
  return await pausesJson(pauses);
}

async function resume(request: ApiRequest, context: ApiContext) {
  const { database, reason, by } = readBody(request, ["database", "reason", "by"]);
  knownDatabase(database, context);
  const pauses = context.http.pauses();
  const resumption = { by: whoAsks(request.hono, by), ...reason !== undefined && { reason } };
  const ended = await written(pauses, () => pauses.resume(database, resumption));
  if (ended.length === 0) throw await nothingEnded(pauses, database);
  return await pausesJson(pauses);
}

/** Why nothing was resumed, and what ends what is paused. */
async function nothingEnded(pauses: Pauses, database: string | undefined): Promise<ApiError> {
  const { file, listed } = await pauses.state();
  if (file !== undefined) {
    return new ApiError(409, `Kills are paused by a file: remove it to go on: ${quoted(pauses.file)}`);
  }
  if (database !== undefined && listed.some((each) => each.database === undefined)) {
    return new ApiError(409, `All databases are paused, not this one alone: ${quoted(database)}`);
  }
  const others = listed.flatMap((each) => each.database === undefined ? [] : [quoted(each.database)]);
  const text = others.length === 0 ? "" : `: single databases are, resume each: ${others.join(", ")}`;
  return database === undefined
    ? new ApiError(409, `No pause of all databases is there to end${text}`)
    : new ApiError(409, `Kills are not paused on this database: ${quoted(database)}`);
}

/** @throws {ApiError} It could not be written down. */
async function written<T>(pauses: Pauses, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    const list = `${quoted(pauses.list)}: ${printable(ioReason(error))}`;
    const { broken } = await pauses.state();
    throw new ApiError(
      503,
      broken === undefined
        ? `The list of pauses cannot be changed, and nothing has: ${list}: ` +
          `the file ${quoted(pauses.file)} pauses kills on all databases while it exists`
        : `The list of pauses cannot be read, which pauses kills on all databases: mend it, or remove it: ${list}`,
    );
  }
}

/** @throws {ApiError} */
function knownDatabase(
  database: string | undefined,
  { http: { fleet } }: ApiContext,
): { readonly database?: string } {
  if (database === undefined) return {};
  if (!fleet.names.includes(database)) throw noDatabase(404, database, fleet.names);
  return { database };
}

/**
 * The texts of a body, which has no other keys.
 * @throws {ApiError}
 */
function readBody<K extends string>({ body }: ApiRequest, keys: readonly K[]): Partial<Record<K, string>> {
  const texts: Partial<Record<K, string>> = {};
  for (const [key, value] of Object.entries(body)) {
    const known = keys.find((each) => each === key);
    if (known === undefined) throw new ApiError(400, `Only ${keys.join(", ")} are known: ${quoted(key)}`);
    texts[known] = readText(key, value);
  }
  return texts;
}

/** What a person wrote goes into logs and on terminals: one line, and no invisible characters. */
function readText(key: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new ApiError(400, `${key} is a text: ${printable(JSON.stringify(value))}`);
  }
  const text = value.trim();
  if (text === "") throw new ApiError(400, `${key} is empty`);
  if (printable(text) !== text) {
    throw new ApiError(400, `${key} has characters that nobody sees: ${quoted(text)}`);
  }
  const longest = key === "reason" ? LONGEST_TEXTS.reason : key === "by" ? LONGEST_TEXTS.by : Infinity;
  if (text.length <= longest) return text;
  throw new ApiError(400, `${key} has at most ${longest} characters, and this has ${text.length}`);
}

/** @throws {ApiError} */
function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const duration = valueOfType("duration", text);
  if (duration !== undefined && duration > 0 && duration <= LONGEST) return duration;
  throw new ApiError(400, `duration is such as 10m or 2h, and at most 7d: ${quoted(text)}`);
}
