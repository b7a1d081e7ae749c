import { quoted } from "../text/nearest.ts";
import { attempt, type Connection, DatabaseError, refusal, type Row, works } from "../connection/mod.ts";
import { SESSION_VARIABLES, type SessionVariable } from "./session_variables.ts";
import { readVariables, type Variables } from "./variables.ts";

/** The settings that differ between connections. */
export interface SessionOptions {
  /** After this idle time, in milliseconds, the server closes the connection. */
  readonly idle: number;
  /** Whether statements must not change anything. */
  readonly readOnly?: boolean;
  /** The variables read by another connection to this server; absent: the server is asked. */
  readonly known?: Variables;
}

/** A session that does not depend on the server's settings. */
export interface OwnSession {
  /** The server's variables, which identify it and show which session variables it has. */
  readonly variables: Variables;
  /** Its identity: columns `version`, `user` and `account`. */
  readonly self: Row | undefined;
}

/** A variable that the server has, and the value to set. */
interface Setting extends SessionVariable {
  readonly value: number | bigint | string;
}

/**
 * Ends whatever the server's `init_connect` began, sets every session variable, and verifies the values. A
 * connection must be set up before anything else runs on it.
 * @throws {DatabaseError} If a variable still has another value; `refused`, if `init_connect` fails.
 */
export async function setUpSession(connection: Connection, options: SessionOptions): Promise<OwnSession> {
  await endOthersWork(connection);
  const all = settingsOf(options);
  const { known } = options;
  if (known !== undefined) {
    const taken = await set(connection, all.filter((setting) => isKnown(setting, known)));
    return { variables: known, self: await verify(connection, taken) };
  }
  // If the account is limited to two rows, the server shows only two variables. The others are read after the limit
  // was lifted.
  const common = all.filter(({ optional }) => !optional);
  const variables = await setTogether(connection, common) ? await readKnown(connection) : undefined;
  if (variables !== undefined) {
    const others = all.filter((setting) => setting.optional && isKnown(setting, variables));
    const taken = [...common, ...await set(connection, others)];
    return { variables, self: await verify(connection, taken) };
  }
  // A variable that this server no longer has, or a limit that the combined statement exceeded.
  const taken = await setSingly(connection, all);
  return { variables: await readVariables(connection), self: await verify(connection, taken) };
}

/** Undefined if the server refuses to say. */
async function readKnown(connection: Connection): Promise<Variables | undefined> {
  try {
    return await readVariables(connection);
  } catch (error) {
    refusal(error);
    return undefined;
  }
}

/**
 * Restores a session to the state after its setup, whatever the user's statements have done in it.
 * @throws {DatabaseError} `lost`
 */
export async function renewSession(connection: Connection, options: Required<SessionOptions>): Promise<void> {
  await endOthersWork(connection);
  await set(connection, settingsOf(options).filter((setting) => isKnown(setting, options.known)));
}

function isKnown({ name, optional }: Setting, known: Variables): boolean {
  return !optional || name in known;
}

function settingsOf({ idle, readOnly = false }: SessionOptions): readonly Setting[] {
  const own: Readonly<Record<string, number>> = {
    wait_timeout: Math.ceil(idle / 1000),
    tx_read_only: Number(readOnly),
    transaction_read_only: Number(readOnly),
  };
  return SESSION_VARIABLES.map((variable) => ({ ...variable, value: variable.value ?? own[variable.name]! }));
}

/** `Unknown command`: a server, or a proxy, that cannot reset a session. */
const UNKNOWN_COMMAND = 1047;

/**
 * Rolls back the transaction and releases all locks and temporary tables. (Setting `autocommit` would commit.) The
 * default database and the role stay, since the account may have its privileges from that role.
 */
async function endOthersWork(connection: Connection): Promise<void> {
  try {
    await connection.reset();
  } catch (error) {
    if (refusal(error).errno !== UNKNOWN_COMMAND) throw error;
    for (const sql of ["ROLLBACK", "UNLOCK TABLES"]) await connection.query(sql);
  }
}

/** `Unknown system variable`. */
const UNKNOWN_VARIABLE = 1193;

/** Returns the variables that the server has; their values are verified later. */
async function set(connection: Connection, settings: readonly Setting[]): Promise<readonly Setting[]> {
  return await setTogether(connection, settings) ? settings : await setSingly(connection, settings);
}

/** In one round trip, if the server refuses none of them. */
async function setTogether(connection: Connection, settings: readonly Setting[]): Promise<boolean> {
  return settings.length === 0 ||
    await works(connection, `SET SESSION ${settings.map(assignment).join(", ")}`);
}

async function setSingly(connection: Connection, settings: readonly Setting[]): Promise<readonly Setting[]> {
  const found: Setting[] = [];
  for (const setting of settings) {
    const result = await attempt(connection, `SET SESSION ${assignment(setting)}`);
    if (!(result instanceof DatabaseError && result.errno === UNKNOWN_VARIABLE)) found.push(setting);
  }
  return found;
}

function assignment({ name, value }: Setting): string {
  return `${name} = ${literalOf(value)}`;
}

function literalOf(value: Setting["value"]): string {
  return typeof value === "string" && value !== "DEFAULT" ? `'${value}'` : String(value);
}

/** Returns the session's identity, which is read in the same round trip. */
async function verify(connection: Connection, settings: readonly Setting[]): Promise<Row | undefined> {
  const checked = settings.filter(({ check }) => check !== "none");
  const self = "VERSION() AS version, USER() AS user, CURRENT_USER() AS account";
  const columns = checked.map(({ name }) => `@@SESSION.${name} AS ${name}`);
  const [row] = await connection.query(`SELECT ${[self, ...columns].join(", ")}`);
  const wrong = checked.find((setting) => !hasTaken(setting, row?.[setting.name]));
  if (wrong !== undefined) throw notTaken(wrong, row?.[wrong.name]);
  return row;
}

function hasTaken({ value, check }: Setting, found: Row[string] | undefined): boolean {
  if (found === undefined || found === null) return false;
  const [wanted, is] = [String(value).toLowerCase(), String(found).toLowerCase()];
  if (check === "most") return Number(is) <= Number(wanted);
  if (check === "parts") return wanted.split(",").every((part) => is.split(",").includes(part));
  // A number may be shown as 3.000000.
  return is === wanted || (typeof value === "number" && is !== "" && Number(is) === value);
}

function notTaken({ name, value, reason }: Setting, found: Row[string] | undefined): DatabaseError {
  return new DatabaseError(
    "refused",
    `the session variable ${name} is ${quoted(String(found))}, though it was set to ${quoted(String(value))}`,
    {
      advice:
        `with it, ${reason}: connect to the server itself and not through a proxy, and look for its option ` +
        `maximum-${name.replaceAll("_", "-")}`,
    },
  );
}
