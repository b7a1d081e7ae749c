import { TargetError } from "../target/mod.ts";
import { quoted, quotedUpTo } from "../text/nearest.ts";

/**
 * What went wrong with a server: `unreachable`, no connection could be made; `refused`, the server does
 * not let this account in; `lost`, the connection broke or did not answer; `denied`, a privilege is
 * missing; `statement`, the server refused one statement.
 */
export type DatabaseErrorKind = "unreachable" | "refused" | "lost" | "denied" | "statement";

export class DatabaseError extends TargetError {
  override readonly name = "DatabaseError";
  readonly kind: DatabaseErrorKind;
  /** The server's error number; 0 if the error is not the server's. */
  readonly errno: number;

  constructor(
    kind: DatabaseErrorKind,
    message: string,
    { errno = 0, advice }: { readonly errno?: number; readonly advice?: string | undefined } = {},
  ) {
    super(message, { advice });
    this.kind = kind;
    this.errno = errno;
  }
}

/**
 * The error if the server refused a statement but keeps the connection.
 * @throws The error itself, if it is anything else.
 */
export function refusal(error: unknown): DatabaseError {
  if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
  return error;
}

/** Server error numbers that mean a missing privilege (mysqld_error.h). */
const DENIED = new Set([1044, 1095, 1142, 1143, 1227, 1370, 1979]);

/** Server error numbers that come just before the server closes the connection: shutdown, killed, idle for too long. */
const CLOSED = new Set([1053, 1184, 1927, 4031]);

const NETWORK: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ["nothing listens there", "check host and port, and that the server runs"],
  ENOTFOUND: ["the host name is not known", "check the spelling of host, and the name service"],
  EAI_AGAIN: ["the host name could not be looked up", "check the name service"],
  ENOENT: ["the socket does not exist", "check socket, and that the server runs"],
  EACCES: ["the socket may not be opened", "check the permissions of the socket"],
  EMFILE: [
    "the program may not open any more files, and a connection is one",
    "raise its limit (LimitNOFILE= of its unit, ulimit -n in a shell): an armed database takes two connections",
  ],
  ETIMEDOUT: [
    "the server did not answer in time",
    "check host and port, firewalls, and that the server is not hung",
  ],
  EHOSTUNREACH: ["the host cannot be reached", "check host, and the network"],
  ENETUNREACH: ["the network cannot be reached", "check host, and the network"],
  HANDSHAKE_NO_SSL_SUPPORT: ["the server offers no TLS", "enable TLS on the server, or lower ssl_mode"],
};

const REFUSED: Readonly<Record<number, string>> = {
  1040:
    "all connections of the server are in use: raise max_connections, or give this account CONNECTION_ADMIN",
  1044: "check the grants of this account",
  1045: "check user and password in the credentials file, and that the account may log in from this host",
  1129: "the server blocks this host after many errors: run FLUSH HOSTS there",
  1130: "the server lets nobody in from this host: check the host part of the account",
  1203: "raise max_user_connections",
  1226: "raise the limit of this account (MAX_USER_CONNECTIONS)",
  1698: "check user and password in the credentials file",
  1862: "the password of this account has expired: set a new one",
  3118: "the account is locked: ALTER USER … ACCOUNT UNLOCK",
  4151: "the account is locked: ALTER USER … ACCOUNT UNLOCK",
};

/** Errors whose messages quote parts of the statement but no data: syntax, names, privileges, read-only. */
const TELLING = new Set([1046, 1049, 1054, 1064, 1146, 1305, 1792]);

/** The server's message, without quoted parts if they can be data: for a wrong value, it shows the value. */
function wordsOf(errno: number, message: string): string {
  const tells = TELLING.has(errno) || DENIED.has(errno);
  return quoted(tells ? message : message.replace(/'.*'/s, "'…'").replace(/".*"/s, '"…"'));
}

/** The server closes a connection at its first statement if it could not run `init_connect`. */
const ABORTED = 1184;
const INIT_CONNECT = "the server's init_connect fails for this account, and the server hangs up";
const INIT_CONNECT_ADVICE =
  "the server's error log says why: mend init_connect there, or give the account CONNECTION_ADMIN, for which it is not run";

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly message?: string;
  readonly fatal?: boolean;
}

/** Names of accounts and hosts are long, and whether a password was sent comes last. */
const LONGEST_REFUSAL = 300;

/** Translates what the driver reports while it connects. */
export function connectError(error: unknown): DatabaseError {
  const { code = "", errno = 0, message = "" } = error as DriverError;
  const network = NETWORK[code];
  if (network !== undefined) return new DatabaseError("unreachable", network[0], { advice: network[1] });
  if (errno > 0) {
    return new DatabaseError("refused", quotedUpTo(LONGEST_REFUSAL, message), {
      errno,
      advice: REFUSED[errno],
    });
  }
  if (/certificate|TLS|SSL|self.signed|altname/i.test(`${code} ${message}`)) {
    const advice = "check ssl_ca and ssl_mode, and the server's certificate";
    return new DatabaseError("unreachable", `TLS failed: ${quoted(message)}`, { advice });
  }
  return new DatabaseError("unreachable", quoted(message || code || String(error)));
}

/** A statement got no answer within its time. */
export function noAnswer(): DatabaseError {
  const [message, advice] = NETWORK["ETIMEDOUT"]!;
  return new DatabaseError("lost", message, { advice });
}

/** Translates what the driver reports of a statement. */
export function statementError(error: unknown): DatabaseError {
  const { code = "", errno = 0, message = "", fatal = false } = error as DriverError;
  if (errno === ABORTED && message.includes("init_connect")) {
    return new DatabaseError("refused", INIT_CONNECT, { errno, advice: INIT_CONNECT_ADVICE });
  }
  if (fatal || errno <= 0 || CLOSED.has(errno)) {
    return new DatabaseError("lost", `the connection broke: ${quoted(message || code)}`, { errno });
  }
  return new DatabaseError(DENIED.has(errno) ? "denied" : "statement", wordsOf(errno, message), { errno });
}
