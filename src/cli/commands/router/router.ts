import { CAVEAT } from "../../../app/served.ts";
import { systemClock } from "../../../clock.ts";
import type { Config, ShardingConfig } from "../../../config/mod.ts";
import { ListenError } from "../../../http/server/listen_error.ts";
import { openEndpoint, openRouter, routerApp, RouterProblem } from "../../../shards/mod.ts";
import type { Secret } from "../../../text/secret.ts";
import { errorText } from "../../../text/message.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { HangupSignal } from "../../hangup_signal.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { UsageError } from "../../usage_error.ts";
import { AGAIN, LAST_REQUESTS, serve } from "./serve.ts";
import { readTokens } from "./tokens.ts";

/** `query-sniper router`. */
export const router: Run = async (invocation, terminal) => {
  const hangup = new HangupSignal();
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { endpoint } = chosen.config;
  const group = endpoint ?? shardingOf(chosen.config, "router");
  const { listen, tokensFile } = group.router;
  const { signal } = stopOnSignals();
  const read = async () => tokensFile === undefined ? [] : await readTokens(tokensFile);
  const tokens = await read();
  if (typeof tokens === "string") {
    terminal.warn(`query-sniper: ${tokens}`);
    return 2;
  }
  try {
    const options = { databases: chosen.databases, clock: systemClock };
    const open = "shards" in group ? await openRouter(group, options) : openEndpoint(group, options);
    const failed = (error: unknown) => terminal.warn(`query-sniper: a request failed: ${errorText(error)}`);
    const appFor = (tokens: readonly Secret[]) => routerApp({ ...open, tokens, clock: systemClock, failed });
    let app = appFor(tokens);
    const serving = await serve((request) => app(request), listen, {
      timeout: group.router.timeout,
      listensAgain: () => terminal.warn(`query-sniper: the router ${AGAIN}`),
    });
    if (!serving.keepsLimits) terminal.warn(`query-sniper: ${CAVEAT}`);
    const behind = "shards" in group ? `${group.shards.length} shards` : `all is passed on to ${group.name}`;
    terminal.print(`router: http://${serving.address}, ${behind}`);
    hangup.serve(async () => {
      const next = await read();
      if (typeof next === "string") {
        return terminal.warn(`query-sniper: ${next}: the tokens stay as they were`);
      }
      app = appFor(next);
      const what = tokensFile === undefined ? "there is no file of tokens" : "its tokens were read again";
      terminal.print(`router: ${what}; any other change needs a restart`);
    });
    await new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())
    );
    await serving.end(LAST_REQUESTS);
    await open.end();
    terminal.print("router: stopped");
    return 0;
  } catch (error) {
    return told(error, terminal);
  }
};

/** The group of shards that a command is about. @throws {UsageError} Where there is none. */
export function shardingOf({ sharding, endpoint }: Config, command: string): ShardingConfig {
  if (endpoint !== undefined) {
    throw new UsageError(
      '"engine: endpoint" has no shards here: what is behind it has its own commands, and only "shards add" is asked for it',
      command,
    );
  }
  if (sharding === undefined) {
    throw new UsageError('the configuration has no shards: it has no key "sharding"', command);
  }
  return sharding;
}

function told(error: unknown, terminal: Terminal): number {
  if (error instanceof RouterProblem) {
    terminal.warn(`query-sniper: ${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`);
    return 1;
  }
  if (!(error instanceof ListenError)) throw error;
  terminal.warn(`query-sniper: ${error.message}: it is sharding.router.listen`);
  return 1;
}
