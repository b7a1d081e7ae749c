import type { Clock } from "../../clock.ts";
import { connectAside, type Server } from "../server.ts";
import { type Connection, type ConnectionTarget, DatabaseError } from "../../connection/mod.ts";
import type { Identity } from "../../policy/mod.ts";
import { kill } from "../kill.ts";
import { readSessions } from "../reads/sessions.ts";

/**
 * The result of a test kill of an own session: how long its statement took to end, in milliseconds, or why the kill
 * failed.
 */
export type KillProof = { readonly ms: number } | { readonly failed: string };

/** How long the statement would run, in seconds: less than the limit of our own statements. */
const SECONDS = 2;
/** How often to try: a reading may be torn. */
const TRIES = 5;
/** How long to wait for it to be seen, in milliseconds. */
const BEGINS_WITHIN = 1000;

type Victim = Pick<Connection, "id" | "query" | "close">;

/**
 * Starts a statement on a new connection, and has the server compare and kill it like any other. This does not prove
 * that the account may kill sessions of others. Never fails.
 */
export async function proveKill(
  { killing, capabilities }: Server,
  target: ConnectionTarget,
  { clock, identity, connect = connectAside }: {
    readonly clock: Clock;
    readonly identity: Identity;
    /** Opens the connection whose statement is killed. */
    readonly connect?: (target: ConnectionTarget) => Promise<{ readonly connection: Victim }>;
  },
): Promise<KillProof> {
  if (killing === undefined) return { failed: "there is no connection for kills" };
  try {
    const { connection: victim } = await connect(target);
    try {
      const begun = clock.now();
      const statement = victim.query(`DO SLEEP(${SECONDS})`).catch(() => undefined);
      const session = await findRunning(victim.id);
      if (session === undefined) return { failed: "its own statement is not in the list of sessions" };
      const sent = clock.now();
      const { execution, running } = session;
      const target = {
        kind: "query",
        id: victim.id,
        execution,
        running,
        server: identity,
        lease: undefined,
      } as const;
      for (let tries = 1; await kill(killing, capabilities, target) === "missed"; tries++) {
        if (tries === TRIES) return { failed: "the server did not find it again" };
      }
      await statement;
      const ended = clock.now();
      return ended - begun < SECONDS * 1000
        ? { ms: Math.round((ended - sent) * 10) / 10 }
        : { failed: "its statement ran on" };
    } finally {
      await victim.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { failed: error.withAdvice };
  }

  async function findRunning(id: number) {
    for (const until = clock.now() + BEGINS_WITHIN; clock.now() < until; await clock.sleep(5)) {
      const [session] = await readSessions(killing!, capabilities, { ids: [id], uptime: Infinity });
      // The server may answer before it considers a statement ended, and the session's setup is a SELECT.
      if (session?.running && session.verb === "do" && session.execution !== "") return session;
    }
    return undefined;
  }
}
