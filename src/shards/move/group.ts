import type { WatchedDatabase } from "../../config/mod.ts";
import { didYouMean, quoted } from "../../text/nearest.ts";
import { crc32 } from "../slots/crc32.ts";
import { type GroupAccess, MoveError } from "./contract.ts";
import { Session } from "./session.ts";

/** A database of the configuration. @throws {MoveError} */
export function databaseOf({ databases }: GroupAccess, name: string): WatchedDatabase {
  const found = databases.find((database) => database.name === name);
  if (found !== undefined) return found;
  const names = databases.map(({ name }) => name);
  throw new MoveError(`no database has this name: ${quoted(name)}${didYouMean(name, names, '"')}`);
}

/** What a session of a move is for: each has a lock of its own, so that both can be on one server. */
export type Role = "metadata" | "source" | "destination";

/**
 * Opens a session with a database of the group. With a role it holds the lock of it: what is written over the session is
 * written by one process only.
 */
export function openSession(group: GroupAccess, name: string, role?: Role): Promise<Session> {
  const { schema } = group.sharding;
  return Session.open({
    database: databaseOf(group, name),
    schema,
    ...role !== undefined &&
      { lock: `qs_move_${role}_${crc32(new TextEncoder().encode(schema)).toString(16)}` },
  });
}

/** Opens a session for as long as it is used. */
export async function withSession<T>(
  group: GroupAccess,
  name: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(group, name);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Opens a session with the database of the map. */
export function withMetadata<T>(group: GroupAccess, use: (session: Session) => Promise<T>): Promise<T> {
  return withSession(group, group.sharding.metadata, use);
}
