import { PROGRAM_NAME } from "../connection/mod.ts";
import {
  type Accounts,
  needsHolds,
  readCauses,
  readGuards,
  readHealth,
  readHeld,
  readSessionCounts,
  readSessions,
  readStatements,
  type ReplicationInput,
  type Server,
  withAlike,
} from "../mysql/mod.ts";
import type { Health } from "../policy/mod.ts";
import type { LookSource } from "../look/mod.ts";

/** What a look at a server wants to know beside what its policies need. */
export interface ServerSourceOptions {
  /** Names of the database that are read. */
  readonly needs: ReadonlySet<string>;
  /** Whether to take the lease, since only its holder kills. */
  readonly lease: boolean;
  /** Which of the server's own positions others want to know. */
  readonly position: { readonly file: boolean } | undefined;
  readonly replication: ReplicationInput;
  /** What is known of the connections' accounts. */
  readonly accounts: Accounts;
  /** The user's own numbers, where there are any. */
  readonly metrics: Health | undefined;
}

/** A server to look at. */
export function serverSource(
  { watching, capabilities }: Server,
  { metrics, accounts, ...wanted }: ServerSourceOptions,
): LookSource {
  return {
    own: { user: capabilities.user, program: PROGRAM_NAME },
    ...capabilities.shielded && { shielded: capabilities.shielded },
    blind: capabilities.gaps.some(({ need }) => need === "sessions"),
    async health(sessions) {
      const report = await readHealth(watching, capabilities, { ...wanted, sessions });
      return metrics === undefined ? report : { ...report, health: { ...report.health, ...metrics } };
    },
    sessions: (filter) => readSessions(watching, capabilities, filter),
    counts: () => readSessionCounts(watching, capabilities),
    async details(sessions, options) {
      const { now } = wanted.replication;
      const resolved = await accounts.resolve(watching, capabilities, { sessions, now });
      const counted = resolved === sessions || !options.needs.has("same_user")
        ? resolved
        : withAlike(resolved);
      const told = await readStatements(watching, capabilities, counted, options);
      const found = await readCauses(watching, capabilities, told, options);
      if (!needsHolds(options.needs)) return found;
      return { ...found, sessions: await readHeld(watching, capabilities, found.sessions, options.ids) };
    },
    guards: (sessions, ids) => readGuards(watching, capabilities, sessions, ids),
  };
}
