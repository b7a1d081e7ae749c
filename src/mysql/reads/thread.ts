import { type Connection, refusal } from "../../connection/mod.ts";

/** A server thread that is not a client session. */
export interface ServerThread {
  /** Its name in the performance schema. */
  readonly name: string;
  /** What it is, to follow the words "it is". */
  readonly what: string;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/event_worker$/, "an event that the scheduler runs"],
  [/event_scheduler$/, "the event scheduler"],
  [/(?:replica|slave)_(?:sql|worker)$/, "a replication applier"],
  [/(?:replica|slave)_io$/, "a replication receiver"],
];

/**
 * Describes the thread behind an id that is not a client session's: an id of the process list, or a negative one
 * for a thread without such an id (see `WaitEdge`). Undefined if the performance schema does not show it.
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
