import type { ApiRoute } from "./api_route.ts";
import { API_ROUTES } from "./routes.ts";
import { ref, type Schema, TEXT } from "./schema.ts";
import { SCHEMAS } from "./schemas.ts";

/** Where the document is. */
export const OPENAPI_PATH = "/api/v1/openapi.json";

/** What has no row of its own: it is asked for by machines that know nothing else of the API. */
const OTHERS = {
  "/metrics": {
    get: {
      summary: "Metrics, in the text format of Prometheus, or in OpenMetrics for who asks for that",
      operationId: "metrics",
      responses: { 200: answerOf("the metrics", "text/plain", TEXT) },
    },
  },
  "/healthz": {
    get: {
      summary: "Whether the program is alive; a restart helps if it is not",
      operationId: "healthz",
      security: [],
      responses: {
        200: answerOf("it is", "text/plain", TEXT),
        503: answerOf("no looks are made", "text/plain", TEXT),
      },
    },
  },
  "/readyz": {
    get: {
      summary: "Whether the program does its work, and why not",
      operationId: "readyz",
      responses: {
        200: answerOf("it does", "application/json", ref("Readiness")),
        503: answerOf("it does not", "application/json", ref("Readiness")),
      },
    },
  },
};

/** The OpenAPI document of the API, made from its routes. */
export function openapi(version: string) {
  const paths: Record<string, Record<string, unknown>> = { ...OTHERS };
  for (const route of API_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Query Sniper",
      version,
      description:
        "What the program knows of its fleet, and the pause of kills. Fields may be added; none is renamed or dropped.",
    },
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "where `listen` has a token" },
      },
    },
    security: [{}, { token: [] }],
  };
}

function operationOf(
  { method, path, summary, inPath = {}, query = [], body, answers, errors = {} }: ApiRoute,
) {
  const parameters = [
    ...Object.entries(inPath).map(([name, description]) => ({
      name,
      in: "path",
      required: true,
      description,
      schema: TEXT,
    })),
    ...query.map(({ name, help, schema }) => ({ name, in: "query", description: help, schema })),
  ];
  const all = { 400: "the request is wrong: the message says what was found", ...errors };
  return {
    summary,
    operationId: `${method}_${path.replace("/api/v1/", "").replaceAll(/\W+/g, "_").replace(/_$/, "")}`,
    ...parameters.length > 0 && { parameters },
    ...body !== undefined &&
      { requestBody: { required: true, content: { "application/json": { schema: ref(body) } } } },
    responses: {
      200: answerOf("what was asked for", "application/json", answers),
      ...Object.fromEntries(
        Object.entries(all).map(([status, meaning]) => [
          status,
          answerOf(meaning, "application/json", ref("Error")),
        ]),
      ),
    },
  };
}

function answerOf(description: string, type: string, schema: Schema) {
  return { description, content: { [type]: { schema } } };
}
