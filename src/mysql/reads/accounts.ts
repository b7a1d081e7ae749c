import type { Capabilities } from "../capabilities.ts";
import type { Connection, Row } from "../../connection/mod.ts";
import { readDefiners } from "../definers.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/** How often the accounts of connections at rest, and of definers, are read again, in milliseconds. */
const PAUSE = 10_000;

/**
 * Whose the sessions of one server are, where its process list shows the definer of the routine that a session runs in
 * place of the account that logged in. Of a session at rest it shows that account, and what was seen then is kept.
 */
export class Accounts {
  /** By connection: an id is given once only. */
  #atRest: ReadonlyMap<number, string> = new Map();
  /** By the clock's `now`. */
  #readAt = -Infinity;
  /** Those that could be read, and when that was, by the clock's `now`. */
  #definers: { readonly all: ReadonlySet<string> | undefined; readonly at: number } | undefined;

  /**
   * The sessions, with accounts unknown that may be definers'. Who defines routines is read every ten seconds: a
   * routine that was made since is not known of, so that nobody is ended by this alone. See {@linkcode confirm}.
   * @param now Of the clock's `now`, in milliseconds; the same for all of one look.
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
   * The sessions that {@linkcode resolve} returned at this look, with accounts unknown that have turned out to be
   * definers', for those that are about to be ended. The definers are read after the sessions were: whoever ran a
   * routine then was inside of one that is there now, unless it was dropped while it ran.
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

  /** Who defines routines, as it was read at most so long ago. */
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

  /** The same sessions, where nothing is unknown of them that was known. */
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

  /** The account of a connection that is no longer at rest is kept while the connection exists. */
  #note(rows: readonly Row[]): void {
    const found = rows.map((row): [number, string | undefined] => {
      const id = Number(row["id"]);
      return [id, row["account"] === null ? this.#atRest.get(id) : String(row["account"])];
    });
    this.#atRest = new Map(found.filter((entry): entry is [number, string] => entry[1] !== undefined));
  }
}

/** Sessions as one look read them. */
interface SessionsOfLook {
  readonly sessions: readonly Session[];
  readonly now: number;
}

const AT_REST = "SELECT ID AS id, IF(COMMAND = 'Sleep', " +
  "CONCAT(USER, '@', REGEXP_REPLACE(HOST, ':[0-9]+$', '')), NULL) AS account " +
  "FROM information_schema.PROCESSLIST";

/** Why a session's account is unknown; undefined if it is as shown. */
function whyUnknown(
  { user, host, running }: Session,
  { definers, atRest }: {
    readonly definers: ReadonlySet<string> | undefined;
    readonly atRest: string | undefined;
  },
): Unknown | undefined {
  if (!running || isUnknown(user)) return undefined;
  const account = `${user}@${host}`;
  // A client's host is never a pattern and never empty. The host of a definer may be, and so may that of a role.
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

/** Inside of a routine the statement that is shown is not the one that the client sent. */
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
