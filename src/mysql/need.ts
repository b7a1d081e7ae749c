import type { Flavor } from "./flavor.ts";
import { quotedName } from "../text/sql_name.ts";

/** A privilege: its name for GRANT, and its scope. */
export interface Privilege {
  readonly word: string;
  /** Its scope, in the syntax of GRANT. */
  readonly on: string;
  /** The scope in words, unless it is everything. */
  readonly of?: string;
}

const PROCESS: Privilege = { word: "PROCESS", on: "*.*" };
const PERFORMANCE_SCHEMA: Privilege = {
  word: "SELECT",
  on: "performance_schema.*",
  of: "performance_schema",
};

/** What a need requires on one flavor. */
interface Terms {
  /** Absent if every account may do it. */
  readonly privilege?: Privilege;
  /** What the server itself must provide and does not by default: the statement to run, or the setting. */
  readonly setting?: string;
}

interface NeedRow extends Readonly<Record<Flavor, Terms>> {
  /** Its purpose, to follow the word "to". */
  readonly meaning: string;
}

/**
 * Everything that the program may have to do on a server, and what that requires. Both the reports of missing
 * privileges and the output of `grants` come from this table. Tested on MySQL 9.7 and MariaDB 10.11.
 */
export const NEEDS = {
  executions: {
    meaning: "tell one execution from the next (else nothing is killed)",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    // Every account can see the query ids of the process list.
    mariadb: {},
  },
  sessions: {
    meaning: "see the sessions of others",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: { privilege: PROCESS },
  },
  routines: {
    meaning: "tell whose a session is, and what it runs, inside of a stored routine",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: {
      privilege: PERFORMANCE_SCHEMA,
      setting:
        "turn on performance_schema, with its instruments statement/% and its consumer events_statements_current",
    },
  },
  definers: {
    meaning:
      "tell accounts that define stored routines from those of clients, where the performance schema is off",
    mysql: {},
    mariadb: { privilege: { word: "SELECT", on: "mysql.proc", of: "mysql.proc" } },
  },
  identity: { meaning: "tell executions apart but by their text", mysql: {}, mariadb: {} },
  whole_texts: {
    meaning: "read the whole of a long statement",
    // The performance schema cuts long texts.
    mysql: { privilege: PROCESS },
    mariadb: { privilege: PROCESS },
  },
  attributes: {
    meaning: "see what clients say of themselves",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: { privilege: PERFORMANCE_SCHEMA, setting: "turn on performance_schema" },
  },
  history: {
    meaning: "read the history list length",
    mysql: { privilege: PROCESS },
    mariadb: {},
  },
  replica_status: {
    meaning: "read the replica status",
    mysql: { privilege: { word: "REPLICATION CLIENT", on: "*.*" } },
    mariadb: { privilege: { word: "SLAVE MONITOR", on: "*.*" } },
  },
  heartbeat: { meaning: "read the heartbeat table", mysql: {}, mariadb: {} },
  transactions: {
    meaning: "read the transactions of others",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: { privilege: PROCESS },
  },
  transaction_rows: {
    meaning: "read what transactions have changed (what a kill would undo)",
    mysql: { privilege: PROCESS },
    mariadb: { privilege: PROCESS },
  },
  locks: {
    meaning: "see who blocks whom",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: { privilege: PROCESS, setting: "INSTALL SONAME 'metadata_lock_info'" },
  },
  holds: {
    meaning: "see what idle connections hold (else that spares none of them)",
    mysql: { privilege: PERFORMANCE_SCHEMA },
    mariadb: { privilege: PROCESS, setting: "INSTALL SONAME 'metadata_lock_info'" },
  },
  kill: {
    meaning: "kill the statements of others",
    mysql: { privilege: { word: "CONNECTION_ADMIN", on: "*.*" } },
    mariadb: { privilege: { word: "CONNECTION ADMIN", on: "*.*" } },
  },
} as const satisfies Readonly<Record<string, NeedRow>>;

/** Something that the program may have to be able to do on a server. */
export type Need = keyof typeof NEEDS;

/** Something that this account cannot do on this server, and the remedy. */
export interface PrivilegeGap {
  readonly need: Need;
  /** What is missing: a privilege, or a setting of the server. */
  readonly missing: string;
  /** The statement to run, or the setting to make. */
  readonly remedy: string;
  /** Policies work without it, but less exactly, or on fewer sessions. */
  readonly tolerable?: true;
}

/** The purpose of a need, to follow the word "to". */
export function needMeaning(need: string): string {
  return Object.hasOwn(NEEDS, need) ? NEEDS[need as Need].meaning : need;
}

/** What a need requires on a flavor. */
export function termsOf(need: Need, flavor: Flavor): Terms {
  return NEEDS[need][flavor];
}

/** The one privilege for a table that the user has named, as `schema.table`. */
export function privilegeToRead(table: string): Privilege {
  return { word: "SELECT", on: quotedTable(table), of: table };
}

/** `schema.table` in the syntax of SQL. A backtick in a name is doubled. */
export function quotedTable(table: string): string {
  return table.split(".").map((part) => quotedName(part)).join(".");
}

/** `user` at `host` in the syntax of GRANT. */
export function quotedAccount(user: string, host: string): string {
  return [user, host].map((part) => `'${part.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join("@");
}

/** A privilege as a message names it. */
function privilegeName({ word, of }: Privilege): string {
  return of === undefined ? word : `${word} on ${of}`;
}

/** The statement that grants it to an account, which is quoted. */
export function grantOf({ word, on }: Privilege, account: string): string {
  return `GRANT ${word} ON ${on} TO ${account}`;
}

/** The missing privilege, and the statement that grants it. */
interface Lack {
  readonly missing: string;
  readonly remedy: string;
}

/** A server's flavor, and the account on it. */
export interface ServerAccount {
  readonly flavor: Flavor;
  /** The account, in the syntax of GRANT. */
  readonly account: string;
}

/** What an account lacks if it does not have the privilege for a need. */
export function lackOf(need: Need, { flavor, account }: ServerAccount): Lack {
  const { privilege } = termsOf(need, flavor);
  if (privilege === undefined) throw new RangeError(`everybody may ${NEEDS[need].meaning}`);
  return lackOfPrivilege(privilege, account);
}

/** The same as a gap. */
export function gapOf(need: Need, asked: ServerAccount): PrivilegeGap {
  return { need, ...lackOf(need, asked) };
}

/** The gap if a server does not provide what a need requires. */
export function settingGap(need: Need, flavor: Flavor): PrivilegeGap {
  const { setting = "turn on performance_schema" } = termsOf(need, flavor);
  return { need, missing: "the performance schema", remedy: setting, tolerable: true };
}

/** What an account lacks if it does not have a privilege. */
export function lackOfPrivilege(privilege: Privilege, account: string): Lack {
  return { missing: privilegeName(privilege), remedy: grantOf(privilege, account) };
}
