import { quoted } from "../text/nearest.ts";
import { attempt, type Connection, DatabaseError, refusal, type Row, works } from "../connection/mod.ts";
import { SESSION_VARIABLES, type SessionVariable } from "./session_variables.ts";
import { readVariables, type Variables } from "./variables.ts";

/** What differs from connection to connection. */
export interface SessionOptions {
  /** When the server hangs up on a connection that says nothing, in milliseconds. */
  readonly idle: number;
  /** Whether statements may change nothing. */
  readonly readOnly?: boolean;
  /** What another connection to this server was told; else the server is asked. */
  readonly known?: Variables;
}

/** A session that owes nothing to the server's settings. */
export interface OwnSession {
  /** What tells what the server is, and which session variables it knows. */
  readonly variables: Variables;
  /** Who it is: columns `version`, `user` and `account`. */
  readonly self: Row | undefined;
}

/** One that the server has, and the value to set it to. */
interface Setting extends SessionVariable {
  readonly value: number | bigint | string;
}

/**
 * Ends whatever the server's `init_connect` began, sets every session variable, and looks whether that took. A
 * connection has to be set up before it is asked anything else.
 * @throws {DatabaseError} Where a variable is another one still; `refused`, where `init_connect` fails.
 */
export async function setUpSession(connection: Connection, options: SessionOptions): Promise<OwnSession> {
  await endOthersWork(connection);
  const all = settingsOf(options);
  const { known } = options;
  if (known !== undefined) {
    const taken = await set(connection, all.filter((setting) => isKnown(setting, known)));
    return { variables: known, self: await verify(connection, taken) };
  }
  // Whom the server limits to two rows, it tells of two variables: the others are asked for only when that is over.
  const common = all.filter(({ optional }) => !optional);
  const variables = await setTogether(connection, common) ? await readKnown(connection) : undefined;
  if (variables !== undefined) {
    const others = all.filter((setting) => setting.optional && isKnown(setting, variables));
    const taken = [...common, ...await set(connection, others)];
    return { variables, self: await verify(connection, taken) };
  }
  // A variable that this server has not any more, or a limit that all that was too much for.
  const taken = await setSingly(connection, all);
  return { variables: await readVariables(connection), self: await verify(connection, taken) };
}

/** Undefined where the server refuses to say. */
async function readKnown(connection: Connection): Promise<Variables | undefined> {
  try {
    return await readVariables(connection);
  } catch (error) {
    refusal(error);
    return undefined;
  }
}

/**
 * Makes a session as it was when it was set up, whatever statements of others have done in it since.
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
 * Ends the transaction, the locks of every kind, and the temporary tables that are open: to set `autocommit` would commit.
 * The default database and the role stay, since an account may have its rights by that role.
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

/** Returns those that the server has; whether they have their value is seen later. */
async function set(connection: Connection, settings: readonly Setting[]): Promise<readonly Setting[]> {
  return await setTogether(connection, settings) ? settings : await setSingly(connection, settings);
}

/** In one round trip, where the server refuses none of them. */
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

/** Returns who the session is, which is asked in the same round trip. */
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
  // A number can be told as 3.000000.
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
