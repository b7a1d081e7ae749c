import type { Secret } from "../text/secret.ts";
import type { SSL_MODES } from "./level_keys.ts";
import type { SQL_LOGS } from "./schema.ts";
import type { Rules } from "../policy/mod.ts";

/** When and how a connection is encrypted; MySQL's own names. */
export type SslMode = typeof SSL_MODES[number];

/** What of a statement is told. */
export type SqlLog = typeof SQL_LOGS[number];

/** Everything that the program was told, resolved for each database. Immutable; prints without secrets. */
export interface Config {
  readonly file: string;
  readonly databases: readonly DatabaseConfig[];
  /** The file in which kills are written down; absent: `off`. */
  readonly journal?: string;
  /** What of a statement is told. */
  readonly sql: SqlLog;
  /** Where there is a file of this name, nothing is killed. */
  readonly pause: string;
  /** Absent: nothing is kept. */
  readonly evidence?: EvidenceConfig;
}

/** The last looks, which are kept for a file at a kill. */
export interface EvidenceConfig {
  /** For how long, in milliseconds. */
  readonly keep: number;
  readonly folder: string;
}

/** One database, after the levels were laid over each other. */
export interface DatabaseConfig {
  readonly name: string;
  readonly group?: string;
  readonly address: Address;
  readonly tls: Tls;
  /** Absent only where a configuration is validated without its credentials. */
  readonly account?: Account;
  readonly rules: Rules;
  /** The longest time between two looks, in milliseconds. */
  readonly interval: number;
  /** The name of the database that this one replicates from, where the server does not tell it well enough. */
  readonly source?: string;
  /** A table that shows its lag, as `schema.table`. */
  readonly heartbeat?: string;
}

/** A database with the account to watch it by. */
export type WatchedDatabase = DatabaseConfig & { readonly account: Account };

/** Where a server listens. */
export type Address =
  | { readonly host: string; readonly port: number }
  | { readonly socket: string };

/** How a connection is encrypted. Certificates and keys are PEM texts. */
export interface Tls {
  readonly mode: SslMode;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

/** Who logs in. */
export interface Account {
  readonly user: string;
  readonly password: Secret;
}
