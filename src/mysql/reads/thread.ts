import { type Connection, refusal } from "../../connection/mod.ts";

/** A thread of a server that is no session of a client. */
export interface ServerThread {
  /** As the performance schema calls it. */
  readonly name: string;
  /** What it is, behind "it is". */
  readonly what: string;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/event_worker$/, "an event that the scheduler runs"],
  [/event_scheduler$/, "the event scheduler"],
  [/(?:replica|slave)_(?:sql|worker)$/, "a replication applier"],
  [/(?:replica|slave)_io$/, "a replication receiver"],
];

/**
 * What an id of the process list stands for that is no session of a client, or one below 0, for a thread without such an
 * id (see `WaitEdge`); undefined where the performance schema does not show it.
 * @throws {DatabaseError} `lost`.
 */
export async function readThread(connection: Connection, id: number): Promise<ServerThread | undefined> {
  if (!Number.isSafeInteger(id)) throw new RangeError(`not an id: ${id}`);
  const column = id < 0 ? `THREAD_ID = ${-id}` : `PROCESSLIST_ID = ${id}`;
  try {
    const [row] = await connection.query(
      `SELECT NAME AS name FROM performance_schema.threads WHERE ${column} LIMIT 1`,
    );
    if (row === undefined) return undefined;
    const name = String(row["name"]);
    return { name, what: KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "a thread of the server" };
  } catch (error) {
    refusal(error);
    return undefined;
  }
}
