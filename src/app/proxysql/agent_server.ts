import type { Clock } from "../../clock.ts";
import { type ListenConfig, listenText } from "../../config/mod.ts";
import type { EventStream } from "../../events/mod.ts";
import type { HttpServer } from "../../http/mod.ts";
import type { AgentContext } from "../../http/proxysql/mod.ts";
import { HttpListener } from "../http_listener.ts";

export interface AgentServerOptions {
  readonly context: AgentContext;
  readonly clock: Clock;
  readonly stream: EventStream;
}

/** Connections that are still to be made: to ProxySQL, to the API of Kubernetes, and to the database of the lock. */
const CONNECTING = 8;

/** What an agent serves over HTTP, if it listens: without `http.listen` the code for it is not even loaded. */
export function agentListener(options: AgentServerOptions): HttpListener {
  let serve: ((listen: ListenConfig) => Promise<HttpServer>) | undefined;
  return new HttpListener({
    stream: options.stream,
    async open(listen) {
      serve ??= await newSite(options);
      return await serve(listen);
    },
  });
}

async function newSite(
  { context, clock }: AgentServerOptions,
): Promise<(listen: ListenConfig) => Promise<HttpServer>> {
  const { HttpServer, LIMITS, RequestCounts, shareOfHandles } = await import("../../http/mod.ts");
  const { agentApp, AGENT_SITE } = await import("../../http/proxysql/mod.ts");
  const requests = new RequestCounts();
  const app = agentApp(context, requests);
  return async (listen) => {
    const { connections, lacking } = shareOfHandles(CONNECTING, { limits: LIMITS });
    if (connections === undefined) {
      const where = listenText(listen.address);
      throw new Error(
        `cannot listen on ${where}: ${lacking} more file handles are needed: raise the limit (ulimit -n)`,
      );
    }
    return await HttpServer.listen(listen, {
      fetch: (request, env) => app.fetch(request, env),
      site: AGENT_SITE,
      answered: (status) => requests.add(status),
      clock,
      newId: () => crypto.randomUUID(),
      connections,
    });
  };
}
