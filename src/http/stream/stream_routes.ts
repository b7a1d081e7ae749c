import { Hono } from "hono";
import { StatusStream, type StatusStreamOptions } from "./status_stream.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // A proxy that gathers before it passes on would make everything look stale.
  "x-accel-buffering": "no",
};

/** When to ask again where too many read, in seconds. */
const AGAIN = "5";

/** The stream of the status page: `/api/v1/stream`. */
export function streamRoutes(options: StatusStreamOptions): Hono {
  const stream = new StatusStream(options);
  return new Hono().get("/api/v1/stream", (context) => {
    // Nobody would ever read, or end, the one of a HEAD.
    if (context.req.method === "HEAD") return context.body(null, 200, HEADERS);
    const opened = stream.open();
    if (opened !== undefined) return context.body(opened, 200, HEADERS);
    return context.json({ error: "Too many read streams already" }, 503, {
      "retry-after": AGAIN,
    });
  });
}
