import { Hono } from "hono";
import type { HttpContext } from "../context.ts";
import type { RequestCounts } from "../request_counts.ts";
import { CONTENT_TYPES, formatFor } from "./exposition.ts";
import { Metrics } from "./metrics.ts";

/** `/metrics`, in the format that the client asks for. */
export function metricsRoutes(context: HttpContext, requests: RequestCounts): Hono {
  const metrics = new Metrics(context, requests);
  return new Hono().get("/metrics", async (request) => {
    const format = formatFor(request.req.header("accept"));
    const text = await metrics.text(format);
    return request.body(text, 200, { "content-type": CONTENT_TYPES[format], vary: "accept" });
  });
}
