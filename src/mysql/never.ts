import { isUnknown } from "../language/mod.ts";
import type { SelectionContext, Session } from "../policy/mod.ts";
import { CLIENT_COMMANDS } from "./vocabulary/commands.ts";

/** Accounts of servers and cloud providers, and the names that the process list shows for internal threads. */
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

const COMMANDS: ReadonlySet<string> = new Set(CLIENT_COMMANDS);

/** Verbs that end a transaction or administer the server. Killing these never helps. */
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
 * States in which a kill is useless or harmful: rolling back, already killed, ending, or waiting until others
 * acknowledge or certify a transaction. MariaDB shows `Commit` for every part of a commit, including Galera's
 * certification (seen on 10.11).
 */
const STATES =
  /roll(?:ing)? ?back|killed|wsrep|certif|semi-sync ack|^commit|waiting for handler commit|^query end$|^closing tables$|^login$|group replication/i;

/**
 * Why a session is never selected, whatever a policy says. This depends on what it does, not only on its name. If a
 * rule needs a value that has not been read yet, the session is spared until it has; see `clear`.
 */
export function whyNever(session: Session, by: SelectionContext): string | undefined {
  const { execution, program, prepared, command, running, idle, verb, state, definer = "" } = session;
  const user = isUnknown(session.user) ? definer : session.user;
  if (user === by.user) return "it is of this program's account";
  if (program === by.program) return "it is another one of this program";
  if (USERS.has(user)) return "it is of the server or its provider";
  // MariaDB shows this for a session whose statement was killed but is still running.
  const isOurs = by.mayGoOn === true && command === "Killed";
  if (!(COMMANDS.has(command) || isOurs) || !(running || idle)) return "it is no client at work or at rest";
  if (prepared === true) return "its transaction is prepared by XA, and would outlive it";
  if (VERBS.has(verb)) return "it ends a transaction, or administers the server";
  if (STATES.test(state)) return "its state is one in which a kill is useless or harmful";
  return execution === "" ? "what it runs cannot be told from what it runs next" : undefined;
}

/** Whether an account belongs to a server or cloud provider, and not to a user. */
export function isServerUser(user: string): boolean {
  return USERS.has(user);
}
