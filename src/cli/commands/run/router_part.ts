import { StartError } from "../../../app/mod.ts";
import { CAVEAT } from "../../../app/served.ts";
import { systemClock } from "../../../clock.ts";
import type { EndpointConfig, ShardingConfig, WatchedDatabase } from "../../../config/mod.ts";
import { ListenError } from "../../../http/server/listen_error.ts";
import { openEndpoint, type OpenRouter, openRouter, routerApp, RouterProblem } from "../../../shards/mod.ts";
import { errorText } from "../../../text/message.ts";
import { AGAIN, LAST_REQUESTS, serve, type Serving } from "../router/serve.ts";
import { readTokens } from "../router/tokens.ts";
import { helpText, type Part, type PartOptions } from "./part.ts";

type Group = ShardingConfig | EndpointConfig;

/** How long to wait before the group is opened again, in milliseconds. */
const PAUSE = 5_000;

/**
 * A router that listens at once, and answers as soon as its tables can be read: kills do not wait for that.
 * @throws {StartError}
 */
export async function openRouterPart(
  group: Group,
  { stream, signal, warn, databases }: PartOptions & { readonly databases: readonly WatchedDatabase[] },
): Promise<Part> {
  const { listen, tokensFile } = group.router;
  const tokens = tokensFile === undefined ? [] : await readTokens(tokensFile);
  if (typeof tokens === "string") throw new StartError(`sharding.router.tokens_file: ${tokens}`);
  const failed = (error: unknown) => warn(`query-sniper: a request failed: ${errorText(error)}`);
  const appOf = (answering: Pick<OpenRouter, "router" | "pools">) =>
    routerApp({ ...answering, tokens, clock: systemClock, failed });
  let open: OpenRouter | undefined;
  let app = appOf(refusing(new RouterProblem("map", "the tables are being read")));
  const serving = await served((request) => app(request), listen, {
    timeout: group.router.timeout,
    listensAgain: () => warn(`query-sniper: the router ${AGAIN}`),
  });
  return {
    name: "router",
    async run() {
      const access = tokens.length === 0 ? "open" : "token";
      const { address, connections, keepsLimits } = serving;
      stream.emit({
        ...{ event: "http", state: "listening", address, access, tls: false, connections },
        ...!keepsLimits && { caveat: CAVEAT },
      });
      let told: string | undefined;
      while (!signal.aborted && open === undefined) {
        const found = await opened(group, databases);
        app = appOf(found instanceof RouterProblem ? refusing(found) : open = found);
        if (open !== undefined) stream.emit({ event: "shards", state: "answering", schema: group.schema });
        else if (found instanceof RouterProblem) {
          const { message: reason } = found;
          if (reason !== told) {
            stream.emit({ event: "shards", state: "waiting", schema: group.schema, reason });
          }
          told = reason;
          await systemClock.sleep(PAUSE, signal);
        }
      }
      await new Promise<void>((resolve) =>
        signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())
      );
    },
    async end() {
      await serving.end(LAST_REQUESTS);
      await open?.end();
    },
  };
}

async function served(...options: Parameters<typeof serve>): Promise<Serving> {
  try {
    return await serve(...options);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const { message } = error;
    throw new StartError(`${message}${helpText("router", "sharding.router.listen")}`, { cause: error });
  }
}

/** A router, or why there is none yet. */
async function opened(
  group: Group,
  databases: readonly WatchedDatabase[],
): Promise<OpenRouter | RouterProblem> {
  const options = { databases, clock: systemClock };
  try {
    return "shards" in group ? await openRouter(group, options) : openEndpoint(group, options);
  } catch (error) {
    if (error instanceof RouterProblem) return error;
    throw error;
  }
}

/** Answers all with the problem. */
function refusing(problem: RouterProblem): Pick<OpenRouter, "router" | "pools"> {
  const refuse = () => Promise.reject(problem);
  return { router: { query: refuse, explain: refuse, mapVersion: refuse }, pools: new Map() };
}
