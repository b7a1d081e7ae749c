import { isDumpProgram, isUnknown, mayHoldDump } from "../language/mod.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import type { Settled } from "./memory.ts";

/** Accounts of servers and cloud providers, and what the process list shows instead of an account. */
const USERS = new Set([
  "",
  "system user",
  "event_scheduler",
  "unauthenticated user",
  "mysql.session",
  "mysql.sys",
  "mysql.infoschema",
  "mariadb.sys",
  "rdsadmin",
  "rdsrepladmin",
  "rds_superuser_role",
  "azure_superuser",
  "azure_sys",
  "cloudsqladmin",
  "cloudsqlreplica",
  "cloudsqlimport",
  "cloudsqlexport",
]);

/**
 * What clients do that may be ended. Whatever else the process list shows is left alone: MariaDB shows `Busy`, and
 * neither schema nor text, where a session's data are locked at that moment (sql_show.cc, processlist_callback).
 */
export const CLIENT_COMMANDS = [
  "Query",
  "Execute",
  "Bulk_execute",
  "Prepare",
  "Fetch",
  "Long Data",
  "Sleep",
] as const;
const COMMANDS: ReadonlySet<string> = new Set(CLIENT_COMMANDS);

/** Ending a transaction, or administering the server: ending these helps nobody. */
const VERBS: ReadonlySet<unknown> = new Set([
  "commit",
  "rollback",
  "xa",
  "shutdown",
  "restart",
  "clone",
  "start",
  "stop",
  "change",
  "purge",
  "install",
  "uninstall",
]);

/**
 * States in which a kill is useless or harmful: rolling back, killed, ending, or waiting for others to
 * acknowledge or certify what is already committed here. MariaDB says `Commit` of all that a commit takes, Galera's
 * certification included (seen on 10.11).
 */
const STATES =
  /roll(?:ing)? ?back|killed|wsrep|certif|semi-sync ack|^commit|waiting for handler commit|^query end$|^closing tables$|^login$|group replication/i;

/** What only a policy that names the verb may end: it is dear to repeat, or half done it is worse. */
const NEEDS_VERB: ReadonlySet<string> = new Set([
  "alter",
  "analyze",
  "backup",
  "begin",
  "binlog",
  "cache",
  "check",
  "checksum",
  "create",
  "drop",
  "dump",
  "flush",
  "grant",
  "import",
  "kill",
  "load",
  "lock",
  "optimize",
  "other",
  "rename",
  "repair",
  "reset",
  "revoke",
  "truncate",
  "unlock",
]);

/**
 * Why a session is never selected, whatever a policy says: by what it does, and not by name alone. What has to be read
 * for one of these rules keeps a session from being acted on until it was: see `clear`.
 */
export function whyNever(session: Session, own: Snapshot["own"]): string | undefined {
  const { execution, program, prepared, command, running, idle, verb, state, definer = "" } = session;
  const user = isUnknown(session.user) ? definer : session.user;
  if (user === own.user) return "it is of this program's account";
  if (program === own.program) return "it is another one of this program";
  if (USERS.has(user)) return "it is of the server or its provider";
  if (!COMMANDS.has(command) || !(running || idle)) return "it is no client at work or at rest";
  if (prepared === true) return "its transaction is prepared by XA, and would outlive it";
  if (VERBS.has(verb)) return "it ends a transaction, or administers the server";
  if (STATES.test(state)) return "its state is one in which a kill is useless or harmful";
  return execution === "" ? "what it runs cannot be told from what it runs next" : undefined;
}

/** Whether an account is one of servers and cloud providers, and nobody's name. */
export function isServerUser(user: string): boolean {
  return USERS.has(user);
}

/**
 * Whether a session is never selected. MariaDB shows one as `Killed` whose statement was: if a policy had it killed, and
 * it goes on all the same, the policy may take its next step.
 */
export function isNeverSelected(
  session: Session,
  own: Snapshot["own"],
  settled: Readonly<Record<string, Pick<Settled, "final">>>,
): boolean {
  const isOurs = session.command === "Killed" && settled[session.execution]?.final === false;
  return whyNever(isOurs ? { ...session, command: "Query" } : session, own) !== undefined;
}

/** Whether only a policy that names its verb may select a session; so it is where the verb is not known. */
export function needsVerb({ running, verb }: Session): boolean {
  return running && (typeof verb !== "string" || NEEDS_VERB.has(verb));
}

/** Whether a session belongs to a dump, also while it reads nothing: only a policy that names it may select it. */
export function isOfDump({ running, program }: Session): boolean {
  return running ? isDumpProgram(program) : mayHoldDump(program);
}
