import { type Context, Hono } from "hono";
import { jsonOf, PROBES } from "../../proxysql/mod.ts";
import { answerErrors } from "../errors.ts";
import { refusalBody } from "../server/refusal.ts";
import type { HttpEnv } from "../server/serve.ts";
import { RequestCounts } from "../request_counts.ts";
import { CONTENT_TYPES, formatFor } from "../metrics/exposition.ts";
import { type AgentContext, type Begun, type Work, WORKS, type WorkState } from "./agent_context.ts";
import { AgentMetrics } from "./agent_metrics.ts";

type Request = Context<{ Bindings: HttpEnv }>;

/** Where each work is asked for. `/shutdown` is what hooks know from another agent. */
const PATHS: Readonly<Record<Work, string>> = {
  resync: "/v1/resync",
  stamp: "/v1/stamp",
  drain: "/v1/drain",
  resume: "/v1/resume",
  dump: "/v1/dump",
  shutdown: "/shutdown",
};

/**
 * All that an agent serves, behind no guard: whoever serves it checks who asks.
 * @param requests What was answered, which the server counts.
 */
export function agentApp(
  context: AgentContext,
  requests: RequestCounts = new RequestCounts(),
): Hono<{ Bindings: HttpEnv }> {
  const app = new Hono<{ Bindings: HttpEnv }>();
  answerErrors(app as unknown as Hono);
  const metrics = new AgentMetrics(context, requests);
  for (const probe of PROBES) {
    app.get(`/healthz/${probe}`, async (request) => {
      const health = await context.health(probe);
      return json(request, health, health.ok ? 200 : 503);
    });
  }
  app.get("/v1/status", async (request) => json(request, await context.state(), 200));
  app.get("/metrics", async (request) => {
    const format = formatFor(request.req.header("accept"));
    return request.body(await metrics.text(format), 200, {
      "content-type": CONTENT_TYPES[format],
      vary: "accept",
    });
  });
  for (const work of WORKS) app.post(PATHS[work], (request) => begin(request, work, context));
  app.get(PATHS.shutdown, (request) =>
    // Also a HEAD comes here, and asks for nothing.
    context.drainsByGet() && request.req.method === "GET"
      ? begin(request, "shutdown", context)
      : notAllowed(request, "POST"));
  refuseOthers(app);
  return app;
}

/** A path that is there, asked for by a method that it has not. */
function refuseOthers(app: Hono<{ Bindings: HttpEnv }>): void {
  for (const path of [...PROBES.map((probe) => `/healthz/${probe}`), "/v1/status", "/metrics"]) {
    app.all(path, (request) => notAllowed(request, "GET, HEAD"));
  }
  for (const path of Object.values(PATHS)) app.all(path, (request) => notAllowed(request, "POST"));
}

function notAllowed(request: Request, allow: string): Response {
  const { text, type } = refusalBody(
    { status: 405, error: "This method is not served here" },
    request.req.path,
  );
  return request.body(text, 405, { "content-type": type, allow });
}

async function begin(request: Request, work: Work, context: AgentContext): Promise<Response> {
  const unknown = await unknownIn(request);
  if (unknown) return json(request, { error: "This takes no parameters" }, 400);
  const begun = await context.begin(work);
  if (begun.kind === "refused") return json(request, { error: begun.reason }, 409);
  if (begun.kind === "busy") {
    return json(request, { error: `This runs already: ${begun.running.work}`, running: begun.running }, 409);
  }
  return work === "shutdown" ? untilItEnds(request, begun) : json(request, { id: begun.id, work }, 202);
}

/** Whether somebody wants something of it that it does not know. */
async function unknownIn(request: Request): Promise<boolean> {
  if (new URL(request.req.url).search !== "") return true;
  const text = request.req.method === "POST" ? (await request.req.text()).trim() : "";
  return text !== "" && !/^\{\s*\}$/.test(text);
}

/**
 * Answers at once that it was begun, and ends the answer when the work has ended: a hook before the end of a container
 * is over when its request is.
 */
function untilItEnds(request: Request, { id, ended }: Extract<Begun, { readonly kind: "begun" }>): Response {
  request.env?.takesLong?.();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        controller.enqueue(encoder.encode(`{"id":${JSON.stringify(id)},"work":"shutdown"`));
        const { state, reason }: WorkState = await ended;
        controller.enqueue(encoder.encode(`,"state":"${state}","reason":${JSON.stringify(reason)}}\n`));
        controller.close();
      } catch {
        // Whoever asked has gone.
      }
    },
  });
  return request.body(body, 202, { "content-type": "application/json" });
}

function json(request: Request, value: unknown, status: 200 | 202 | 400 | 409 | 503): Response {
  return request.body(`${jsonOf(value)}\n`, status, { "content-type": "application/json" });
}
