import type { Clock } from "../clock.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { PROGRAM_NAME } from "../connection/mod.ts";
import type { Session } from "../policy/mod.ts";
import type { LookSource, SessionFilter } from "../target/mod.ts";
import type { Metrics } from "./metrics.ts";
import { Accounts } from "./reads/accounts.ts";
import { withAlike } from "./reads/alike.ts";
import { needsLocks, readCauses } from "./reads/causes.ts";
import { needsHolds, readGuards, readHeld } from "./reads/guards.ts";
import type { ProxiedSessions } from "./proxied/proxied_sessions.ts";
import { readHealth, type ServerHealth } from "./reads/health.ts";
import { QueryIds } from "./reads/query_ids.ts";
import { readSessionCounts } from "./reads/session_counts.ts";
import { readSessions, type SqlFilter } from "./reads/sessions.ts";
import { readStatements } from "./reads/statements.ts";
import type { Links } from "./replication/link.ts";
import type { Server } from "./server.ts";
import { CLIENT_COMMANDS } from "./vocabulary/commands.ts";
import { namesOfPart } from "./vocabulary/vocabulary.ts";
import type { Sources } from "./sources.ts";

export interface LookSourceOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /**
   * All watched databases, which may be each other's sources; undefined: only the server itself is asked about its
   * lag.
   */
  readonly sources: Sources | undefined;
  /** What knows the clients behind proxies; absent: none is configured. */
  readonly proxied?: ProxiedSessions | undefined;
}

const PROXIED_NAMES = namesOfPart("proxied");

/**
 * A look source that reads through one connection. What it knows about sessions and channels is dropped with the
 * connection.
 */
export function lookSource(
  { watching, capabilities }: Server,
  database: Pick<DatabaseConfig, "name" | "source" | "heartbeat" | "interval" | "address">,
  { clock, metrics, sources, proxied }: LookSourceOptions,
): LookSource {
  const { name, source, heartbeat, interval, address } = database;
  const accounts = new Accounts();
  const queryIds = new QueryIds();
  const place = "host" in address ? `${address.host}:${address.port}` : undefined;
  let links: Links = {};

  /** Stores what the next look, and the looks at other databases, need. */
  function note(found: ServerHealth): void {
    links = found.links ?? links;
    sources?.note(
      { name, interval, address: place },
      { capabilities },
      { ...found, ...found.report, positions: found.positions, at: clock.now() },
    );
  }

  return {
    own: { user: capabilities.user, program: PROGRAM_NAME },
    ...capabilities.shielded && { shielded: capabilities.shielded },
    blind: capabilities.gaps.some(({ need }) => need === "sessions"),
    async health({ needs, lease, sessions }) {
      const numbers = await metrics.current();
      const begun = clock.now();
      const found = await readHealth(watching, capabilities, {
        // Which locks are read depends on whether anybody waits for a row lock.
        needs: needsLocks(needs) ? new Set([...needs, "row_lock_waits"]) : needs,
        lease,
        sessions,
        position: sources?.wanted(name),
        replication: {
          links,
          rings: (channel) => sources?.ringsOf(channel, source),
          heartbeat,
          now: begun,
        },
      });
      if (found.queryId !== undefined) queryIds.note(found.queryId, begun);
      note(found);
      return numbers === undefined ? found : { ...found, health: { ...found.health, ...numbers } };
    },
    sessions: (filter) => readSessions(watching, capabilities, ofClients(filter)),
    alike: withAlike,
    counts: () => readSessionCounts(watching, capabilities),
    async details(sessions, options) {
      const now = clock.now();
      const resolved = countedAnew(
        sessions,
        await accounts.resolve(watching, capabilities, { sessions: queryIds.resolve(sessions, now), now }),
      );
      const stated = await readStatements(watching, capabilities, resolved, options);
      const isAsked = proxied !== undefined && PROXIED_NAMES.some((name) => options.needs.has(name));
      const told = isAsked ? await proxied.resolve(watching, stated, options.ids) : stated;
      const found = await readCauses(watching, capabilities, told, options);
      if (!needsHolds(options.needs)) return found;
      return { ...found, sessions: await readHeld(watching, capabilities, found.sessions, options.ids) };
    },
    async guards(sessions, ids) {
      const now = clock.now();
      const confirmed = countedAnew(
        sessions,
        await accounts.confirm(watching, capabilities, { sessions, now }),
      );
      const guarded = await readGuards(watching, capabilities, confirmed, ids);
      return proxied === undefined ? guarded : await proxied.resolve(watching, guarded, ids);
    },
  };
}

/** If similar sessions were counted, they are counted again now that fewer accounts are certain. */
function countedAnew(before: readonly Session[], now: readonly Session[]): readonly Session[] {
  return now === before || before.every(({ same_user }) => same_user === undefined) ? now : withAlike(now);
}

/** Sessions with other commands are never selected, so they are not read. */
function ofClients({ wanted, ...filter }: SessionFilter): SqlFilter {
  return {
    ...filter,
    ...wanted && { wanted: wanted.map((each) => ({ ...each, commands: CLIENT_COMMANDS })) },
  };
}
