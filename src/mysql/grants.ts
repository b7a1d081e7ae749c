import type { Flavor } from "./flavor.ts";
import {
  grantOf,
  type Need,
  NEEDS,
  type Privilege,
  privilegeToRead,
  quotedAccount,
  termsOf,
} from "./need.ts";
import { KILL_PROCEDURES } from "./probe_kill.ts";

/** What an account must be able to do on a server. */
export interface GrantOptions {
  readonly flavor: Flavor;
  readonly user: string;
  readonly needs: Iterable<Need>;
  /** The heartbeat table, as `schema.table`. */
  readonly heartbeat?: string | undefined;
}

/** A statement, and its purpose. */
export interface Grant {
  readonly statement: string;
  /** What it allows, to follow the word "to". */
  readonly meanings: readonly string[];
}

/** Any host, since the configuration does not say where the program will run. */
export const ANY_HOST = "%";

/** A user in the syntax of GRANT. */
export function accountOf(user: string): string {
  return quotedAccount(user, ANY_HOST);
}

/** The minimal statements, one for each privilege, in the order of {@linkcode NEEDS}. */
export function grantsFor({ flavor, user, needs, heartbeat }: GrantOptions): readonly Grant[] {
  const meanings = new Map<string, readonly string[]>();
  const wanted = new Set(needs);
  for (const need of Object.keys(NEEDS) as Need[]) {
    const privilege = wanted.has(need) ? privilegeFor(need, { flavor, heartbeat }) : undefined;
    if (privilege === undefined) continue;
    const statement = grantOf(privilege, accountOf(user));
    meanings.set(statement, [...meanings.get(statement) ?? [], NEEDS[need].meaning]);
  }
  return [...meanings].map(([statement, meanings]) => ({ statement, meanings }));
}

function privilegeFor(
  need: Need,
  { flavor, heartbeat }: Pick<GrantOptions, "flavor" | "heartbeat">,
): Privilege | undefined {
  if (need === "heartbeat") return heartbeat === undefined ? undefined : privilegeToRead(heartbeat);
  return termsOf(need, flavor).privilege;
}

/** The settings of the server that the needs require and that are not the default; as for {@linkcode Grant}. */
export function settingsFor({ flavor, needs }: Pick<GrantOptions, "flavor" | "needs">): readonly Grant[] {
  return [...needs].flatMap((need) => {
    const { setting } = termsOf(need, flavor);
    return setting === undefined ? [] : [{ statement: setting, meanings: [NEEDS[need].meaning] }];
  });
}

/** Notes on the privileges of a flavor, one line each. */
export interface FlavorNotes {
  /** Which servers it is about. */
  readonly servers: string;
  /** Notes on older servers. */
  readonly older: string;
  /** What managed servers have instead of the privilege to kill. */
  readonly managed: string;
}

/** The notes of each flavor. From the manuals of the servers, of RDS and of Azure. */
export const FLAVOR_NOTES: Readonly<Record<Flavor, FlavorNotes>> = {
  mysql: {
    servers: "MySQL 8.0 and later",
    older: "before 8.0: SUPER in place of CONNECTION_ADMIN",
    managed: managedNote("CONNECTION_ADMIN", ({ connection, query }) => [connection, query]),
  },
  mariadb: {
    servers: "MariaDB 10.5.9 and later",
    older:
      "before 10.5.9: REPLICATION SLAVE ADMIN in place of SLAVE MONITOR; before 10.5.2: REPLICATION CLIENT, " +
      "and SUPER in place of CONNECTION ADMIN",
    managed: managedNote(
      "CONNECTION ADMIN",
      ({ connection, query, queryId }) => queryId === undefined ? [] : [connection, query, queryId],
    ),
  },
};

function managedNote(
  privilege: string,
  namesOf: (procedures: typeof KILL_PROCEDURES[number]) => readonly string[],
): string {
  const ways = KILL_PROCEDURES.map(namesOf).filter((names) => names.length > 0)
    .map((names) => names.map((name) => `mysql.${name}`).join(" and "));
  return `where the provider does not let you grant ${privilege}, EXECUTE ON PROCEDURE does: ${
    ways.join(", or ")
  }`;
}
