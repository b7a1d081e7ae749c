import { Hono } from "hono";
import { apiRoutes } from "./api/api_routes.ts";
import type { HttpContext } from "./context.ts";
import { answerErrors } from "./errors.ts";
import { healthRoutes } from "./health_routes.ts";
import { metricsRoutes } from "./metrics/metrics_routes.ts";
import { BUILD, pageRoutes } from "./page/mod.ts";
import { RequestCounts } from "./request_counts.ts";
import { streamRoutes } from "./stream/mod.ts";

/**
 * All routes, behind no guard: whoever serves them checks who asks.
 * @param requests What was answered, which the server counts.
 */
export function httpApp(context: HttpContext, requests: RequestCounts = new RequestCounts()): Hono {
  const app = new Hono();
  answerErrors(app);
  app.route("/", metricsRoutes(context, requests));
  app.route("/", healthRoutes(context));
  app.route("/", apiRoutes(context));
  app.route("/", pageRoutes());
  app.route("/", streamRoutes({ ...context, build: BUILD }));
  return app;
}
