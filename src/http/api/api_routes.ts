import { type Context, Hono } from "hono";
import { printable } from "../../text/control.ts";
import { didYouMean, quoted } from "../../text/nearest.ts";
import { Archive } from "../archive/archive.ts";
import type { HttpContext } from "../context.ts";
import { ApiError } from "./api_error.ts";
import { type ApiContext, type ApiRequest, type ApiRoute, JsonText } from "./api_route.ts";
import { openapi, OPENAPI_PATH } from "./openapi.ts";
import { API_ROUTES } from "./routes.ts";

/** The API, and its document. */
export function apiRoutes(http: HttpContext, archive: Archive = new Archive(http)): Hono {
  const context = { http, archive };
  const app = new Hono();
  app.get(OPENAPI_PATH, (hono) => hono.json(openapi(http.version)));
  for (const route of API_ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    app.on(route.method.toUpperCase(), path, (hono) => answer(route, hono, context));
    app.all(path, (hono) => wrongMethod(route, hono));
  }
  return app;
}

async function answer(route: ApiRoute, hono: Context, context: ApiContext): Promise<Response> {
  try {
    const body = route.method === "post" ? await readObject(hono) : {};
    const request: ApiRequest = { parameters: parametersOf(route, hono), body, hono };
    const found = await route.answer(request, context);
    return found instanceof JsonText
      ? hono.body(found.text, 200, { "content-type": "application/json" })
      : hono.json(found as Readonly<Record<string, unknown>>);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return hono.json({ error: error.message }, error.status);
  }
}

function wrongMethod({ method }: ApiRoute, hono: Context): Response {
  const allowed = method.toUpperCase();
  return hono.json({ error: `This takes ${allowed} only: ${printable(hono.req.method)}` }, 405, {
    allow: allowed,
  });
}

/**
 * What a request says in its address. What is not known, or said twice, is refused: it may be a filter that is misspelt.
 * @throws {ApiError}
 */
function parametersOf(
  { query = [], inPath = {} }: ApiRoute,
  { req }: Context,
): Readonly<Record<string, string>> {
  const known = query.map(({ name }) => name);
  const parameters: Record<string, string> = {};
  for (const [name, values] of Object.entries(req.queries())) {
    if (!known.includes(name)) {
      const hint = known.length === 0 ? "it takes none" : `it takes ${known.join(", ")}`;
      throw new ApiError(400, `Unknown parameter: ${quoted(name)}${didYouMean(name, known, '"')}: ${hint}`);
    }
    if (values.length > 1) throw new ApiError(400, `This parameter is there twice: ${quoted(name)}`);
    parameters[name] = values[0]!;
  }
  for (const name of Object.keys(inPath)) parameters[name] = req.param(name) ?? "";
  return parameters;
}

/** @throws {ApiError} */
async function readObject({ req }: Context): Promise<Readonly<Record<string, unknown>>> {
  const text = await req.text();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Told below.
  }
  throw new ApiError(400, `The body is to be a JSON object: ${quoted(text.slice(0, 100))}`);
}
