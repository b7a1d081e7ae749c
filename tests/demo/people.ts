import { type Account, Client, type LabServer, waitFor } from "../lab/mod.ts";

/** Who is in the demonstration besides the application. */
export const PEOPLE = {
  analyst: { user: "analyst", password: "analyst" },
  clerk: { user: "clerk", password: "clerk" },
  reporter: { user: "reporter", password: "reporter" },
  backup: { user: "backup", password: "backup" },
} as const satisfies Record<string, Account>;

/** One of them. */
export type Person = keyof typeof PEOPLE;

/** Connects one of them to a server. */
export function connect(server: LabServer, who: Person): Promise<Client> {
  return Client.connect(server, PEOPLE[who], { database: "test" });
}

/** How a statement ended for its client. */
export interface Ending {
  /** When, by `performance.now()`. */
  readonly at: number;
  readonly rows: number;
  readonly error?: { readonly errno: number; readonly message: string };
}

/** A statement under way. */
export interface Running {
  /** The id of its connection. */
  readonly id: number;
  readonly startedAt: number;
  /** Never rejects: an error is an ending too. */
  readonly ended: Promise<Ending>;
}

/** Sends a statement and takes the time. */
export function start(client: Client, sql: string): Running {
  const ended = client.query(sql).then(
    (rows): Ending => ({ at: performance.now(), rows: rows.length }),
    (error): Ending => {
      const { errno = 0, message } = error as { readonly errno?: number; readonly message: string };
      return { at: performance.now(), rows: 0, error: { errno, message } };
    },
  );
  return { id: client.id, startedAt: performance.now(), ended };
}

/** Waits for a query's result, which nobody may have taken from it; returns how long it took, for people. */
export async function resultOf(query: Running, who: Person): Promise<string> {
  const { error, at } = await waitFor(`the result of the ${who}'s query`, () => query.ended, {
    timeoutMs: 30_000,
  });
  const seconds = `${((at - query.startedAt) / 1000).toFixed(1)} s`;
  if (error) throw new Error(`The query of the ${who} was to be spared: ${error.message} after ${seconds}`);
  return seconds;
}
