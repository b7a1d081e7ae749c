import type { Param } from "../plan/mod.ts";
import { RouterProblem } from "./problem.ts";

/** One statement of a request. */
export interface QueryText {
  readonly query: string;
  readonly params: readonly Param[];
}

/** What POST /query is sent. */
export interface QueryRequest {
  readonly queries: readonly QueryText[];
  /** Several statements in one transaction, as `queries` was given. */
  readonly transaction: boolean;
  /** In milliseconds; absent: as configured. */
  readonly timeout?: number;
  readonly allowScatter: boolean;
}

/** The most statements of one transaction. */
const MOST_QUERIES = 100;

const KEYS: ReadonlySet<string> = new Set(["query", "queries", "params", "timeout_ms", "allow_scatter"]);

/**
 * Reads the body of a request.
 * @throws {RouterProblem} `bad_request`.
 */
export function readRequest(body: unknown): QueryRequest {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw bad('expected {"query": "…"}');
  const keys = body as Record<string, unknown>;
  const unknown = Object.keys(keys).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw bad(`unknown key: ${JSON.stringify(unknown.slice(0, 80))}`);
  const { query, queries, params, timeout_ms: timeout, allow_scatter: scatter = true } = keys;
  if ((query === undefined) === (queries === undefined)) throw bad('expected either "query" or "queries"');
  if (queries !== undefined && params !== undefined) throw bad('each of "queries" has "params" of its own');
  if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 1)) {
    throw bad('"timeout_ms" is a number, 1 or more');
  }
  if (typeof scatter !== "boolean") throw bad('"allow_scatter" is true or false');
  const isList = queries !== undefined;
  if (isList && (!Array.isArray(queries) || queries.length < 1 || queries.length > MOST_QUERIES)) {
    throw bad(`"queries" is a list of 1 to ${MOST_QUERIES} statements`);
  }
  return {
    queries: isList ? (queries as unknown[]).map(listed) : [textOf(query, params)],
    transaction: isList,
    ...timeout !== undefined && { timeout: timeout as number },
    allowScatter: scatter,
  };
}

function listed(item: unknown): QueryText {
  if (typeof item === "string") return textOf(item, undefined);
  const { query, params, ...more } = (item ?? {}) as Record<string, unknown>;
  if (Object.keys(more).length > 0) throw bad('a statement of "queries" is a text, or {"query", "params"}');
  return textOf(query, params);
}

function textOf(query: unknown, params: unknown = []): QueryText {
  if (typeof query !== "string" || query.trim() === "") throw bad('"query" is a statement, as a text');
  const isList = Array.isArray(params) &&
    params.every((value) =>
      value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    );
  if (!isList) throw bad('"params" is a list of texts, numbers, true, false and null');
  return { query, params: params as Param[] };
}

function bad(message: string): RouterProblem {
  return new RouterProblem("bad_request", message);
}
