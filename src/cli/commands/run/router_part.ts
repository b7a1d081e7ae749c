import { StartError } from "../../../app/mod.ts";
import { CAVEAT } from "../../../app/served.ts";
import { systemClock } from "../../../clock.ts";
import type { EndpointConfig, ShardingConfig, WatchedDatabase } from "../../../config/mod.ts";
import { openEndpoint, type OpenRouter, openRouter, routerApp, RouterProblem } from "../../../shards/mod.ts";
import { errorText } from "../../../text/message.ts";
import { unchangedEvent } from "../coordinator/telling.ts";
import { AGAIN, LAST_REQUESTS, serve, type Serving } from "../router/serve.ts";
import { readTokens } from "../router/tokens.ts";
import type { Part, PartOptions } from "./part.ts";

type Group = ShardingConfig | EndpointConfig;

/** How long to wait before the group is opened again, in milliseconds. */
const PAUSE = 5_000;

/**
 * A router that answers as soon as its tables can be read: kills do not wait for that.
 * @throws {StartError} Its file of tokens is missing or wrong.
 */
export async function openRouterPart(
  group: Group,
  { stream, signal, warn, databases }: PartOptions & { readonly databases: readonly WatchedDatabase[] },
): Promise<Part> {
  const { listen, tokensFile } = group.router;
  const read = async () => {
    const found = tokensFile === undefined ? [] : await readTokens(tokensFile);
    return typeof found === "string" ? `sharding.router.tokens_file: ${found}` : found;
  };
  const first = await read();
  if (typeof first === "string") throw new StartError(first);
  let tokens = first;
  const failed = (error: unknown) => warn(`query-sniper: a request failed: ${errorText(error)}`);
  let open: OpenRouter | undefined;
  let answering: Pick<OpenRouter, "router" | "pools"> = refusing(
    new RouterProblem("map", "the tables are being read"),
  );
  const appNow = () => routerApp({ ...answering, tokens, clock: systemClock, failed });
  let app = appNow();
  let serving: Serving | undefined;
  const tell = ({ address, connections, keepsLimits }: Serving) => {
    const access = tokens.length === 0 ? "open" : "token";
    stream.emit({
      ...{ event: "http", state: "listening", address, access, tls: false, connections },
      ...!keepsLimits && { caveat: CAVEAT },
    });
  };
  return {
    ...{ name: "router", address: listen },
    async listen() {
      serving = await serve((request) => app(request), listen, {
        timeout: group.router.timeout,
        listensAgain: () => warn(`query-sniper: the router ${AGAIN}`),
      });
    },
    async run() {
      tell(serving!);
      let told: string | undefined;
      while (!signal.aborted && open === undefined) {
        const found = await opened(group, databases);
        answering = found instanceof RouterProblem ? refusing(found) : open = found;
        app = appNow();
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
    async reload() {
      const next = await read();
      const where = serving?.address ?? listen;
      if (typeof next === "string") return stream.emit(unchangedEvent(where, next));
      const isSame = next.length === tokens.length &&
        next.every((token, index) => token.equals(tokens[index]!));
      if (isSame) return;
      tokens = next;
      app = appNow();
      if (serving !== undefined) tell(serving);
    },
    async end() {
      await serving?.end(LAST_REQUESTS);
      if (serving !== undefined) stream.emit({ event: "http", state: "stopped", address: serving.address });
      await open?.end();
    },
  };
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
