import type { Invocation, Terminal } from "./command.ts";
import { UsageError } from "./parse.ts";

const PLACES = ["query-sniper.yaml", "/etc/query-sniper/query-sniper.yaml"];

/**
 * The configuration file to use: `-c`, else `$QUERY_SNIPER_CONFIG`, else the first place that has one.
 * @throws {UsageError} Where there is none.
 */
export async function findConfigFile({ options }: Invocation, terminal: Terminal): Promise<string> {
  const named = options.get("config") ?? terminal.environment("QUERY_SNIPER_CONFIG");
  if (named !== undefined && named !== "") return named;
  for (const place of PLACES) {
    try {
      await Deno.stat(place);
      return place;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return place;
    }
  }
  throw new UsageError(
    `no configuration: neither -c nor $QUERY_SNIPER_CONFIG names one, and there is no ${
      PLACES.join(" and no ")
    }`,
  );
}
