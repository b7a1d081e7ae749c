import type { Capabilities } from "../capabilities.ts";
import type { Connection, Row } from "../../connection/mod.ts";
import { readDefiners } from "../definers.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/** How often the accounts of idle connections and the definers are read again, in milliseconds. */
const PAUSE = 10_000;

/**
 * Finds out which accounts own the sessions of a server whose process list shows the definer of a routine instead
 * of the account that logged in. For an idle session it shows the login, which is remembered.
 */
export class Accounts {
  /** By connection id; ids are never reused. */
  #atRest: ReadonlyMap<number, string> = new Map();
  /** When `#atRest` was last read, by the clock's `now`. */
  #readAt = -Infinity;
  /** The definers (undefined if they cannot be read), and when they were read, by the clock's `now`. */
  #definers: { readonly all: ReadonlySet<string> | undefined; readonly at: number } | undefined;

  /**
   * Returns the sessions, with each account that may be a definer's set to unknown. The definers are read every ten
   * seconds, so a newer routine is not known yet. That is why nobody is killed before {@linkcode confirm} was
   * called.
   * @param now By the clock's `now`, in milliseconds; the same for all calls of one look.
   * @throws {DatabaseError} `lost`.
   */
  async resolve(
    connection: Connection,
    { accounts }: Pick<Capabilities, "accounts">,
    { sessions, now }: SessionsOfLook,
  ): Promise<readonly Session[]> {
    if (accounts === "login" || !sessions.some(({ running }) => running)) return sessions;
    const definers = accounts === "definer" ? await this.#definersFor(connection, now, PAUSE) : undefined;
    const resolved = this.#withDefiners(sessions, definers);
    if (resolved.some(({ user }) => isUnknown(user)) && now - this.#readAt >= PAUSE) {
      this.#readAt = now;
      this.#note(await connection.query(AT_REST));
    }
    return resolved;
  }

  /**
   * Does the same once more, for sessions that are about to be killed, with the definers read after the sessions. A
   * routine that a session was running when it was read is then still defined, unless it was dropped meanwhile.
   * @throws {DatabaseError} `lost`.
   */
  async confirm(
    connection: Connection,
    { accounts }: Pick<Capabilities, "accounts">,
    { sessions, now }: SessionsOfLook,
  ): Promise<readonly Session[]> {
    if (accounts !== "definer" || this.#definers?.at === now) return sessions;
    if (!sessions.some(({ running, user }) => running && !isUnknown(user))) return sessions;
    return this.#withDefiners(sessions, await this.#definersFor(connection, now, 0));
  }

  /** The definers, at most `oldest` milliseconds old. */
  async #definersFor(
    connection: Connection,
    now: number,
    oldest: number,
  ): Promise<ReadonlySet<string> | undefined> {
    if (this.#definers === undefined || now - this.#definers.at >= oldest) {
      this.#definers = { all: await readDefiners(connection), at: now };
    }
    return this.#definers.all;
  }

  /** Returns the same array if nothing changed. */
  #withDefiners(
    sessions: readonly Session[],
    definers: ReadonlySet<string> | undefined,
  ): readonly Session[] {
    const resolved = sessions.map((session) => {
      const unknown = whyUnknown(session, { definers, atRest: this.#atRest.get(session.id) });
      return unknown === undefined ? session : withoutAccount(session, unknown);
    });
    return resolved.every((session, index) => session === sessions[index]) ? sessions : resolved;
  }

  /** Remembers the account of each idle connection for as long as the connection exists. */
  #note(rows: readonly Row[]): void {
    const found = rows.map((row): [number, string | undefined] => {
      const id = Number(row["id"]);
      return [id, row["account"] === null ? this.#atRest.get(id) : String(row["account"])];
    });
    this.#atRest = new Map(found.filter((entry): entry is [number, string] => entry[1] !== undefined));
  }
}

/** The sessions of one look. */
interface SessionsOfLook {
  readonly sessions: readonly Session[];
  readonly now: number;
}

const AT_REST = "SELECT ID AS id, IF(COMMAND = 'Sleep', " +
  "CONCAT(USER, '@', REGEXP_REPLACE(HOST, ':[0-9]+$', '')), NULL) AS account " +
  "FROM information_schema.PROCESSLIST";

/** Why a session's account is unknown; undefined if it is the one shown. */
function whyUnknown(
  { user, host, running }: Session,
  { definers, atRest }: {
    readonly definers: ReadonlySet<string> | undefined;
    readonly atRest: string | undefined;
  },
): Unknown | undefined {
  if (!running || isUnknown(user)) return undefined;
  const account = `${user}@${host}`;
  // The host of a client is never a pattern or empty. That of a definer, or of a role, may be.
  if (host === "" || String(host).includes("%")) return INSIDE;
  if (atRest !== undefined) return atRest === account ? undefined : INSIDE;
  if (definers === undefined) return UNREAD;
  return definers.has(account) ? PERHAPS_INSIDE : undefined;
}

const REMEDY = "who is logged in, and what runs, the server shows with its performance schema only";
const INSIDE: Unknown = { unknown: `it runs a stored routine, under the routine's definer: ${REMEDY}` };
const PERHAPS_INSIDE: Unknown = {
  unknown: `it may run a stored routine that this account defines: ${REMEDY}`,
};
const UNREAD: Unknown = {
  unknown:
    "it may run a stored routine, under the routine's definer: it takes the server's performance schema, " +
    "or on MariaDB SELECT on mysql.proc, to know",
};

/** Inside a routine, the statement shown is not the one that the client sent. */
function withoutAccount(session: Session, unknown: Unknown): Session {
  const { user, sql } = session;
  const account = { ...session, user: unknown, host: unknown, definer: String(user) };
  if (unknown === UNREAD) return account;
  return {
    ...account,
    sql: unknown,
    verb: unknown,
    ...session.digest !== undefined && { digest: unknown },
    ...typeof sql === "object" && { shown: session.shown ?? sql },
  };
}
